"""The commented example that ``yuqing init`` copies, the shipped regimes, and JSON Schemas for editors."""
