"""A person's message in the light of those before it: what is split is found, what is refused leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from chatwarden.audit.model import Lane
from chatwarden.clock import HOUR, MINUTE, SECOND
from chatwarden.conversations.model import Message, MessageState
from chatwarden.errors import MessageBlocked
from tests.test_gateway import Talk
from tests.world.house import HEAD, Open
from tests.world.upstream import TEXT, Upstream, echo, honest, serving

SHOP = '[bots.shop]\nconnector = "openai"\nurl = "{url}"\nmodel = "m"\n'
Begin = Callable[..., AbstractAsyncContextManager[tuple[Talk, Upstream]]]
CARD = "4111 1111 1111 1111"


@pytest.fixture
def begin(open_house: Open) -> Begin:
    @asynccontextmanager
    async def beginning(more: str = "", bot: object = honest) -> AsyncIterator[tuple[Talk, Upstream]]:
        async with (
            serving(bot) as upstream,  # type: ignore[arg-type]
            open_house(HEAD + SHOP.format(url=upstream.url) + more) as house,
        ):
            services = house.node.services
            now = services.clock.now()
            session, _ = await services.sessions.visitor(now)
            talk = await services.conversations.open(session.principal, "shop", now, lane=Lane.CLIENT)
            yield Talk(house, session, talk), upstream

    return beginning


async def say(talk: Talk, *texts: str) -> list[str]:
    """Says them one after the other; what the bot may see of each."""
    seen = []
    for text in texts:
        received = await talk.receive(text)
        seen.append(received.bot_text)
        await talk.house.node.services.gateway.answer(received)
    return seen


async def mine(talk: Talk) -> list[Message]:
    return [message for message in await talk.record() if message.source == "client"]


def parts(message: Message) -> list[tuple[str, str, str]]:
    return [(i.data_class.value, message.text[i.start : i.end], i.action.value) for i in message.items]


async def test_a_card_in_pieces_is_found_and_its_earlier_pieces_are_treated_as_what_they_were(begin: Begin) -> None:
    async with begin() as (talk, upstream):
        seen = await say(talk, "my card is", "4111 1111", "1111 1111", "cvv 123", "thanks")
        assert seen == ["my card is", "4111 1111", "[payment-card-5b]", "cvv [card code hidden]", "thanks"]
        before, first, second, code, _ = await mine(talk)
        assert (parts(before), parts(first)) == ([], [("payment-card", "4111 1111", "masked")])
        assert parts(second) == [("payment-card", "1111 1111", "masked")]
        assert code.text == "cvv [card code hidden]"
        assert before.destroy_at > first.at + HOUR
        assert first.destroy_at <= first.at + 15 * MINUTE
        # From then on the bot sees neither half.
        heard = [line["content"] for line in upstream.asked[-1].body["messages"]]
        assert heard == [
            "my card is", TEXT, "[payment-card-5]", TEXT, "[payment-card-5b]", TEXT, "cvv [card code hidden]", TEXT,
            "thanks",
        ]  # fmt: skip
        told = [(entry.event, entry.object, entry.reason) for entry in await talk.entries()]
        assert ("message:shortened", first.id, "payment-card") in told


async def test_open_screens_are_told_again_of_what_turned_out_to_be_part_of_it(begin: Begin) -> None:
    async with begin() as (talk, _):
        listener = talk.house.node.services.hub.listen(talk.conversation.id, talk.session.id)
        await say(talk, "4111 1111", "1111 1111")
        events = []
        while not listener.queue.empty():
            events.append(listener.queue.get_nowait())
        again = [event.data for event in events if event and event.name == "message" and event.seq == 1]
        assert [b"4111" in data for data in again] == [True, False]


async def test_the_notice_tells_that_an_earlier_message_ends_sooner(begin: Begin) -> None:
    async with begin() as (talk, _):
        await say(talk, "4111 1111")
        assert (await talk.receive("1111 1111")).rewritten
        assert not (await talk.receive("bye")).rewritten


@pytest.mark.parametrize(
    ("more", "wait", "found"),
    [
        ("", 9 * MINUTE, True),
        ("", 10 * MINUTE, False),
        ('[policy]\nwithin = "20s"\n', 19 * SECOND, True),
        ('[policy]\nwithin = "20s"\n', 20 * SECOND, False),
        ("[policy]\nturns = 0\n", 0, False),
    ],
)
async def test_parts_belong_together_for_a_while_only(begin: Begin, more: str, wait: int, found: bool) -> None:
    async with begin(more) as (talk, _):
        await talk.receive("4111 1111")
        talk.house.clock.advance(wait)
        assert ((await talk.receive("1111 1111")).bot_text != "1111 1111") is found


@pytest.mark.parametrize(("between", "found"), [(5, True), (6, False)])
async def test_parts_belong_together_over_so_many_messages_only(begin: Begin, between: int, found: bool) -> None:
    async with begin() as (talk, _):
        await talk.receive("4111 1111")
        for _ in range(between):
            await talk.receive("wait a moment")
        assert ((await talk.receive("1111 1111")).bot_text != "1111 1111") is found


async def test_two_parts_that_come_at_once_find_each_other(begin: Begin) -> None:
    async with begin() as (talk, _):
        seen = await asyncio.gather(talk.receive("4111 1111"), talk.receive("1111 1111"))
        assert seen[1].bot_text.startswith("[payment-card-")
        assert all(parts(message) for message in await mine(talk))


async def test_a_part_whose_answer_is_still_being_made_is_hidden_in_later_turns_too(begin: Begin) -> None:
    async with begin() as (talk, upstream):
        gateway = talk.house.node.services.gateway
        first = await talk.receive("4111 1111")
        second = await talk.receive("1111 1111")
        await gateway.answer(first)  # it was asked before the other half came, and answers after
        await gateway.answer(second)
        await say(talk, "thanks")
        assert "4111" not in str(upstream.asked[-1].body)


async def test_a_part_that_is_destroyed_meanwhile_does_not_keep_the_next_from_being_heard(begin: Begin) -> None:
    async with begin() as (talk, _):
        services = talk.house.node.services
        first = await talk.receive("4111 1111")
        write = services.conversations.rows.write

        async def destroyed_first(*args: object, **more: object) -> Message:
            services.conversations.rows.write = write  # type: ignore[method-assign]
            await services.conversations.endings.destroy(
                talk.conversation, first.message.id, services.clock.now(), reason="person", actor="x", lane=Lane.CLIENT
            )
            return await write(*args, **more)  # type: ignore[arg-type]

        services.conversations.rows.write = destroyed_first  # type: ignore[method-assign]
        received = await talk.receive("1111 1111")
        assert received.message.state is MessageState.LIVE
        assert [m.text for m in await mine(talk) if m.state is MessageState.LIVE] == ["1111 1111"]


async def test_after_a_restart_an_earlier_part_is_looked_at_too(begin: Begin, open_house: Open) -> None:
    async with begin() as (talk, upstream):
        await talk.receive("4111 1111")
        who, name = talk.session, talk.conversation.id
        toml = HEAD + SHOP.format(url=upstream.url)
        now = talk.house.clock.now()
    async with open_house(toml) as house:
        services = house.node.services
        conversation = await services.conversations.access(who.principal, name, now)
        session, _ = await services.sessions.visitor(now)
        again = Talk(house, session, conversation)
        assert (await again.receive("1111 1111")).bot_text == "[payment-card-2b]"
        assert [parts(message) for message in await mine(again)] == [
            [("payment-card", "4111 1111", "masked")], [("payment-card", "1111 1111", "masked")]
        ]  # fmt: skip


BLOCK = '[bots.shop.policy]\npayment-card = "block"\niban = "hold"\n'


async def test_a_refused_message_leaves_one_entry_and_nothing_else(begin: Begin) -> None:
    async with begin(BLOCK) as (talk, upstream):
        before = len(await talk.entries())
        with pytest.raises(MessageBlocked) as refused:
            await talk.receive(f"card {CARD}")
        assert refused.value.extra == {"classes": ["payment-card"]}
        assert refused.value.detail == "Your message was not sent and not kept: this bot does not take a card number."
        assert (await talk.record(), upstream.asked) == ([], [])
        (entry,) = (await talk.entries())[before:]
        assert (entry.event, entry.object, entry.decision) == ("message:blocked", talk.conversation.id, "deny")
        assert (entry.reason, entry.lane) == ("payment-card", "client")
        assert len(talk.conversation.tokens) == 0
        assert await say(talk, "and without it?") == ["and without it?"]


async def test_the_first_half_of_what_is_refused_is_removed_when_the_second_comes(begin: Begin) -> None:
    async with begin(BLOCK) as (talk, upstream):
        await say(talk, "4111 1111")
        with pytest.raises(MessageBlocked):
            await talk.receive("1111 1111")
        (only,) = await mine(talk)
        assert (only.text, parts(only)[0][2]) == ("•••• ••••", "removed")
        await say(talk, "thanks")
        assert "4111" not in str(upstream.asked[-1].body)


async def test_who_is_asked_about_the_second_half_was_not_asked_about_the_first(begin: Begin) -> None:
    async with begin(BLOCK) as (talk, _):
        await say(talk, "DE89 3704 0044")
        received = await talk.receive("0532 0130 00")
        assert received.held
        assert [parts(message)[0][2] for message in await mine(talk)] == ["masked", "held"]


async def test_an_observed_bot_gets_both_halves_and_the_record_still_ends_sooner(begin: Begin) -> None:
    async with begin('mode = "observe"\n') as (talk, upstream):
        assert await say(talk, "4111 1111", "1111 1111") == ["4111 1111", "1111 1111"]
        first, _ = await mine(talk)
        assert [(i.action, i.would) for i in first.items] == [("allowed", "masked")]
        assert first.destroy_at <= first.at + 15 * MINUTE
        assert "4111 1111" in str(upstream.asked[-1].body)


async def test_what_the_law_wants_kept_is_not_shortened(begin: Begin) -> None:
    async with begin('[bots.shop.keep]\ndefault = "40d"\n') as (talk, _):
        await say(talk, "4111 1111", "1111 1111")
        first, _ = await mine(talk)
        assert first.destroy_at > first.at + 39 * 24 * HOUR
        assert parts(first)


async def test_what_could_not_be_checked_stays_unseen_in_later_turns(begin: Begin) -> None:
    """More candidates than may be looked at: the bot hears that there was something, then and later."""
    async with begin() as (talk, upstream):
        text = "call " + " ".join(f"+49 30 9018{n:03d}" for n in range(400))
        seen = await say(talk, text, "and now?")
        assert seen[0] == "(a message that could not be checked)"
        assert "9018" not in str(upstream.asked[-1].body)


@pytest.mark.parametrize("way", ["answer", "stream"])
async def test_the_bot_echoes_placeholders_and_the_person_reads_their_own_values(begin: Begin, way: str) -> None:
    async with begin(bot=echo) as (talk, upstream):
        gateway = talk.house.node.services.gateway
        received = await talk.receive(f"mail mo@house.example, card {CARD}, not [email-7]")
        if way == "answer":
            reply = (await gateway.answer(received)).reply
        else:
            *pieces, answered = [piece async for piece in gateway.stream(received)]
            assert not isinstance(answered, str)
            reply = answered.reply
            assert "".join(str(piece) for piece in pieces) == reply.text
            assert len(pieces) > 1
        assert reply.text == "You said: mail mo@house.example, card 4111 11•• •••• 1111, not (email 7) - noted."
        assert [(i.data_class.value, i.action.value) for i in reply.items] == [
            ("email", "placeholder"), ("payment-card", "masked")
        ]  # fmt: skip
        assert "mo@house" not in str(upstream.asked[0].raw)
        # On record it is as the bot said it.
        assert "[email-1]" in (await talk.record())[-1].text
