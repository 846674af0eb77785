"""How the desk looks to agents."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from chatwarden.classes import DataClass
from chatwarden.clock import Instant, rfc3339
from chatwarden.conversations.model import Conversation, Message, MessageState, Source
from chatwarden.conversations.views import agent_view
from chatwarden.principal import Kind, Principal, Role
from chatwarden.routing.model import Handoff
from chatwarden.routing.presence import Agent, Presence
from chatwarden.routing.rules import State
from chatwarden.routing.summary import summary
from chatwarden.sessions.rules import reason_of
from chatwarden.web.context import Services
from chatwarden.web.views import MessageView, message_view

_LOOKED_AT = 50


class AgentNameView(msgspec.Struct):
    """An agent."""

    id: str
    name: str


class AgentView(AgentNameView):
    """An agent at the desk. ``assigned``: how many conversations they work at."""

    presence: str
    assigned: int
    capacity: int
    skills: list[str]


class IdentifiedView(msgspec.Struct):
    """How and when a person was identified. ``how`` are the factors that were shown."""

    factors: int
    how: list[str]
    at: str


class PersonView(msgspec.Struct):
    """Whose conversation it is. The name is there where policy lets agents see names."""

    kind: str
    name: str | None
    identified: IdentifiedView | None


class EntryView(msgspec.Struct):
    """A conversation at the desk. The summary is of its person's own words, masked, and empty for who may not read it."""

    conversation: str
    bot: str
    state: str
    reason: str
    detail: str
    skill: str
    priority: int
    waiting_since: str | None
    assigned_to: AgentNameView | None
    assigned_at: str | None
    answer_due: str | None
    resolve_due: str | None
    last_at: str | None
    unread: int
    person: PersonView
    summary: str


class DeskView(msgspec.Struct):
    """The whole desk. ``offered``: the person was offered one and has not answered; an agent may take it."""

    me: AgentView
    agents: list[AgentView]
    queue: list[EntryView]
    offered: list[EntryView]
    mine: list[EntryView]
    others: list[EntryView]
    now: str


class NoteView(msgspec.Struct):
    """An internal note, masked as a message is. It is destroyed as a message is."""

    id: str
    at: str
    destroy_at: str
    by: AgentNameView
    text: str


class StepView(msgspec.Struct):
    """Something that happened to the hand-off. ``what``: offered, requested, taken, transferred, requeued, finished, ended.
    ``by``: the agent who had it; ``to``: who has it from then on.
    """

    at: str
    what: str
    reason: str
    by: str
    to: str = ""


class OpenedView(msgspec.Struct):
    """One conversation, without what was said."""

    entry: EntryView
    notes: list[NoteView]
    looking: list[AgentNameView]
    timeline: list[StepView]


class SentView(msgspec.Struct):
    """What an agent wrote, as it is on record."""

    message: MessageView


class RevealedView(msgspec.Struct):
    """One value; the page closes it at ``until``."""

    text: str
    data_class: str = msgspec.field(name="class")
    until: str


class ReplyView(msgspec.Struct):
    """A text that is sent often."""

    name: str
    shortcut: str
    text: str


class ReplyList(msgspec.Struct):
    """All of them."""

    replies: list[ReplyView]


class TimesView(msgspec.Struct):
    """Seconds; null where there were none."""

    median: float | None
    p90: float | None


class NumbersView(msgspec.Struct):
    """What the desk did since then."""

    since: str
    inquiries: int
    answered_by_bot: int
    handed_over: int
    by_reason: dict[str, int]
    not_taken: int
    waiting: TimesView
    handling: TimesView


def agent_message_view(
    message: Message, hidden: Collection[DataClass], viewer: Principal, reply_to: str | None = None
) -> MessageView:
    """A message as an agent may see it. The place of a finding in the list is what ``reveal`` is told."""
    own = f"{viewer.name} {message.author}" if message.agent == viewer.id else ""
    view = message_view(message, reply_to, agent_view(message, hidden, own))
    if message.source is Source.AGENT:
        view.client_id = message.client_id.partition(":")[2] or None
    return view


def name_view(services: Services, agent_id: str) -> AgentNameView | None:
    """An agent by id."""
    agent = services.desk.agents.get(agent_id) if agent_id else None
    return AgentNameView(agent_id, agent.name if agent else "") if agent_id else None


def agent_at_desk(services: Services, agent: Agent) -> AgentView:
    """An agent, as others see them."""
    config = services.desk.config
    presence = agent.presence
    if agent.silent(services.clock.now(), config.cut_off):
        presence = Presence.OFFLINE
    return AgentView(
        agent.id, agent.name, presence.value, services.desk.load_of(agent.id), config.room(agent.name),
        list(config.skills(agent.name)),
    )  # fmt: skip


async def entry_view(
    services: Services, principal: Principal, conversation: Conversation, handoff: Handoff
) -> EntryView:
    """A conversation at the desk, as *principal* may see it."""
    now = services.clock.now()
    newest = await services.conversations.newest(conversation, _LOOKED_AT, now)
    hidden = services.gateway.screening.hidden(conversation.bot)
    readable = services.floor.sees(principal, conversation)
    said = [one for one in newest if one.source is Source.CLIENT and one.state is MessageState.LIVE]
    lines = [agent_view(one, hidden)[0] for one in said] if readable else []
    answered = max((one.seq for one in newest if one.source is Source.AGENT), default=0)
    return EntryView(
        conversation.id, conversation.bot, handoff.state.value, handoff.why.reason.value,
        handoff.why.detail if readable else "", handoff.why.skill, handoff.why.priority,
        _time(handoff.queued_at if handoff.state is State.QUEUED else None),
        None if handoff.state is State.QUEUED else name_view(services, handoff.agent), _time(handoff.assigned_at),
        _time(handoff.answer_due), _time(handoff.resolve_due), rfc3339(newest[-1].at) if newest else None,
        sum(one.seq > answered for one in said), await _person(services, conversation, hidden, now), summary(lines),
    )  # fmt: skip


def _time(at: Instant | None) -> str | None:
    return None if at is None else rfc3339(at)


async def _person(
    services: Services, conversation: Conversation, hidden: frozenset[DataClass], now: Instant
) -> PersonView:
    kind = Kind.VISITOR if conversation.owner.startswith("vis_") else Kind.PERSON
    sessions = [one for one in await services.sessions.of(conversation.owner, now) if reason_of(one, now) is None]
    if kind is Kind.VISITOR or not sessions:
        return PersonView(kind.value, None, None)
    latest = max(sessions, key=lambda one: one.authenticated_at)
    name = latest.principal.name if DataClass.PERSON_NAME not in hidden else None
    how = IdentifiedView(len(latest.factors), list(latest.factors), rfc3339(latest.authenticated_at))
    return PersonView(kind.value, name, how)


def note_view(services: Services, conversation: Conversation, note: Message) -> NoteView:
    """A note, as other agents see it."""
    text, _ = agent_view(note, services.gateway.screening.hidden(conversation.bot))
    by = name_view(services, note.client_id)
    return NoteView(note.id, rfc3339(note.at), rfc3339(note.destroy_at), by or AgentNameView("", ""), text)


async def desk_view(services: Services, principal: Principal, me: Agent) -> DeskView:
    """Everything that is under way, by whose it is."""
    lists: dict[str, list[EntryView]] = {"queue": [], "offered": [], "mine": [], "others": []}
    queue = services.desk.queue()
    rest = [one for one in services.desk.book.all() if one.state is not State.QUEUED]
    for handoff in [*queue, *sorted(rest, key=lambda one: (one.assigned_at or one.began_at, one.id))]:
        conversation = await services.conversations.look_up(handoff.talk, services.clock.now())
        place = "mine" if handoff.agent == principal.id else "others"
        where = {State.QUEUED: "queue", State.OFFERED: "offered"}.get(handoff.state, place)
        lists[where].append(await entry_view(services, principal, conversation, handoff))
    agents = [agent_at_desk(services, one) for one in services.desk.agents]
    return DeskView(
        agent_at_desk(services, me), agents, lists["queue"], lists["offered"], lists["mine"], lists["others"],
        rfc3339(services.clock.now()),
    )  # fmt: skip


def staffed(principal: Principal) -> bool:
    """Whether somebody answers people themselves; others at the desk look on."""
    return Role.AGENT in principal.roles
