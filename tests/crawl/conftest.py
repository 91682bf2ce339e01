"""The workers and sites of these tests."""

from crew import crew, other, site

__all__ = ["crew", "other", "site"]
