"""A bot of one's own behind a signed webhook (Standard Webhooks 1.0.0), answering in the same exchange.

Asked is ``{"type": "message.received", "timestamp", "data": {"conversation", "text", "history"}, "turn"}``, signed with
every line of the secret file. The answer is ``{"type": "message.answered", "data": {"text", "handoff"}}``, signed with one of
them over its own bytes, with the ``webhook-id`` of the question and the time of the answer: nobody else can answer, and
an answer to one question is none to another. Its type keeps our own signed question from being sent back as an answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from chatwarden import signing
from chatwarden.bots.connectors.whole import JSON, Whole
from chatwarden.bots.model import Answer, BotFailed, Turn
from chatwarden.bots.upstream import with_turn
from chatwarden.clock import SECOND, Clock, rfc3339
from chatwarden.config.files import private_lines
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError
from chatwarden.ids import new_id

ASKED, ANSWERED = "message.received", "message.answered"
_ID, _TIMESTAMP, _SIGNATURE = b"webhook-id", b"webhook-timestamp", b"webhook-signature"


class _Said(msgspec.Struct):
    text: str
    handoff: bool = False


class _Answer(msgspec.Struct):
    type: Literal["message.answered"]
    data: _Said


_encode = msgspec.json.Encoder().encode
_answer = msgspec.json.Decoder(_Answer).decode


class Webhook(Whole):
    """The connector."""

    def __init__(self, config: BotConfig, home: Path, clock: Clock) -> None:
        self._clock = clock
        self._secrets: tuple[bytes, ...] = ()
        super().__init__(config, home, "", frozenset({_ID, _TIMESTAMP, _SIGNATURE}))

    def reload(self) -> None:
        """Reads the secrets and certificates again."""
        assert self.config.secret_file is not None  # the configuration demands it
        secrets = _secrets(self.home / self.config.secret_file)
        super().reload()
        self._secrets = secrets

    async def ask(self, turn: Turn) -> Answer:
        """What the bot says."""
        message = new_id("msg")
        now = self._clock.now()
        body = _encode(self._question(turn, rfc3339(now)))
        signature = signing.signatures(self._secrets, message, now // SECOND, body)
        fields = b"%swebhook-id: %s\r\nwebhook-timestamp: %d\r\nwebhook-signature: %s\r\n" % (
            with_turn(self.fields, turn), message.encode("ascii"), now // SECOND, signature,
        )  # fmt: skip
        said, signed = await self.upstream.exchange(fields, body, JSON)
        try:
            signing.verify(
                self._secrets, message=message, said=signed.get(_ID, b""), timestamp=signed.get(_TIMESTAMP, b""),
                signature=signed.get(_SIGNATURE, b""), body=said, now=self._clock.now(),
            )  # fmt: skip
            answer = _answer(said)
        except signing.NotSigned as reason:
            raise BotFailed("signature", str(reason)) from None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise BotFailed("malformed") from None
        if not answer.data.text.strip():
            raise BotFailed("empty")
        return Answer(answer.data.text, handoff=answer.data.handoff)

    def _question(self, turn: Turn, timestamp: str) -> dict[str, object]:
        *earlier, last = turn.utterances
        lines = earlier[max(0, len(earlier) - self.config.history) :]
        history = [{"role": line.role, "text": line.text} for line in lines]
        data = {"conversation": turn.conversation, "text": last.text, "history": history}
        return {"type": ASKED, "timestamp": timestamp, "data": data, "turn": turn.turn_token}


def _secrets(path: Path) -> tuple[bytes, ...]:
    try:
        return signing.secrets(private_lines(path, "secret_file"))
    except ValueError as error:
        raise ConfigurationError(
            f"{path} does not hold secrets: {error}", hint='for example: echo "whsec_$(openssl rand -base64 32)"',
            setting="secret_file",
        ) from None  # fmt: skip
