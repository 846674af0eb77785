"""Rows: written anew towards an earlier death only."""

from __future__ import annotations

import hashlib

import pytest
from tests.conversations.test_endings import CARD, ITEMS, destroy, keys, texts
from tests.conversations.test_service import begun, said

from chatwarden.clock import DAY, MINUTE, ManualClock
from chatwarden.conversations import payload, store
from chatwarden.conversations.service import Conversations
from chatwarden.crypto import seal_once
from chatwarden.ephemeral.model import Place
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.storage.model import Database, Stale, Transaction


async def test_a_message_is_shortened_and_its_old_key_is_gone(
    database: Database, ring: KeyRing, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    other = await said(database, conversations, talk, clock, "stays", life=30 * DAY)
    message = await said(database, conversations, talk, clock, CARD, life=30 * DAY, client_id="mine")
    [page] = keys(ring)
    tx = Transaction()
    soon = clock.now() // MINUTE * MINUTE + 15 * MINUTE
    short = await conversations.rows.shorten(tx, talk, message, clock.now(), destroy_at=soon, items=ITEMS)
    await database.commit(tx)
    await conversations.endings.settle_marked()
    assert page not in keys(ring)
    assert store.is_strict(short.where)  # a card was found in it since
    assert (short.id, short.seq, short.at, short.destroy_at) == (message.id, message.seq, message.at, soon)
    now = await conversations.message(talk, message.id, clock.now())
    assert (now.text, now.items, now.client_id, now.destroy_at) == (CARD, ITEMS, "mine", soon)
    found = await conversations.sent_before(talk, "mine", clock.now())
    assert found is not None
    assert found[0].id == message.id
    clock.advance(20 * MINUTE)
    assert await texts(conversations, talk, clock) == [other.text]


async def test_nothing_lives_longer_by_being_written_anew(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    message = await said(database, conversations, talk, clock)
    tx = Transaction()
    again = await conversations.rows.shorten(tx, talk, message, clock.now(), destroy_at=clock.now() + 99 * DAY)
    assert again.destroy_at == message.destroy_at


async def test_one_that_died_meanwhile_is_not_written_anew(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    message = await said(database, conversations, talk, clock)
    await destroy(conversations, talk, message, clock)
    tx = Transaction()
    soon = clock.now() // MINUTE * MINUTE + 2 * MINUTE
    await conversations.rows.shorten(tx, talk, message, clock.now(), destroy_at=soon)
    with pytest.raises(Stale):
        await database.commit(tx)
    assert await texts(conversations, talk, clock) == []


async def test_the_commitment_of_a_message_tells_nothing_once_its_key_is_gone(
    database: Database, ring: KeyRing, conversations: Conversations, clock: ManualClock
) -> None:
    """It is the hash of a sealed form that only the key makes: who guesses the text, and even keeps the place and the salt,
    cannot try the guess any more.
    """
    talk = await begun(conversations, clock)
    message = await said(database, conversations, talk, clock, "yes", life=30 * DAY)
    same = await said(database, conversations, talk, clock, "yes", life=30 * DAY)
    assert message.commitment != same.commitment  # equal texts are not seen to be equal
    rows = await database.fetch("SELECT payload FROM messages WHERE seq = ?", (message.seq,))
    blob = rows[0][0]
    assert isinstance(blob, bytes)
    assert hashlib.sha256(blob).hexdigest() == message.commitment
    place, salt = Place(*message.where), blob[1:17]
    aad = payload.associated_data(talk.no, message.seq, message.source, message.at, message.destroy_at)
    guess = payload.encode("yes", (), "")
    padded = len(guess).to_bytes(4, "big") + guess
    padded += bytes(-len(padded) % 64)

    def tried() -> str:
        sealed = seal_once(ring._key(place), salt, aad, padded)
        return hashlib.sha256(b"\x02" + salt + sealed).hexdigest()

    assert tried() == message.commitment  # while the key lives, a guess can be tried by who has it
    await destroy(conversations, talk, message, clock)
    with pytest.raises(Gone):
        tried()
