"""Puts values back in the place of placeholders, for the one whose values they are or for an application that was granted
their class. The conversation is the scope: a name leads to messages of its own conversation and to nothing else.

A value is read from the live message that holds it, each time, so it is gone when that message is. What cannot be read
stays a placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from chatwarden.classes import Action, DataClass
from chatwarden.clock import Clock, Instant
from chatwarden.conversations.decode import Decoder, Named, Part, Value, decoded, joined, named, restored
from chatwarden.conversations.model import Conversation, Message, Source
from chatwarden.conversations.service import Conversations

_MASKED = {Action.MASKED, Action.HELD}


class Restorer:
    """Over the record."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def values(self, conversation: Conversation, names: Iterable[str], now: Instant) -> dict[str, Value]:
        """What these names stand for now, as far as that can be read."""
        read: dict[int, Message | None] = {}
        found: dict[str, Value] = {}
        for name in names:
            for home in conversation.tokens.homes(name, now):
                if home not in read:
                    read[home] = next(iter(await self._conversations.at(conversation, (home,), now)), None)
                value = _value(read[home], name)
                if value is not None:
                    found[name] = value
                    break
        return found

    async def shown(self, conversation: Conversation, messages: Sequence[Message], now: Instant) -> list[Message]:
        """*messages* as the screen of the conversation's own person shows them."""
        known = conversation.tokens.known(now)
        if not known:
            return list(messages)
        names = {name for one in messages if one.source is Source.BOT for name in named(one.text)}
        values = await self.values(conversation, names & known, now)
        if not values:
            return list(messages)
        return [restored(one, values) if one.source is Source.BOT else one for one in messages]

    async def restore(self, conversation: Conversation, text: str, classes: Collection[DataClass], now: Instant) -> str:
        """*text* with the values themselves, of the granted *classes* only: for an application, never for a screen."""
        values = await self.values(conversation, named(text), now)
        granted = {name: value.text for name, value in values.items() if value.data_class in classes}
        return joined(decoded(text, granted, addresses=True), granted)

    async def putting_back(self, conversation: Conversation, text: str, now: Instant) -> Callable[[str], str]:
        """What puts what its person's screen shows in the place of the names that stand in *text*."""
        values = await self.values(conversation, named(text) & conversation.tokens.known(now), now)
        shown = {name: value.shown for name, value in values.items()}
        return lambda part: joined(decoded(part, shown), shown) if shown else part

    def stream(self, conversation: Conversation, clock: Clock) -> Unveiling:
        """What does the same with an answer that comes in pieces."""
        return Unveiling(self, conversation, clock)


class Unveiling:
    """One answer on its way to its person's screen. Where there is nothing to put back, nothing is held back."""

    def __init__(self, restorer: Restorer, conversation: Conversation, clock: Clock) -> None:
        self._restorer = restorer
        self._conversation = conversation
        self._clock = clock
        known = conversation.tokens.known(clock.now())
        self._decoder = Decoder(known) if known else None

    async def feed(self, piece: str) -> str:
        """Takes a piece; returns what may be shown now."""
        return piece if self._decoder is None else await self._shown(self._decoder.feed(piece))

    async def finish(self) -> str:
        """The rest, when the answer has ended."""
        return "" if self._decoder is None else await self._shown(self._decoder.finish())

    async def _shown(self, parts: list[Part]) -> str:
        names = {part.name for part in parts if isinstance(part, Named)}
        if not names:
            return joined(parts, {})
        values = await self._restorer.values(self._conversation, names, self._clock.now())
        return joined(parts, {name: value.shown for name, value in values.items()})


def _value(message: Message | None, name: str) -> Value | None:
    for item in message.items if message is not None else ():
        if item.placeholder == name:
            assert message is not None
            text = message.text[item.start : item.end]
            return Value(item.data_class, text, item.mask if item.action in _MASKED else text, item.action)
    return None
