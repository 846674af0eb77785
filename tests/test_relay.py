"""A streamed answer on its way: nothing goes on behind what is blocked or when the session has ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from chatwarden import calls
from chatwarden.bots.model import BotFailed, StreamEnd, ToolCall
from chatwarden.classes import DataClass
from chatwarden.clock import ManualClock
from chatwarden.conversations.model import Conversation
from chatwarden.conversations.restore import Restorer, Unveiling
from chatwarden.relay import Relay
from tests.test_screening import conversation, screening

IBAN = "DE89 3704 0044 0532 0130 00"
BLOCKED = '[policy.class]\niban = "block"\n'


class Coming:
    """What a bot says, and whether it was hung up on."""

    def __init__(self, *pieces: str | StreamEnd) -> None:
        self.pieces, self.left, self.closed = pieces, 0, False

    async def __call__(self) -> AsyncGenerator[str | StreamEnd]:
        try:
            for number, piece in enumerate(self.pieces):
                self.left = number
                yield piece
        finally:
            self.closed = True


class Living:
    """A session that ends after so many looks."""

    def __init__(self, looks: int = 1_000) -> None:
        self.looks = looks

    def __call__(self) -> bool:
        self.looks -= 1
        return self.looks >= 0


def relay(toml: str = "", live: Living | None = None, talk: Conversation | None = None) -> Relay:
    rules = screening(toml)
    veil = Unveiling(Restorer.__new__(Restorer), talk or conversation(), ManualClock(0))  # no name stands for anything
    return Relay(
        rules.guard("helpdesk"), veil, live or Living(),
        lambda guard, made, text: calls.from_bot(rules, "helpdesk", guard, made, text),
    )  # fmt: skip


async def test_what_was_checked_goes_on_and_is_what_was_said() -> None:
    one, coming = relay(), Coming("Pay to ", IBAN[:9], IBAN[9:] + " please", StreamEnd("length"))
    shown = [piece async for piece in one.pieces(coming())]
    assert "".join(shown) == "".join(one.said) == "Pay to DE•• •••• •••• •••• ••30 00 please"
    assert (one.end.finish, one.blocked, one.calls) == ("length", None, calls.NONE)
    assert coming.closed


async def test_behind_what_is_blocked_nothing_goes_on_and_the_bot_is_hung_up_on() -> None:
    one, coming = relay(BLOCKED), Coming("Pay to ", f"{IBAN} please ", "and more", StreamEnd())
    shown: list[str] = []
    with pytest.raises(BotFailed) as failed:  # noqa: PT012  the error comes in the middle
        async for piece in one.pieces(coming()):
            shown.append(piece)  # noqa: PERF401  the error comes in the middle
    assert failed.value.reason == "blocked"
    assert "".join(shown).strip() == "Pay to"
    assert one.blocked is DataClass.IBAN
    assert (coming.left, coming.closed) == (1, True)


async def test_what_is_blocked_in_a_call_ends_it_too_and_the_calls_are_gone() -> None:
    end = StreamEnd(calls=(ToolCall("call_1", "pay", f'{{"to": "{IBAN}"}}'),))
    one = relay(BLOCKED)
    with pytest.raises(BotFailed):
        assert [piece async for piece in one.pieces(Coming("Let me pay.", end)())]
    assert "".join(one.said) == "Let me pay."
    assert one.blocked is DataClass.IBAN


async def test_calls_are_treated_and_recorded_beside_the_text() -> None:
    end = StreamEnd("tool_calls", calls=(ToolCall("call_1", "pay", f'{{"to": "{IBAN}"}}'),))
    one = relay()
    assert [piece async for piece in one.pieces(Coming("Let me pay.", end)())]
    assert one.calls.calls[0].arguments == '{"to":"DE•• •••• •••• •••• ••30 00"}'
    assert one.calls.lines.startswith("\npay(")


@pytest.mark.parametrize("looks", [0, 1, 2])
async def test_when_the_session_has_ended_nothing_goes_on_and_no_call_either(looks: int) -> None:
    end = StreamEnd(calls=(ToolCall("call_1", "pay", "{}"),))
    one, coming = relay(live=Living(looks)), Coming("Our ", "shop ", "opens ", end)
    shown = "".join([piece async for piece in one.pieces(coming())])
    assert shown.split() == ["Our", "shop"][:looks]
    assert one.calls == calls.NONE
    assert coming.closed
