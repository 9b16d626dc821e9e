"""How the platform's log lines look: for people on a console, or one JSON object a line."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

# What a LogRecord always carries; anything else was given as `extra` and belongs in the line.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Where a path itself lets somebody in.
SECRET_PATHS = re.compile(r"(/auth/poll/)[^/?\s]+")


class Secrets(logging.Filter):
    """Keeps out of each line what would let its reader in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide ids in paths, and drop Django's request, whose text is the whole URL; keep the rest."""
        vars(record).pop("request", None)
        if isinstance(record.args, tuple):
            record.args = tuple(
                SECRET_PATHS.sub(r"\1…", value) if isinstance(value, str) else value
                for value in record.args
            )
        return True


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, extras and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({key: value for key, value in vars(record).items() if key not in STANDARD})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def logging_settings(*, level: str, style: str) -> dict[str, Any]:
    """Return Django's LOGGING for this level and style (console or json)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "console": {
                "format": "{asctime} {levelname:<7} {name}: {message}",
                "datefmt": "%H:%M:%S",
                "style": "{",
            },
            "json": {"()": "config.logs.JSONFormatter"},
        },
        "filters": {
            "request_ids": {"()": "config.api.requests.RequestIds"},
            "secrets": {"()": "config.logs.Secrets"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": style,
                "filters": ["request_ids", "secrets"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Replaces the handlers that Django installs, so that no line comes twice.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # Libraries that tell every request and every task at INFO.
            "httpx2": {"level": "WARNING"},
            "httpcore2": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "uvicorn": {"level": "WARNING"},
        },
    }
