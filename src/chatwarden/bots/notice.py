"""What people are told before they chat: that a machine answers (EU AI Act, article 50) and how long what they say is
kept (GDPR, article 13).
"""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.classes import DataClass
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, Duration
from chatwarden.config.model import BotConfig, RetentionConfig

_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))
_SHOWN = (
    (DataClass.PAYMENT_CARD, "a card number"),
    (DataClass.IBAN, "a bank account"),
    (DataClass.NATIONAL_ID, "an identity number"),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Two texts for the screen; ``machine`` is empty where the operator says it in another way. ``protects``: whether
    findings are acted on, so that no screen promises what is only observed.
    """

    machine: str
    privacy: str
    protects: bool


def notice(bot: BotConfig, retention: RetentionConfig) -> Notice:
    """The notice of one bot. The privacy text is made from the lifetimes unless the operator wrote one."""
    return Notice(bot.machine_line, bot.privacy_notice or _privacy(bot, retention), bot.mode == "protect")


def _privacy(bot: BotConfig, retention: RetentionConfig) -> str:
    least = bot.keep.get(None, 0)
    parts = [f"Messages are destroyed after {spoken(max(retention.default, least))}"]
    shorter = []
    for data_class, name in _SHOWN:
        life = max(retention.classes[data_class], least, bot.keep.get(data_class, 0))
        if 0 < life < max(retention.default, least):
            shorter.append(f"with {name} after {spoken(life)}")
    if shorter:
        parts.append(", those " + ", ".join(shorter))
    parts.append(". Codes and passwords are never stored.")
    if bot.keep:
        parts.append(" Where the law wants messages kept, they cannot be destroyed earlier.")
    else:
        parts.append(" You can destroy a message at any time.")
    return "".join(parts)


def spoken(duration: Duration) -> str:
    """``30 days``, ``15 minutes``: in the largest unit that fits."""
    unit, name = next((u for u in _UNITS if duration % u[0] == 0 and duration >= u[0]), _UNITS[-1])
    count = duration // unit
    return f"{count} {name}{'' if count == 1 else 's'}"
