"""``yuqing demo``: the whole product, seen in a minute, without any account."""

from .run import run_demo

__all__ = ["run_demo"]
