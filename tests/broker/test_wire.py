"""Frames between gateway and broker: bounded, typed, and without a place for a credential on the way back."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.broker import wire
from chatwarden.broker.wire import Add, Answered, Application, Call, End, Hello, Leases, Malformed, Remove, Rotate

CRM = Application(name="crm", url="https://crm.example.org", sign_in="bearer")
QUESTIONS = [
    Hello(), Add(application=CRM), Rotate(name="crm"), Remove(name="crm"), End(leases=["lea_1"]), Leases(told=["lea_1"]),
    Call(application="crm", lease="lea_1", session="ses_1", bot="bot_1", method="GET", target="/a"),
]  # fmt: skip


def reader(data: bytes) -> asyncio.StreamReader:
    made = asyncio.StreamReader()
    made.feed_data(data)
    made.feed_eof()
    return made


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: type(question).__name__)
async def test_a_question_arrives_as_it_was_asked(question: wire.Asked) -> None:
    assert await wire.question(reader(wire.framed(question, b"body"))) == (question, b"body")


async def test_an_answer_arrives_as_it_was_given() -> None:
    told = Answered(status=200, headers=[("etag", "1")], echoes=2, applications=[CRM])
    assert await wire.answered(reader(wire.framed(told, b"{}"))) == (told, b"{}")


async def test_what_is_too_much_is_refused_before_it_is_read() -> None:
    for head, body in ((wire.HEAD_MAX + 1, 0), (2, wire.BODY_MAX + 1)):
        with pytest.raises(Malformed):
            await wire.question(reader(wire.LENGTHS.pack(head, body)))
    with pytest.raises(Malformed):
        wire.framed(Hello(), bytes(wire.BODY_MAX + 1))


@pytest.mark.parametrize("head", [b"", b"{}", b'{"ask":"reveal"}', b'{"ask":"hello","more":1}', b"\xff", b"[" * 9_000])
async def test_what_is_no_question_is_malformed(head: bytes) -> None:
    with pytest.raises(Malformed):
        await wire.question(reader(wire.LENGTHS.pack(len(head), 0) + head))


@given(st.binary(max_size=64))
def test_whatever_comes_is_a_question_or_refused(data: bytes) -> None:
    async def read() -> None:
        with pytest.raises((Malformed, EOFError)):
            await wire.question(reader(data))

    asyncio.run(read())


def test_no_question_reveals_and_no_answer_has_a_place_for_a_credential() -> None:
    asked = {msgspec.to_builtins(one)["ask"] for one in QUESTIONS}
    assert asked == {"hello", "add", "rotate", "remove", "end", "leases", "call"}
    fields = {*Answered.__struct_fields__, *Application.__struct_fields__, *wire.Lease.__struct_fields__}
    assert not [name for name in fields if name in {"secret", "credential", "token", "password", "key"}]


def test_a_page_of_leases_fits_into_an_answer() -> None:
    widest = wire.Lease(
        id="lea_" + "f" * 32, application="a" * 32, session="ses_" + "f" * 32, bot="bot_" + "f" * 32,
        opened_at=2**62, state="not-revoked", tries=2**31, next_try=2**62, until=2**62, told=True,
    )  # fmt: skip
    assert len(wire.framed(Answered(leases=[widest] * wire.PAGE))) < wire.HEAD_MAX // 2
