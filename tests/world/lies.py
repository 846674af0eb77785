"""The lies of a bot's server that every connector whose answer is one JSON document must survive, with the word that
each is told by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import TypeVar

from chatwarden.clock import SECOND
from chatwarden.config.model import BotConfig
from tests.world import upstream as world
from tests.world.upstream import Behaviour, chunk, head, whole

SHORT = SECOND * 3 // 10
PATIENCE = 30  # far beyond every deadline in here: only a call that hangs meets it

_Result = TypeVar("_Result")


def quick(config: BotConfig) -> BotConfig:
    """The same bot with short deadlines."""
    return replace(
        config, plaintext=True, connect_timeout=SHORT, first_byte_timeout=SHORT, total_timeout=3 * SHORT
    )  # fmt: skip


async def patiently(call: Coroutine[object, object, _Result]) -> _Result:
    """What *call* says; a call that hangs is a failed test."""
    return await asyncio.wait_for(call, PATIENCE)


async def ten_megabytes_in_one_line(_: world.Upstream, asked: world.Asked, writer: world.Writer) -> None:
    """Valid JSON, if one had the patience."""
    writer.write(head("application/json", None) + chunk(b'"'))
    for _part in range(10):
        writer.write(chunk(b"x" * 1_000_000))
        await writer.drain()
    writer.write(chunk(b'"') + b"0\r\n\r\n")


PLAIN: dict[str, tuple[Behaviour, str]] = {
    "never answers": (world.never_answers, "timeout"),
    "a trickle": (world.trickles, "timeout"),
    "an error": (whole(b"[]", status="500 Oops"), "status"),
    "not for you": (whole(b"{}", status="401 Unauthorized"), "status"),
    "accepted, and later perhaps": (whole(b"{}", status="202 Accepted"), "status"),
    "a redirect": (whole(b"", status="302 Found", extra="location: http://127.0.0.1:1/\r\n"), "status"),
    "a web page": (whole(b"<html>Log in</html>", "text/html"), "content-type"),
    "half a JSON": (whole(b'[{"text": "Hel'), "malformed"),
    "no JSON": (whole(b"Hello"), "malformed"),
    "nothing": (whole(b""), "malformed"),
    "bytes that are no text": (whole(b'[{"text": "\xff"}]'), "malformed"),
    "a very deep JSON": (whole(b"[" * 100_000), "malformed"),
    "an endless answer": (world.never_ends, "oversized"),
    "ten megabytes in one line": (ten_megabytes_in_one_line, "oversized"),
    "closed before it answers": (world.closes_before_answering, "truncated"),
    "closed mid-way": (world.closes_half_way, "truncated"),
    "another protocol": (world.speaks_no_http, "malformed"),
}
