"""Who listens to what: open event streams, by conversation and by session.

Everything published was committed before, so a stream that is cut loses nothing: it resumes from the record. A
listener that does not read is closed rather than waited for.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

import msgspec

_QUEUE = 256
_JSON = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One server-sent event. ``seq`` is the place of a message, 0 for everything that cannot be resumed from."""

    name: str
    data: bytes
    seq: int = 0
    last: bool = False


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream."""

    conversation: str
    session: str
    queue: asyncio.Queue[StreamEvent | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE))
    closed: bool = False

    def put(self, event: StreamEvent | None) -> None:
        """Hands over an event; None is a keep-alive."""
        if self.closed:
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            # It does not read: empty its queue so that the end is the next thing it sees, then it resumes.
            self.closed = True
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(StreamEvent("", b"", last=True))


class Hub:
    """All listeners of this process."""

    def __init__(self) -> None:
        self._by_conversation: dict[str, set[Listener]] = defaultdict(set)
        self._by_session: dict[str, set[Listener]] = defaultdict(set)
        self.count = 0

    def listen(self, conversation: str, session: str) -> Listener:
        """Opens a stream; close it with leave()."""
        listener = Listener(conversation, session)
        self._by_conversation[conversation].add(listener)
        self._by_session[session].add(listener)
        self.count += 1
        return listener

    def leave(self, listener: Listener) -> None:
        """Forgets a stream."""
        for table, key in ((self._by_conversation, listener.conversation), (self._by_session, listener.session)):
            table[key].discard(listener)
            if not table[key]:
                del table[key]
        self.count -= 1

    def listening(self, conversation: str) -> bool:
        """Whether anybody looks at this conversation now."""
        return conversation in self._by_conversation

    def publish(self, conversation: str, name: str, value: object, *, seq: int = 0) -> None:
        """Tells everybody who looks at this conversation."""
        if conversation in self._by_conversation:
            event = StreamEvent(name, _JSON.encode(value), seq)
            for listener in tuple(self._by_conversation[conversation]):
                listener.put(event)

    def tell(self, session: str, name: str, value: object, *, last: bool = False) -> None:
        """Tells the streams of one session; *last* closes them."""
        if session in self._by_session:
            event = StreamEvent(name, _JSON.encode(value), last=last)
            for listener in tuple(self._by_session[session]):
                listener.put(event)

    def keep_alive(self) -> None:
        """A comment to everybody, so that dead connections are noticed."""
        for listeners in tuple(self._by_session.values()):
            for listener in tuple(listeners):
                listener.put(None)

    def close(self) -> None:
        """Ends every stream: the gateway drains."""
        for listeners in tuple(self._by_session.values()):
            for listener in tuple(listeners):
                listener.put(StreamEvent("", b"", last=True))


def frame(event: StreamEvent, event_id: str) -> bytes:
    """The wire form (WHATWG HTML, section 9.2)."""
    return b"event: %s\nid: %s\ndata: %s\n\n" % (event.name.encode(), event_id.encode(), event.data)
