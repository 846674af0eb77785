"""A bot of the Bot Framework or the Microsoft 365 Agents SDK: an Activity with ``deliveryMode: expectReplies``, whose
answers come back in the same exchange (Bot Framework Activity schema; ``ExpectedReplies``).

No callback: ``serviceUrl`` is ours and leads nowhere, so a bot that wants to call back later reaches nobody and shows
nobody a token. The bot sees the conversation's id in place of the person's. What it sends beside messages (typing,
traces) is not shown; a trace of its own error handler means that the message beside it is an error text, and the whole
answer a failure. The event ``handoff.initiate`` offers a person.

Such bots want a token of their identity provider, which ``bearer.py`` fetches; a credential in a file is sent as it
stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatwarden.bots import plain
from chatwarden.bots.connectors import cards
from chatwarden.bots.connectors.whole import JSON, Whole
from chatwarden.bots.model import Answer, BotFailed, Turn
from chatwarden.bots.upstream import with_turn
from chatwarden.clock import Clock, rfc3339
from chatwarden.config.model import BotConfig
from chatwarden.ids import new_id

NOWHERE = "https://chatwarden.invalid/"  # RFC 6761 section 6.4: this name never leads anywhere
HANDOFF_LINE = "I can hand you over to a person."
_ERROR = "https://www.botframework.com/schemas/error"


class _Suggested(msgspec.Struct):
    actions: Any = None


class _Attachment(msgspec.Struct, rename="camel"):
    content_type: str | None = None
    content_url: str | None = None
    content: Any = None


class _Conversation(msgspec.Struct):
    id: str | None = None


class _Activity(msgspec.Struct, rename="camel"):
    type: str = ""
    name: str | None = None
    text: str | None = None
    value_type: str | None = None
    conversation: _Conversation | None = None
    suggested_actions: _Suggested | None = None
    attachments: list[_Attachment] | None = None


class _Replies(msgspec.Struct):
    activities: list[_Activity]


_encode = msgspec.json.Encoder().encode
_replies = msgspec.json.Decoder(_Replies).decode


class BotFramework(Whole):
    """The connector."""

    def __init__(self, config: BotConfig, home: Path, clock: Clock) -> None:
        super().__init__(config, home, "/api/messages")
        self._clock = clock

    async def ask(self, turn: Turn) -> Answer:
        """What the bot says, as one text."""
        body = await self.upstream.whole(with_turn(self.fields, turn), _encode(self._activity(turn)), JSON)
        try:
            activities = _replies(body).activities
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise BotFailed("malformed") from None
        for activity in activities:
            if activity.conversation is not None and activity.conversation.id not in {None, turn.conversation}:
                raise BotFailed("malformed", "conversation")
            if activity.type == "trace" and activity.value_type == _ERROR:
                raise BotFailed("error")
        text = plain.joined(part for one in activities if one.type == "message" for part in _parts(one))
        handoff = any(one.type == "event" and one.name == "handoff.initiate" for one in activities)
        if not text and not handoff:
            raise BotFailed("empty")
        return Answer(text or HANDOFF_LINE, handoff=handoff)

    def _activity(self, turn: Turn) -> dict[str, Any]:
        activity: dict[str, Any] = {
            "type": "message",
            "id": new_id("act"),
            "timestamp": rfc3339(self._clock.now()),
            "channelId": "chatwarden",
            "serviceUrl": NOWHERE,
            "from": {"id": turn.conversation, "role": "user"},
            "recipient": {"id": self.config.name, "role": "bot"},
            "conversation": {"id": turn.conversation},
            "deliveryMode": "expectReplies",
            "textFormat": "plain",
            "text": turn.utterances[-1].text,
        }
        if turn.turn_token:  # where the code of a bot finds it: an adapter hands on the activity, not the header
            activity["channelData"] = {"turn": turn.turn_token}
        return activity


def _parts(activity: _Activity) -> Iterator[str]:
    yield activity.text or ""
    for attachment in activity.attachments or ():
        kind = (attachment.content_type or "").lower()
        if kind.startswith("image/"):
            yield plain.picture(attachment.content_url or "")
        else:
            yield from cards.parts(kind, attachment.content)
    if activity.suggested_actions is not None:
        yield cards.actions(activity.suggested_actions.actions)
