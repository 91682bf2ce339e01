"""Pure decisions: stored facts, the regime and ``now`` in; a decision and its reason out."""
