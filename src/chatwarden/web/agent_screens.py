"""Open pages of agents: one stream each for everything that happens at the desk. Each is told only what its agent may see,
and sees texts masked.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from chatwarden.conversations.model import Conversation, Message, MessageState, Source
from chatwarden.principal import Principal
from chatwarden.routing.model import Talk
from chatwarden.sessions.model import Session
from chatwarden.web.streams import Hub, Listener, StreamEvent

ENTRY = "desk"
View = Callable[[Conversation, Message, str | None, Principal], object]
_JSON = msgspec.json.Encoder()


class AgentScreens:
    """``sees`` says who may read a conversation now, ``view`` what one of them sees of a message."""

    def __init__(self, hub: Hub, view: View) -> None:
        self.sees: Callable[[Principal, Talk], bool] = lambda _principal, _talk: False
        self._hub = hub
        self.view = view
        self._open: dict[Listener, Principal] = {}

    def listen(self, session: Session) -> Listener:
        """A page opens its stream."""
        listener = self._hub.listen(f"desk:{session.id}", session.id)
        self._open[listener] = session.principal
        return listener

    def leave(self, listener: Listener) -> None:
        """It is gone."""
        del self._open[listener]
        self._hub.leave(listener)

    def message(self, conversation: Conversation, message: Message, reply_to: str | None = None) -> None:
        """Something was said. What waits for its person's word is nobody else's yet."""
        if not self._open or message.state is MessageState.HELD or message.source is Source.NOTE:
            return
        told: dict[bool, StreamEvent] = {}  # who wrote it may see more of it than others
        for listener, principal in tuple(self._open.items()):
            if self.sees(principal, conversation):
                own = principal.id == message.agent
                if own not in told:
                    view = self.view(conversation, message, reply_to, principal)
                    told[own] = StreamEvent("message", _JSON.encode({"conversation": conversation.id, "message": view}))
                listener.put(told[own])

    def about(self, talk: Talk, name: str, data: dict[str, object]) -> None:
        """Tells those who may read the conversation."""
        if not self._open:
            return
        event = StreamEvent(name, _JSON.encode({"conversation": talk.id, **data}))
        for listener, principal in tuple(self._open.items()):
            if self.sees(principal, talk):
                listener.put(event)

    def entry(self, conversation_id: str) -> None:
        """Whose a conversation is, or how it stands, changed. Each stream makes what its own agent may see of it."""
        for listener in tuple(self._open):
            listener.put(StreamEvent(ENTRY, conversation_id.encode()))

    def everybody(self, name: str, data: dict[str, object]) -> None:
        """Tells every agent's page."""
        event = StreamEvent(name, _JSON.encode(data))
        for listener in tuple(self._open):
            listener.put(event)
