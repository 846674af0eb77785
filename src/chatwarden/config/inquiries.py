"""``[triage]`` once it has been parsed: when an inquiry is offered to people, and to whom. The reasons are a closed list,
the topics are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

LANGUAGES = ("en", "de", "fr", "es")
Outcome = Literal["bot", "offer", "queue"]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a reason or a topic leads: ``bot``, it counts for nothing; ``offer``, the person is offered people; ``queue``,
    people are asked at once. ``skill``: who is good at it; ``priority``: what waits before what.
    """

    outcome: Outcome = "offer"
    skill: str = ""
    priority: int = 0


REASONS: dict[str, Route] = {
    "asked": Route("queue"),
    "bot-failed": Route(),
    "paused": Route(),
    "bot-did-not-know": Route(),
    "repeated": Route(),
    "tone": Route(priority=10),
    "hostile": Route(),
}
"""What an inquiry may be handed over for besides a topic, with what holds unless something else is written."""

THRESHOLDS: dict[str, float] = {
    "asked": 0.8, "bot-did-not-know": 1.0, "repeated": 0.75, "tone": 0.7, "hostile": 1.0, "topic": 0.7,
}  # fmt: skip
"""From which score on a reason holds. Of ``repeated`` the score is how alike two questions are, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Topic:
    """``[triage.topic.NAME]``. ``words`` count for it beside those that the package brings, ``unless`` against it. ``line``
    is what a person reads in place of the bot's answer; the bot is then not asked.
    """

    route: Route = Route()
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    line: str = ""


_LINE = (
    "I am a machine and cannot help with this as a person can. If you or somebody else is in danger, please call your "
    "local emergency number now. I am asking a person to join this conversation."
)
TOPICS: dict[str, Topic] = {
    "self-harm": Topic(Route("queue", priority=100), line=_LINE),
    "fraud": Topic(Route(priority=50)),
    "payment-dispute": Topic(Route(priority=20)),
    "legal": Topic(Route(priority=20)),
    "complaint": Topic(Route(priority=20)),
    "data-protection": Topic(Route(priority=10)),
}
"""Those that the package brings words for."""


@dataclass(frozen=True, slots=True)
class BotTriage:
    """``[triage.bot.NAME]``: what is different for one bot."""

    enabled: bool = True
    skill: str = ""


@dataclass(frozen=True, slots=True)
class TriageConfig:
    """``[triage]``. ``past``: how many earlier messages of the person a new one is compared with."""

    enabled: bool = True
    languages: tuple[str, ...] = LANGUAGES
    past: int = 4
    thresholds: dict[str, float] = field(default_factory=lambda: dict(THRESHOLDS))
    reasons: dict[str, Route] = field(default_factory=lambda: dict(REASONS))
    topics: dict[str, Topic] = field(default_factory=lambda: dict(TOPICS))
    bots: dict[str, BotTriage] = field(default_factory=dict)
