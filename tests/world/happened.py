"""Watches which events the program records while the tests run, and in which lane: none may exist that no test makes happen.

A pytest plugin. Only what the program itself records counts: a test that appends an entry or only names an event shows
nothing, so this cannot be fooled by a mention. Workers of pytest-xdist report to the one that started them. A run of the
whole suite fails when an event was not seen, or happened in a lane that its row in audit/meanings.py does not promise;
``--events`` only prints both, for a run of some files. Not seen here: what a gateway records that runs as a process of its
own. Each event therefore has a test inside the process.
"""

from __future__ import annotations

import sys
from functools import wraps
from typing import Any

import pytest

from chatwarden.audit.meanings import MEANINGS
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.storage.model import Transaction

_SEEN: set[tuple[str, str]] = set()
_OUTPUT = "audit-events"


def watch() -> None:
    """From now on, what the program appends is noted."""
    append = AuditLog.append

    @wraps(append)
    def noting(self: AuditLog, tx: Transaction, event: Event, *, lane: Lane, **more: Any) -> str:
        if sys._getframe(1).f_globals["__name__"].startswith("chatwarden."):
            _SEEN.add((event.value, lane.value))
        return append(self, tx, event, lane=lane, **more)

    AuditLog.append = noting  # type: ignore[method-assign]


def unseen(seen: set[tuple[str, str]]) -> list[str]:
    """Events that did not happen."""
    return sorted({event.value for event in Event} - {event for event, _ in seen})


def unpromised(seen: set[tuple[str, str]]) -> list[str]:
    """What happened in a lane in which it should not."""
    return sorted(f"{event} in {lane}" for event, lane in seen if Lane(lane) not in MEANINGS[Event(event)].lanes)


class Happened:
    """The plugin."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        config = session.config
        if hasattr(config, "workeroutput"):
            config.workeroutput[_OUTPUT] = sorted(_SEEN)
            return
        chosen = config.getoption("keyword") or config.getoption("lf", default=False)
        whole = config.args == config.getini("testpaths") and not chosen and not session.shouldstop
        if whole and (unseen(_SEEN) or unpromised(_SEEN)) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self.failed = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        _SEEN.update(map(tuple, getattr(node, "workeroutput", {}).get(_OUTPUT, [])))

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if not (config.getoption("--events") or getattr(self, "failed", False)):
            return
        terminalreporter.section("events of the log")
        for title, found in (("no test makes happen", unseen(_SEEN)), ("happened and not promised", unpromised(_SEEN))):
            terminalreporter.line(f"{title}: {', '.join(found) or 'none'}")
