"""The built-in ways out: one module a sender. docs/channels.md tells operators how to set each up."""
