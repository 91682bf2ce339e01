"""Logs: plain lines for people, JSON lines for collectors. A log line may be lost; what matters is a row."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from .config import LogSettings

_FIELD = re.compile(r"(\w+)=(\S+)")


class JsonFormatter(logging.Formatter):
    """One JSON object a line; the ``key=value`` pairs of a message become fields of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        message = record.getMessage()
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
            "fields": dict(_FIELD.findall(message)),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: LogSettings) -> None:
    """Log to standard error, as the configuration says."""
    handler = logging.StreamHandler(sys.stderr)
    if settings.format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logging.basicConfig(level=settings.level, handlers=[handler], force=True)
    for noisy in ("alembic", "apprise", "asyncio", "urllib3", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
