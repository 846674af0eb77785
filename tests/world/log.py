"""Entries and records for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from chatwarden.audit.model import VERSION, Entry, Event, Lane, encode
from chatwarden.audit.ocsf import OCSF
from chatwarden.audit.records import Record

AT = 1_795_878_000_123_456


def entry(event: Event = Event.MESSAGE_RECEIVED, **more: Any) -> Entry:
    """One entry, as this version writes it."""
    given: dict[str, Any] = {
        "v": VERSION, "id": "aud_" + "0" * 32, "at": AT, "lane": Lane.CLIENT, "event": event, "ocsf": OCSF[event],
        "actor": "usr_" + "1" * 32,
    }  # fmt: skip
    return Entry(**given | more)


def record(event: Event = Event.MESSAGE_RECEIVED, *, number: int = 1, year: int = 2026, **more: Any) -> Record:
    """One record."""
    return Record(number, year, number - 1, encode(entry(event, **more)))
