"""What works with one bot and what does not, step by step: reachable, TLS, credential, a whole answer, a streamed one,
how long it took. It asks one harmless question, or two where the bot streams, in a conversation of its own and for no
person, past the circuit breaker. What the bot says is counted and not repeated.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from chatwarden.bots.model import BotFailed, Connector, Link, Turn, Utterance
from chatwarden.clock import SECOND
from chatwarden.config.model import BotConfig
from chatwarden.ids import new_id

QUESTION = "Hello. What can you help me with?"
# Two of these, and connecting, end before a command line stops waiting.
PATIENCE = 50.0


@dataclass(frozen=True, slots=True)
class Check:
    """One step and how it went."""

    name: str
    ok: bool
    detail: str


async def checkup(config: BotConfig, connector: Connector) -> list[Check]:
    """Every step that could be tried, in order."""
    try:
        link = await connector.reach()
    except BotFailed as failure:
        if failure.detail.startswith("tls"):
            return [Check("reachable", True, ""), Check("tls", False, failure.detail[5:]), *_not_tried()]
        return [Check("reachable", False, str(failure)), *_not_tried()]
    checks = [] if link is None else [Check("reachable", True, ""), _tls(link)]
    turn = Turn(new_id("cnv"), (Utterance("user", QUESTION),))
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await connector.ask(turn)
    except (BotFailed, TimeoutError) as failure:
        checks += [] if link is None else _refused(config, failure)
        return [*checks, Check("answers", False, _told(failure)), Check("streams", False, "not tried")]
    seconds = time.perf_counter() - begun
    if link is not None:
        checks.append(Check("credential", True, _credential(config)))
    checks += [Check("answers", True, f"{len(answer.text)} characters"), await _streams(connector, turn)]
    limits = f"limits {config.first_byte_timeout / SECOND:g}s to begin, {config.total_timeout / SECOND:g}s in all"
    return [*checks, Check("time", True, f"{seconds:.2f}s; {limits}")]


async def _streams(connector: Connector, turn: Turn) -> Check:
    if not connector.streams:
        return Check("streams", True, "in one piece, as this connector does")
    pieces, begun, first = 0, time.perf_counter(), 0.0
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in connector.stream(turn):
                first = first or time.perf_counter() - begun
                pieces += isinstance(piece, str)
    except (BotFailed, TimeoutError) as failure:
        return Check("streams", False, _told(failure))
    return Check("streams", True, f"{pieces} pieces, the first after {first:.2f}s")


def _tls(link: Link) -> Check:
    return Check("tls", True, f"{link.tls}, certificate until {link.until}" if link.tls else "none: plain http")


def _credential(config: BotConfig) -> str:
    if config.secret_file is not None:
        return "signed both ways"
    shown = [
        name
        for name, given in (
            ("a key", config.credential_file), ("a fetched token", config.token), ("a certificate", config.client_key_file),
        )
        if given is not None
    ]  # fmt: skip
    return f"accepted: {' and '.join(shown)}" if shown else "none is sent"


def _refused(config: BotConfig, failure: BaseException) -> list[Check]:
    """Whether it was the credential; what else went wrong says nothing about it."""
    if isinstance(failure, BotFailed) and (failure.reason, failure.detail) in {("status", "401"), ("status", "403")}:
        sent = config.secret_file or config.credential_file or config.token or config.client_key_file
        return [
            Check("credential", False, f"{'refused' if sent else 'none is sent, and one is wanted'}: {failure.detail}")
        ]
    if isinstance(failure, BotFailed) and failure.reason == "token":
        return [Check("credential", False, f"no token: {failure.detail}")]
    if isinstance(failure, BotFailed) and failure.reason == "signature":
        return [Check("credential", False, f"the answer is not signed for this question: {failure.detail}")]
    return []


def _told(failure: BaseException) -> str:
    return str(failure) if isinstance(failure, BotFailed) else f"longer than {PATIENCE:g}s"


def _not_tried() -> list[Check]:
    return [Check(name, False, "not tried") for name in ("answers", "streams")]
