"""A Rasa assistant behind its REST channel (``rasa.core.channels.rest``, Rasa 3; the channel has no streaming that a
reader of server-sent events could follow, and no authentication).

The assistant keeps the conversation by ``sender``: that is the conversation's own id, never the person's. It answers 200
with an empty list when it failed, so silence is a failure. It cuts a text at blank lines into several items, and what is
cut is put together again before it is looked at. Buttons and pictures become text; what else an item may hold
(``custom``, ``attachment``) has no text and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatwarden.bots import plain
from chatwarden.bots.connectors.whole import JSON, Whole
from chatwarden.bots.model import Answer, BotFailed, Turn
from chatwarden.bots.upstream import with_turn
from chatwarden.config.model import BotConfig


class _Button(msgspec.Struct):
    title: str | None = None
    url: str | None = None


class _Item(msgspec.Struct):
    recipient_id: str | None = None
    text: str | None = None
    image: str | None = None
    buttons: list[_Button] | None = None


_encode = msgspec.json.Encoder().encode
_items = msgspec.json.Decoder(list[_Item]).decode


class Rasa(Whole):
    """The connector."""

    def __init__(self, config: BotConfig, home: Path) -> None:
        super().__init__(config, home, "/webhooks/rest/webhook")

    async def ask(self, turn: Turn) -> Answer:
        """What the assistant says, as one text."""
        said: dict[str, Any] = {"sender": turn.conversation, "message": turn.utterances[-1].text}
        if turn.turn_token:  # an action of the assistant finds it in the metadata of the message
            said["metadata"] = {"turn": turn.turn_token}
        body = await self.upstream.whole(with_turn(self.fields, turn), _encode(said), JSON)
        try:
            items = _items(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise BotFailed("malformed") from None
        if any(item.recipient_id not in {None, turn.conversation} for item in items):
            raise BotFailed("malformed", "recipient")
        text = plain.joined(part for item in items for part in _parts(item))
        if not text:
            raise BotFailed("empty")
        return Answer(text)


def _parts(item: _Item) -> Iterator[str]:
    yield item.text or ""
    yield plain.choices((button.title or "", button.url or "") for button in item.buttons or ())
    yield plain.picture(item.image or "")
