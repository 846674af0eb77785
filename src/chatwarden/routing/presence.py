"""Who is at the desk: which agents are there, what they look at, and who is out of touch. In memory: after a restart the
agents' pages are back within seconds, and whoever is not is out of touch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chatwarden.clock import Duration, Instant


class Presence(StrEnum):
    """What an agent says of themselves."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(slots=True, eq=False)
class Agent:
    """One agent. ``seen_at``: their last sign of life; an open stream is one all the time. ``given_at``: when they were last
    given a conversation. ``looks_at``: what is on their screen. ``since``: since when their presence is what it is.
    """

    id: str
    name: str
    presence: Presence = Presence.OFFLINE
    sessions: dict[str, int] = field(default_factory=dict)  # how many streams each session has open
    seen_at: Instant = 0
    given_at: Instant = 0
    looks_at: str = ""
    since: Instant = 0

    def becomes(self, presence: Presence, now: Instant) -> None:
        """Another presence, or the same one as before, since then."""
        if presence is not self.presence:
            self.presence, self.since = presence, now

    def silent(self, now: Instant, span: Duration) -> bool:
        """Whether they are out of touch: no page is open, and for that long there was no sign of life."""
        return not self.connected and now - self.seen_at >= span

    @property
    def connected(self) -> bool:
        """Whether a page of theirs is open."""
        return any(self.sessions.values())


class Agents:
    """Every agent who was there since the start."""

    def __init__(self) -> None:
        self._by_id: dict[str, Agent] = {}

    def __iter__(self) -> Iterator[Agent]:
        return iter(tuple(self._by_id.values()))

    def get(self, agent_id: str) -> Agent | None:
        """The agent with this id, if they were there."""
        return self._by_id.get(agent_id)

    def arrived(self, agent_id: str, name: str, session: str, now: Instant) -> Agent:
        """A sign of life in *session*."""
        agent = self._by_id.setdefault(agent_id, Agent(agent_id, name, since=now))
        agent.name, agent.seen_at = name, now
        agent.sessions.setdefault(session, 0)
        return agent

    def expected(self, agent_id: str, now: Instant) -> None:
        """Somebody who has conversations from before a restart, and is given time to come back."""
        self._by_id.setdefault(agent_id, Agent(agent_id, "", seen_at=now, since=now))

    def opened(self, agent: Agent, session: str) -> None:
        """A page of theirs follows the desk."""
        agent.sessions[session] = agent.sessions.get(session, 0) + 1

    def closed(self, agent: Agent, session: str, now: Instant) -> None:
        """That page is closed, or its line was cut."""
        if session in agent.sessions:
            agent.sessions[session] -= 1
            agent.seen_at = max(agent.seen_at, now)

    def session_ended(self, agent_id: str, session: str, now: Instant) -> Agent | None:
        """A session is over; the agent if it was their last one, who is out of touch from then on."""
        agent = self._by_id.get(agent_id)
        if agent is None or agent.sessions.pop(session, None) is None or agent.sessions:
            return None
        agent.becomes(Presence.OFFLINE, now)
        agent.looks_at, agent.seen_at = "", 0
        return agent

    def out_of_touch(self, now: Instant, cut_off: Duration) -> list[Agent]:
        """Who has no page open and gave no sign of life for that long."""
        return [one for one in self._by_id.values() if one.silent(now, cut_off)]

    def looking(self, conversation_id: str) -> list[Agent]:
        """Who has this conversation on their screen."""
        return [one for one in self._by_id.values() if one.looks_at == conversation_id]
