"""Structured logs: one JSON object a line on standard error, with constant event names and plain fields.

A field is a number, a truth value or a short word. Text from outside never comes here: what is not such a value is
replaced by its type's name, so that neither personal data nor control characters reach a log by accident. What
happened to whom stands in the audit log, under pseudonyms.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType

import msgspec

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,127}")
_JSON = msgspec.json.Encoder()
LEVELS = ("debug", "info", "warning", "error")


class Logger:
    """Events of one part of the house."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"chatwarden.{name}")

    def debug(self, event: str, **fields: object) -> None:
        """For whoever looks for a fault."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Ordinary life."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Somebody should look."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Something did not work."""
        self._log(logging.ERROR, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """Something unexpected: with the places it passed through, never with values."""
        error = sys.exc_info()[1]
        self._log(logging.ERROR, event, fields, _places(error.__traceback__ if error else None))

    def uncaught(self, kind: type[BaseException] | None, trace: TracebackType | None) -> None:
        """What nobody caught: the same, where Python would print the error with its values."""
        self._log(logging.ERROR, "uncaught-error", {"kind": kind.__name__ if kind else "unknown"}, _places(trace))

    def _log(self, level: int, event: str, fields: dict[str, object], places: list[str] | None = None) -> None:
        if not self._logger.isEnabledFor(level):
            return
        record: dict[str, object] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),  # noqa: TID251  a log line is the machine's own
            "level": logging.getLevelName(level).lower(),
            "part": self._logger.name.partition(".")[2],
            "event": event,
        }
        record.update({name: _plain(value) for name, value in fields.items()})
        if places:
            record["places"] = places
        self._logger.log(level, "%s", _JSON.encode(record).decode())


def _places(trace: TracebackType | None) -> list[str]:
    return [
        f"{place.filename.rpartition('/')[2]}:{place.lineno}:{place.name}" for place in traceback.extract_tb(trace)[-8:]
    ]


def get_logger(name: str) -> Logger:
    """The logger of one part."""
    return Logger(name)


def configure(level: str) -> None:
    """Sends events from *level* up to standard error. Other libraries are heard from warnings up, by name only; what
    nobody catches is an event too, and no trace with values.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    house = logging.getLogger("chatwarden")
    house.handlers = [handler]
    house.propagate = False
    house.setLevel(level.upper())
    foreign = logging.StreamHandler(sys.stderr)
    foreign.setFormatter(_Foreign())
    logging.basicConfig(handlers=[foreign], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # it prints the arguments of what could not be logged
    uncaught = get_logger("process").uncaught
    sys.excepthook = lambda kind, _, trace: uncaught(kind, trace)
    threading.excepthook = lambda told: uncaught(told.exc_type, told.exc_traceback)
    sys.unraisablehook = lambda told: uncaught(told.exc_type, told.exc_traceback)


class _Foreign(logging.Formatter):
    """Another library's record: who spoke and how loud; what it said may hold anything."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line."""
        return _JSON.encode(
            {
                "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "part": _plain(record.name),
                "event": "library-message",
                "place": f"{record.filename}:{record.lineno}",
            }
        ).decode()


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    return f"<{type(value).__name__}>"
