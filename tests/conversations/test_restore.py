"""Values are read where they live, for their own person only."""

from __future__ import annotations

import pytest
from tests.conversations.conftest import made
from tests.conversations.test_service import ANNA, BERT, begun, said

from chatwarden.audit.model import Lane
from chatwarden.classes import Action, DataClass
from chatwarden.clock import HOUR, MINUTE, ManualClock
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Item, Message, MessageState, Source
from chatwarden.conversations.restore import Restorer
from chatwarden.conversations.service import Conversations
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.storage.model import Database

EMAIL, CARD = DataClass.EMAIL, DataClass.PAYMENT_CARD
TEXT = "mo@house.example and 4111 1111 1111 1111"
ITEMS = (
    Item(EMAIL, 0, 16, Action.PLACEHOLDER, "[email-1]", "m•••@house.example"),
    Item(CARD, 21, 40, Action.MASKED, "[payment-card-1]", "4111 11•• •••• 1111"),
)
REPLY = "Is it [email-1] or [email-2]? Paid with [Payment Card 1]."


@pytest.fixture
def restorer(conversations: Conversations) -> Restorer:
    return Restorer(conversations)


async def talking(
    database: Database, conversations: Conversations, clock: ManualClock, text: str = TEXT,
    items: tuple[Item, ...] = ITEMS, who: object = ANNA, life: int = 15 * MINUTE,
) -> tuple[Conversation, Message]:  # fmt: skip
    talk = await begun(conversations, clock, who)  # type: ignore[arg-type]
    message = await said(database, conversations, talk, clock, text, items=items, life=life)
    memory.put_back(talk, message)
    return talk, message


def reply(text: str = REPLY, source: Source = Source.BOT) -> Message:
    return Message("msg_x", 9, source, 0, 1, MessageState.LIVE, text)


async def shown(restorer: Restorer, talk: Conversation, clock: ManualClock, message: Message) -> str:
    return (await restorer.shown(talk, [message], clock.now()))[0].text


async def test_a_person_reads_what_their_own_screen_shows(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, _ = await talking(database, conversations, clock)
    assert await shown(restorer, talk, clock, reply()) == (
        "Is it mo@house.example or [email-2]? Paid with 4111 11•• •••• 1111."
    )
    for source in (Source.CLIENT, Source.SYSTEM, Source.AGENT):  # only a bot speaks in placeholders
        assert await shown(restorer, talk, clock, reply(source=source)) == REPLY


async def test_somebody_elses_value_is_never_read(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    anna, _ = await talking(database, conversations, clock)
    other = "bert@den.example"
    bert, _ = await talking(
        database, conversations, clock, other, (Item(EMAIL, 0, 16, Action.PLACEHOLDER, "[email-1]", "b"),), BERT
    )
    assert (await shown(restorer, anna, clock, reply("[email-1]"))) == "mo@house.example"
    assert (await shown(restorer, bert, clock, reply("[email-1] [payment-card-1]"))) == f"{other} [payment-card-1]"
    # Even a space that names what is not its own reads nothing that is another's.
    bert.tokens.restore(CARD, "x", "[payment-card-1]", seq=1, dies_at=clock.now() + HOUR)
    assert (await shown(restorer, bert, clock, reply("[payment-card-1]"))) == "[payment-card-1]"


async def test_a_value_dies_with_its_message(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, message = await talking(database, conversations, clock)
    await conversations.endings.destroy(talk, message.id, clock.now(), reason="person", actor=ANNA.id, lane=Lane.CLIENT)
    assert await shown(restorer, talk, clock, reply()) == REPLY
    assert (
        talk.tokens.name(EMAIL, "mo@house.example", seq=7, dies_at=clock.now() + HOUR, now=clock.now()) == "[email-7]"
    )


async def test_a_value_is_gone_at_its_deadline_before_any_sweep(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, message = await talking(database, conversations, clock)
    talk.tokens.restore(EMAIL, "mo@house.example", "[email-1]", seq=1, dies_at=clock.now() + 10 * HOUR)  # memory errs
    clock.advance(message.destroy_at - clock.now())
    assert await shown(restorer, talk, clock, reply()) == REPLY


async def test_a_value_that_was_said_twice_is_read_where_it_still_lives(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, first = await talking(database, conversations, clock, life=HOUR)
    again = await said(database, conversations, talk, clock, TEXT, items=ITEMS)
    memory.put_back(talk, again)
    await conversations.endings.destroy(talk, first.id, clock.now(), reason="person", actor=ANNA.id, lane=Lane.CLIENT)
    assert await shown(restorer, talk, clock, reply("[email-1]")) == "mo@house.example"


async def test_after_a_restart_values_are_where_they_were(
    database: Database, ring: KeyRing, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    talk, _ = await talking(database, conversations, clock)
    after = await made(database, ring, shares)
    again = await after.access(ANNA, talk.id, clock.now())
    assert await shown(Restorer(after), again, clock, reply("[email-1]")) == "mo@house.example"


async def test_an_application_gets_the_values_of_the_classes_that_it_was_granted(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, _ = await talking(database, conversations, clock)
    text = "GET /card?number=[payment-card-1]&mail=[email-1]"
    granted = await restorer.restore(talk, text, {CARD}, clock.now())
    assert granted == "GET /card?number=4111 1111 1111 1111&mail=[email-1]"
    assert await restorer.restore(talk, text, (), clock.now()) == text


async def test_a_stream_says_the_same_and_reads_nothing_ahead(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, message = await talking(database, conversations, clock)
    veil = restorer.stream(talk, clock)
    pieces = [await veil.feed(letter) for letter in REPLY] + [await veil.finish()]
    assert "".join(pieces) == await shown(restorer, talk, clock, reply())
    late = restorer.stream(talk, clock)
    assert await late.feed("to [email-") == "to "
    clock.advance(message.destroy_at - clock.now())  # the value dies while its name is being said
    assert await late.feed("1] now") == "[email-1] now"


async def test_where_nothing_can_be_put_back_nothing_is_held_back(
    conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    veil = restorer.stream(await begun(conversations, clock), clock)
    assert [await veil.feed("to [email-"), await veil.feed("1]"), await veil.finish()] == ["to [email-", "1]", ""]


async def test_what_a_program_of_the_person_gets_is_what_their_screen_shows(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    talk, message = await talking(database, conversations, clock)
    put_back = await restorer.putting_back(talk, REPLY, clock.now())
    assert put_back("[email-1]") == "mo@house.example"
    assert put_back("[payment-card-1] [email-2]") == "4111 11•• •••• 1111 [email-2]"
    assert put_back("https://shop.example/?mail=[email-1]") == "https://shop.example/?mail=[email-1]"
    clock.advance(message.destroy_at - clock.now())
    late = await restorer.putting_back(talk, REPLY, clock.now())
    assert late("[email-1]") == "[email-1]"


async def test_a_program_of_somebody_else_gets_nothing(
    database: Database, conversations: Conversations, restorer: Restorer, clock: ManualClock
) -> None:
    await talking(database, conversations, clock)
    other = await begun(conversations, clock, BERT)
    assert (await restorer.putting_back(other, REPLY, clock.now()))(REPLY) == REPLY
