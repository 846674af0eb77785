"""What gateway and broker say to each other, over a local socket: one connection, one question, one answer.

A frame is the length of its head, the length of its body (4 bytes each, big-endian), the head as JSON and the body as
bytes; both lengths are bounded before a byte is read. Credentials travel as a body and only towards the broker: no
answer has a field in which one could stand. Whoever asked and closes the connection takes the question back.
"""

from __future__ import annotations

import asyncio
import struct
from typing import TypeVar

import msgspec

from chatwarden.errors import ChatwardenError

LENGTHS = struct.Struct(">II")
HEAD_MAX = 262_144
BODY_MAX = 1_048_576
PAGE = 256  # leases in one answer: many sessions at once must not make it larger than a head may be
KINDS = ("basic", "bearer", "api-key", "client-credentials", "private-key-jwt", "token-exchange")
GIVEN = "given"
NAME = r"^[a-z][a-z0-9-]{0,31}$"

# What a request and an answer may bring along. Everything else stays outside: credentials, cookies, hops, other people's
# conventions about methods and addresses.
REQUEST_FIELDS = frozenset({
    "accept", "accept-language", "content-type", "content-language", "if-match", "if-none-match", "idempotency-key",
    "prefer",
})  # fmt: skip
ANSWER_FIELDS = frozenset({"content-type", "content-language", "etag", "last-modified", "retry-after"})


class Malformed(ChatwardenError):
    """The other side does not keep to this page."""


class Application(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application as it may be shown: everything but its credential. ``account`` is the bot's name there (user name or
    client id); ``header`` is where an API key stands; ``check`` is a path that answers only who signs in; ``generation``
    counts credentials; ``ca`` is the one authority that its certificate may have, in PEM (in an answer, `GIVEN`).
    """

    name: str
    url: str
    sign_in: str
    account: str = ""
    token_url: str = ""
    revoke_url: str = ""
    scope: str = ""
    audience: str = ""
    header: str = ""
    check: str = "/"
    private: bool = False
    ca: str = ""
    generation: int = 1
    at: int = 0


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed in for one session, as it may be shown. ``state``: open,
    ending, revoked, expired or not-revoked; ``told``: the gateway put that on record.
    """

    id: str
    application: str
    session: str
    bot: str
    opened_at: int
    state: str = "open"
    tries: int = 0
    next_try: int = 0
    until: int = 0
    told: bool = False


class Question(msgspec.Struct, tag_field="ask", forbid_unknown_fields=True, kw_only=True):
    """Root of what is asked."""


class Hello(Question, tag="hello"):
    """What applications are there?"""


class Add(Question, tag="add"):
    """Keep this; the body is the credential. ``subject`` is a person's token for a trial, where the kind wants one."""

    application: Application
    subject: str = ""


class Rotate(Question, tag="rotate"):
    """Keep this credential (the body) in the place of the earlier one, if signing in with it works."""

    name: str
    subject: str = ""


class Remove(Question, tag="remove"):
    """Forget an application and its credential; its leases end."""

    name: str


class Call(Question, tag="call"):
    """Ask an application. ``target`` is path and query behind the application's own address; ``subject`` is a token that
    stands for the person, where the application is asked on somebody's behalf.
    """

    application: str
    lease: str
    session: str
    bot: str
    method: str
    target: str
    headers: list[tuple[str, str]] = []
    subject: str = ""


class End(Question, tag="end"):
    """These leases are over: revoke what can be revoked."""

    leases: list[str]


class Leases(Question, tag="leases"):
    """Which leases are there? ``told``: of these the end is on record, they may be forgotten. ``after``: those behind this
    id; an answer has `PAGE` at most.
    """

    told: list[str] = []
    after: str = ""


Asked = Hello | Add | Rotate | Remove | Call | End | Leases


class Answered(msgspec.Struct, kw_only=True):
    """What came of it. ``failed`` is a word where nothing did; ``echoes`` counts the places of an answer in which what the
    broker had put in came back, and was taken out.
    """

    failed: str = ""
    applications: list[Application] = []
    leases: list[Lease] = []
    status: int = 0
    headers: list[tuple[str, str]] = []
    echoes: int = 0
    opened: bool = False


_encode = msgspec.json.Encoder().encode
_question = msgspec.json.Decoder(Asked)
_answered = msgspec.json.Decoder(Answered)
_Head = TypeVar("_Head")


def framed(head: Question | Answered, body: bytes = b"") -> bytes:
    """One frame. Raises Malformed for what the other side would not take."""
    data = _encode(head)
    if len(data) > HEAD_MAX or len(body) > BODY_MAX:
        raise Malformed("too much")
    return LENGTHS.pack(len(data), len(body)) + data + body


async def question(reader: asyncio.StreamReader) -> tuple[Asked, bytes]:
    """The next question. Raises Malformed, or EOFError where the other side is gone."""
    return await _read(reader, _question)


async def answered(reader: asyncio.StreamReader) -> tuple[Answered, bytes]:
    """The answer. Raises Malformed, or EOFError where the other side is gone."""
    return await _read(reader, _answered)


async def _read(reader: asyncio.StreamReader, decoder: msgspec.json.Decoder[_Head]) -> tuple[_Head, bytes]:
    head, body = LENGTHS.unpack(await reader.readexactly(LENGTHS.size))
    if head > HEAD_MAX or body > BODY_MAX:
        raise Malformed("too much")
    data = await reader.readexactly(head)
    try:
        return decoder.decode(data), await reader.readexactly(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed("not understood") from None
