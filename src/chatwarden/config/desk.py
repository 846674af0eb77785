"""``[desk]`` once it has been parsed: when people are there to answer, how long what may take, who they are, and what they
say often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chatwarden.clock import MINUTE, SECOND, Duration
from chatwarden.config.span import Span

NOBODY_LINE = (
    "Nobody could take over just now. The assistant goes on answering; you can ask for a person again at any time."
)
CLOSED_LINE = (
    "Nobody is at the desk at this hour. Leave a message here: it is kept in the queue, and a person reads it when the "
    "desk opens. Until then the assistant answers."
)


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """``[desk.agents.NAME]``. Without skills an agent takes what needs none."""

    skills: tuple[str, ...] = ()
    capacity: int | None = None
    shown_as: str = ""


@dataclass(frozen=True, slots=True)
class ReplyConfig:
    """``[desk.replies.NAME]``: a text that agents send often."""

    shortcut: str
    text: str


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """``[desk]``. No ``hours`` are all hours."""

    hours: tuple[Span, ...] = ()
    time_zone: str = "UTC"
    take_within: Duration = 5 * MINUTE
    answer_within: Duration = 2 * MINUTE
    resolve_within: Duration = 30 * MINUTE
    agent_idle: Duration = 10 * MINUTE
    cut_off: Duration = 30 * SECOND
    wrap_up: Duration = 10 * MINUTE
    reveal_for: Duration = 30 * SECOND
    capacity: int = 3
    assign: Literal["manual", "longest-wait", "round-robin"] = "manual"
    nobody_line: str = NOBODY_LINE
    closed_line: str = CLOSED_LINE
    everybody_shown_as: str = ""
    agents: dict[str, AgentConfig] = field(default_factory=dict)
    replies: dict[str, ReplyConfig] = field(default_factory=dict)

    def skills(self, name: str) -> tuple[str, ...]:
        """What the agent *name* can take."""
        return self.agents.get(name, AgentConfig()).skills

    def shown_as(self, name: str) -> str:
        """By what name people are shown the agent *name*."""
        return self.agents.get(name, AgentConfig()).shown_as or self.everybody_shown_as or name

    def room(self, name: str) -> int:
        """How many conversations the agent *name* can have at once."""
        own = self.agents.get(name, AgentConfig()).capacity
        return self.capacity if own is None else own
