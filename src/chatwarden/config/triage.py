"""``[triage]``: what holds unless it is written otherwise, what would leave somebody in silence, what has no words."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from chatwarden.config.inquiries import REASONS, THRESHOLDS, TOPICS, BotTriage, Route, Topic, TriageConfig
from chatwarden.config.written import Written

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def triage(written: Written, known: Collection[str]) -> TriageConfig:
    """What was written; *known* are the bots. Raises ConfigurationError."""
    reasons = {name: _reason(written, name, route) for name, route in REASONS.items()}
    names = _names(written, "topic")
    topics = {name: _topic(written, name) for name in dict.fromkeys((*TOPICS, *names))}
    bots = {name: BotTriage(**written.table("triage", "bot", name)) for name in _names(written, "bot")}
    for name in bots:
        if name not in known:
            raise written.error(("triage", "bot", name), f"there is no bot {name}", f"bots are {', '.join(known)}")
    return TriageConfig(
        thresholds=THRESHOLDS | written.table("triage", "threshold"), reasons=reasons, topics=topics, bots=bots,
        **written.table("triage"),
    )  # fmt: skip


def _reason(written: Written, name: str, route: Route) -> Route:
    found = replace(route, **written.table("triage", "reason", name))
    if found.outcome == "bot" and name in {"bot-failed", "paused"}:
        raise written.error(
            ("triage", "reason", name, "outcome"), f"triage.reason.{name} cannot lead back to the bot",
            "offer or queue: the bot does not answer then",
        )  # fmt: skip
    return found


def _topic(written: Written, name: str) -> Topic:
    table: dict[str, Any] = written.table("triage", "topic", name)
    ours = TOPICS.get(name, Topic())
    route = {key: table.pop(key) for key in ("outcome", "skill", "priority") if key in table}
    topic = replace(ours, route=replace(ours.route, **route), **table)
    if name not in TOPICS and not topic.words:
        raise written.error(
            ("triage", "topic", name), f"triage.topic.{name} needs words",
            f"the package has words for {', '.join(TOPICS)}",
        )  # fmt: skip
    return topic


def _names(written: Written, table: str) -> list[str]:
    """The names that the operator chose under ``[triage.*]``."""
    names = []
    for path in (*(path[:-1] for path in written.values), *written.tables):
        if path[:2] == ("triage", table) and len(path) > 2:
            if not _NAME.fullmatch(path[2]):
                raise written.error(path, f"a {table}'s name has 1 to 32 small letters, digits or dashes")
            names.append(path[2])
    return list(dict.fromkeys(names))
