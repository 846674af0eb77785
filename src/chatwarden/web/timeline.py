"""What the log has about one conversation, in lanes: what came from the person, what the bot did about it, and why.

For administrators and auditors. It shows pseudonyms, decisions and causes, and no content: a conversation itself is read
nowhere here. That somebody looked is an entry before it is shown, and counts towards reading in bulk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from chatwarden.audit.model import Entry, Event, Lane
from chatwarden.audit.records import Record
from chatwarden.bulk import Kind, Reader
from chatwarden.clock import MINUTE, rfc3339
from chatwarden.conversations.model import Conversation
from chatwarden.storage.model import Transaction
from chatwarden.web.context import Services

MOST = 2_000
# The clock of an entry is read a little before its place in the log is given.
_SLACK = MINUTE


class StepView(msgspec.Struct):
    """One entry. ``receipt`` is its id; ``caused_by`` is the position of its cause in this list."""

    log: int
    index: int
    leaf_hash: str
    receipt: str
    at: str
    lane: str
    event: str
    actor: str
    act: tuple[str, ...]
    object: str
    resource: str
    decision: str
    reason: str
    late: bool
    caused_by: int | None


class TimelineView(msgspec.Struct):
    """A conversation in lanes, oldest first. ``truncated``: there is more than is shown."""

    conversation: str
    bot: str
    state: str
    opened_at: str
    entries: list[StepView]
    truncated: bool


async def timeline(services: Services, conversation: Conversation, actor: str) -> TimelineView:
    """The entries about *conversation* and its messages, and all that followed from them."""
    now = services.clock.now()
    services.bulk.note(Kind.CONVERSATIONS, Reader(actor, Lane.STAFF), conversation.id, now)
    shown = Transaction()
    services.audit.append(
        shown, Event.CONVERSATION_SHOWN, lane=Lane.STAFF, actor=actor, at=now, object=conversation.id
    )  # fmt: skip
    await services.gateway.database.commit(shown)
    steps: list[StepView] = []
    places: dict[str, int] = {}
    async for record in _since(services, conversation):
        entry = record.entry
        if not (entry.cause in places or _about(services, conversation, entry)):
            continue
        if len(steps) == MOST:
            return _view(conversation, steps, truncated=True)
        places[entry.id] = len(steps)
        steps.append(_step(record, places.get(entry.cause)))
    return _view(conversation, steps, truncated=False)


def _about(services: Services, conversation: Conversation, entry: Entry) -> bool:
    if entry.object.startswith("msg_"):
        return services.conversations.rows.number(entry.object) == conversation.no
    return entry.object == conversation.id


async def _since(services: Services, conversation: Conversation) -> AsyncIterator[Record]:
    """Every record from about when the conversation began."""
    async for record in services.records.all(await services.records.before(conversation.created_at - _SLACK)):
        yield record


def _step(record: Record, cause: int | None) -> StepView:
    entry = record.entry
    return StepView(
        record.year, record.index, record.leaf, entry.id, rfc3339(entry.at), entry.lane, entry.event, entry.actor,
        entry.act, entry.object, entry.resource, entry.decision, entry.reason, entry.late, cause,
    )  # fmt: skip


def _view(conversation: Conversation, steps: list[StepView], *, truncated: bool) -> TimelineView:
    return TimelineView(
        conversation.id, conversation.bot, conversation.state, rfc3339(conversation.created_at), steps, truncated
    )  # fmt: skip
