"""What a record needs after it was put back."""

from __future__ import annotations

import pytest

from chatwarden import restored
from chatwarden.backup.model import NOTE, Restoration, note
from chatwarden.ephemeral.model import Place
from chatwarden.storage.model import SET_META, StorageFailed, Transaction
from tests.world.backups import ORDINARY, STRICT, Talk, events, read, talk
from tests.world.disk import no_file_longer_than
from tests.world.house import House


async def noted(house: House, *, planted: bool = False) -> Restoration:
    todo = Restoration("bak_1", 1_700_000_000_000_000, 7, planted)
    tx = Transaction()
    tx.add(SET_META, (NOTE, note(todo)))
    await house.node.database.commit(tx)
    return todo


async def finish(house: House, todo: Restoration) -> None:
    services = house.node.services
    await restored.finish(
        todo, services.clock.now(), database=house.node.database, audit=services.audit, sessions=services.sessions,
        identity=services.identity, conversations=services.conversations, bots=services.administration,
        applications=services.errands.applications, actor="control",
    )  # fmt: skip


async def key_is_lost(house: House, of: Talk, number: int) -> None:
    """As by a destruction that the record that was put back knows nothing of."""
    services = house.node.services
    conversation = await services.conversations.find(of.id)
    message = await services.conversations.message(conversation, of.said[number], services.clock.now())
    await house.node.ring.destroy([Place(*message.where)])


async def test_a_record_that_was_not_put_back_has_nothing_pending(house: House) -> None:
    assert await restored.pending(house.node.database) is None
    todo = await noted(house)
    assert await restored.pending(house.node.database) == todo


async def test_sessions_end_rows_without_a_key_become_tombstones_and_the_note_goes_last(house: House) -> None:
    said = await talk(house, *ORDINARY)
    other = await house.visitor()
    await key_is_lost(house, said, 0)
    todo = await noted(house)
    await finish(house, todo)
    assert await read(house, said) == ["", ORDINARY[1]]
    for token in (said.token, other):
        told = await house.ask("GET", "/api/v1/session", None, token)
        assert (told.problem, told.json["reason"]) == ("session-ended", "revoked")
    log = await events(house)
    assert ("message:destroyed", said.said[0], "destroyed-before") in log
    assert log[-1] == ("backup:restored", "bak_1", "made 2023-11-14T22:13:20.000Z")
    assert await restored.pending(house.node.database) is None
    tombstones = await house.node.database.fetch("SELECT reason FROM tombstones")
    assert tombstones == [("destroyed-before",)]


async def test_strict_messages_whose_keys_never_came_along_are_lost_with_their_holder(house: House) -> None:
    said = await talk(house, STRICT, "ordinary")
    await key_is_lost(house, said, 0)
    await finish(house, await noted(house, planted=True))
    assert ("message:destroyed", said.said[0], "holder-lost") in await events(house)
    assert await read(house, said) == ["", "ordinary"]


async def test_what_could_not_be_done_stays_noted(house: House) -> None:
    said = await talk(house, *ORDINARY)
    await key_is_lost(house, said, 0)
    await noted(house)
    todo = await restored.pending(house.node.database)
    assert todo is not None
    with no_file_longer_than(1), pytest.raises(StorageFailed):
        await finish(house, todo)
    assert await restored.pending(house.node.database) == todo
    await finish(house, todo)
    assert await restored.pending(house.node.database) is None
