"""What the daemon shows to browsers and monitors: acknowledgement links, and whether it is well."""

from .app import make_app
from .server import WebServer

__all__ = ["WebServer", "make_app"]
