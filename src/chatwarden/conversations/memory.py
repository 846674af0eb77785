"""What memory derives from the live messages of a conversation: the lines that a bot may see again, the names of values,
and which messages of the person came last. All of it can be made again from the record, and dies with the messages.
"""

from __future__ import annotations

from chatwarden.clock import Instant
from chatwarden.conversations.model import Conversation, Line, Message, MessageState, Said, Source
from chatwarden.conversations.views import bot_view

_ROLES = {Source.CLIENT: "user", Source.BOT: "assistant", Source.AGENT: "agent"}


def remember(conversation: Conversation, message: Message) -> None:
    """Keeps a message, as the bot may see it, for the turns that follow."""
    if message.source in _ROLES:
        conversation.lines.append(_line(message))


def said(conversation: Conversation, message: Message, *, value: bool, word: bool) -> None:
    """Takes in a message that its person just wrote."""
    conversation.said.append(Said(message.seq, message.at, value, word))
    if message.state is MessageState.LIVE:
        remember(conversation, message)


def put_back(conversation: Conversation, message: Message) -> None:
    """Takes in a message that was read from the record."""
    if message.state is MessageState.DESTROYED:
        return
    _name(conversation, message)
    if message.state is MessageState.LIVE:
        remember(conversation, message)
    if message.source is Source.CLIENT:
        # What is open in it was not recorded: it is looked at when the next message comes.
        conversation.said.append(Said(message.seq, message.at, value=True, word=True))


def rewrite(conversation: Conversation, message: Message) -> None:
    """A message was written anew: with more found in it, or with an earlier end."""
    conversation.tokens.forget(message.seq)
    _name(conversation, message)
    for at, line in enumerate(conversation.lines):
        if line.seq == message.seq:
            conversation.lines[at] = _line(message)


def forget(conversation: Conversation, seq: int) -> None:
    """A message is gone."""
    conversation.tokens.forget(seq)
    _keep(conversation, [line for line in conversation.lines if line.seq != seq])


def expire(conversation: Conversation, now: Instant) -> None:
    """Lets go of all that belongs to messages whose time has come."""
    conversation.tokens.expire(now)
    _keep(conversation, [line for line in conversation.lines if line.destroy_at > now])


def _keep(conversation: Conversation, lines: list[Line]) -> None:
    if len(lines) < len(conversation.lines):
        conversation.lines.clear()
        conversation.lines.extend(lines)


def _line(message: Message) -> Line:
    # A bot's own words come back to it as it said them: their placeholders are real ones. An agent's were looked at as an
    # answer is, for the person's eyes: who shows them to a bot looks at them again.
    text = bot_view(message.text, message.items) if message.source is Source.CLIENT else message.text
    return Line(_ROLES[message.source], text, message.seq, message.destroy_at)


def _name(conversation: Conversation, message: Message) -> None:
    for item in message.items:
        if item.placeholder.startswith("["):
            value = message.text[item.start : item.end]
            conversation.tokens.restore(
                item.data_class, value, item.placeholder, seq=message.seq, dies_at=message.destroy_at
            )
