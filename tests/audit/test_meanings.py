"""Every event has a row that says what happened, and the watch over what happens cannot be fooled."""

from __future__ import annotations

import pytest
from tests.world import happened
from tests.world.house import House

from chatwarden.audit.meanings import MEANINGS
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.storage.model import Transaction


def test_every_event_has_its_row() -> None:
    assert set(MEANINGS) == set(Event), "add what it means, then: python -m chatwarden.audit.reference"
    for meaning in MEANINGS.values():
        assert meaning.lanes
        assert len(set(meaning.lanes)) == len(meaning.lanes)
        assert meaning.happened.endswith((".", "`."))


async def test_what_the_program_records_is_seen_and_what_a_test_records_is_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[tuple[str, str]] = set()
    monkeypatch.setattr(happened, "_SEEN", seen)
    AuditLog(house.node.database).append(Transaction(), Event.WITNESS_REFUSED, lane=Lane.SYSTEM, actor="a", at=1)
    assert seen == set()
    await house.visitor()
    assert seen == {("session:started", "client")}


def test_what_did_not_happen_and_what_was_not_promised_is_named() -> None:
    seen = {(event.value, meaning.lanes[0].value) for event, meaning in MEANINGS.items()}
    assert (happened.unseen(seen), happened.unpromised(seen)) == ([], [])
    assert happened.unseen(seen - {("key:made", "staff")}) == ["key:made"]
    assert happened.unpromised({("message:answered", "client")}) == ["message:answered in client"]
