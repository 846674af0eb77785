"""The rows of ``[triage]``: when an inquiry is offered to people, and to whom."""

from __future__ import annotations

import re

from chatwarden.config import values as v
from chatwarden.config.inquiries import LANGUAGES, THRESHOLDS, BotTriage, Route, Topic, TriageConfig
from chatwarden.config.phrases import expression
from chatwarden.config.setting import Setting, row

_TRIAGE, _ROUTE, _TOPIC, _BOT = TriageConfig(), Route(), Topic(), BotTriage()
PHRASES_MAX = 200


def languages(value: object) -> tuple[str, ...]:
    """A list of languages that the package has words for."""
    if not isinstance(value, list) or any(one not in LANGUAGES for one in value):
        raise ValueError(f"this is a list of {', '.join(LANGUAGES)}")
    return tuple(dict.fromkeys(value))


def phrases(value: object) -> tuple[str, ...]:
    """A list of phrases (phrases.py)."""
    if not isinstance(value, list) or len(value) > PHRASES_MAX or any(not isinstance(one, str) for one in value):
        raise ValueError(f"this is a list of at most {PHRASES_MAX} phrases")
    for one in value:
        expression(one)
    return tuple(value)


def points(value: object) -> float:
    """A score that is reached or not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 10:
        raise ValueError("this is a number from 0.1 to 10")
    return float(value)


def skill(value: object) -> str:
    """The name of a skill, or empty."""
    if not isinstance(value, str) or not re.fullmatch(r"([a-z0-9][a-z0-9-]{0,31})?", value):
        raise ValueError("a skill's name has 1 to 32 small letters, digits or dashes")
    return value


def _route(table: str, what: str) -> tuple[Setting, ...]:
    return (
        row(f"{table}.outcome", v.one_of("bot", "offer", "queue"), None,
            f"where {what} leads: bot, it counts for nothing; offer, people are offered; queue, they are asked at once",
            reload=True),
        row(f"{table}.skill", skill, _ROUTE.skill, "which agents it goes to; all if empty", reload=True),
        row(f"{table}.priority", v.count(0, 1_000), None, "higher waits less", reload=True),
    )  # fmt: skip


TRIAGE_SETTINGS: tuple[Setting, ...] = (
    row("triage.enabled", v.boolean, _TRIAGE.enabled,
        "whether words are looked at; bots that fail or give up are handed over all the same", reload=True),
    row("triage.languages", languages, _TRIAGE.languages, "whose words of the package count", reload=True),
    row("triage.past", v.count(0, 16), _TRIAGE.past,
        "earlier messages of the person that a new one is compared with", reload=True),
    row("triage.threshold.*", points, None,
        "from which score on it holds: " + ", ".join(f"{name} {most}" for name, most in THRESHOLDS.items()), reload=True),
    *_route("triage.reason.*", "this reason"),
    row("triage.topic.*.words", phrases, _TOPIC.words,
        "phrases that show the topic, beside those of the package (docs/triage.md says how they are written)", reload=True),
    row("triage.topic.*.unless", phrases, _TOPIC.unless, "phrases that show that it is not meant", reload=True),
    *_route("triage.topic.*", "this topic"),
    row("triage.topic.*.line", v.text, _TOPIC.line,
        "what the person reads in place of the bot's answer, which is then not asked; self-harm has one", reload=True),
    row("triage.bot.*.enabled", v.boolean, _BOT.enabled, "the same as triage.enabled, for this bot", reload=True),
    row("triage.bot.*.skill", skill, _BOT.skill, "which agents this bot's hand-offs go to, if nothing else says",
        reload=True),
)  # fmt: skip
