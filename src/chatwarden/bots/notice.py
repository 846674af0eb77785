"""What people are told before they chat: that a machine answers (EU AI Act, article 50) and how long what they say is
kept (GDPR, article 13).
"""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.classes import DataClass
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, Duration
from chatwarden.config.model import BotConfig, RetentionConfig

_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))
_MACHINE = BotConfig("", "").machine_line
_SHOWN = {
    DataClass.PAYMENT_CARD: "a card number",
    DataClass.IBAN: "a bank account",
    DataClass.NATIONAL_ID: "an identity number",
}


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long messages live at most, in seconds; ``classes``: those with such data, where they live shorter. ``kept``: the
    law wants messages kept, so that they cannot be destroyed earlier.
    """

    default: int
    classes: dict[DataClass, int]
    kept: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """Two texts for the screen; ``machine`` is empty where the operator says it in another way. ``protects``: whether
    findings are acted on, so that no screen promises what is only observed. ``made``: which of the two texts no operator
    wrote, so that a page may say them in the language of its person.
    """

    machine: str
    privacy: str
    protects: bool
    lifetimes: Lifetimes
    made: tuple[str, ...]


def notice(bot: BotConfig, retention: RetentionConfig) -> Notice:
    """The notice of one bot. The privacy text is made from the lifetimes unless the operator wrote one."""
    lives = _lifetimes(bot, retention)
    own = {"machine": bot.machine_line != _MACHINE, "privacy": bool(bot.privacy_notice)}
    return Notice(
        bot.machine_line, bot.privacy_notice or _privacy(lives), bot.mode == "protect", lives,
        tuple(name for name, written in own.items() if not written),
    )  # fmt: skip


def _lifetimes(bot: BotConfig, retention: RetentionConfig) -> Lifetimes:
    least = bot.keep.get(None, 0)
    usual = max(retention.default, least)
    lives = {one: max(retention.classes[one], least, bot.keep.get(one, 0)) for one in _SHOWN}
    sooner = {one: life // SECOND for one, life in lives.items() if 0 < life < usual}
    return Lifetimes(usual // SECOND, sooner, bool(bot.keep))


def _privacy(lives: Lifetimes) -> str:
    parts = [f"Messages are destroyed after {spoken(lives.default * SECOND)}"]
    shorter = [f"with {_SHOWN[one]} after {spoken(life * SECOND)}" for one, life in lives.classes.items()]
    if shorter:
        parts.append(", those " + ", ".join(shorter))
    parts.append(". Codes and passwords are never stored.")
    if lives.kept:
        parts.append(" Where the law wants messages kept, they cannot be destroyed earlier.")
    else:
        parts.append(" You can destroy a message at any time.")
    return "".join(parts)


def spoken(duration: Duration) -> str:
    """``30 days``, ``15 minutes``: in the largest unit that fits."""
    unit, name = next((u for u in _UNITS if duration % u[0] == 0 and duration >= u[0]), _UNITS[-1])
    count = duration // unit
    return f"{count} {name}{'' if count == 1 else 's'}"
