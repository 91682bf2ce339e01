"""A word to systemd, if it started us: a datagram to the socket it named."""

from __future__ import annotations

import os
import socket
import time

PATIENCE = 1.0  # seconds for a manager whose queue is full: nothing else goes on meanwhile


def notify(*lines: str) -> bool:
    """Send lines such as ``READY=1``; ``False`` if nobody is listening."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        try:
            way.settimeout(PATIENCE)
            way.connect(address)
            way.sendall("\n".join(lines).encode())
        except OSError:  # what it named is gone, or does not listen: that is no reason to stop watching
            return False
    return True


def notify_reloading() -> bool:
    """Say that the configuration is being read again; systemd wants the instant of it."""
    return notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
