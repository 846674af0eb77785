"""What a setting is: one row of the table in settings.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatwarden.clock import Duration
from chatwarden.config import values as v

LIMIT = v.or_off(v.duration)
OPTIONAL = v.or_off(v.duration, 0)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    parse: Callable[[object], Any]
    default: object
    meaning: str
    reload: bool = False
    floor: Duration = 0

    @property
    def is_duration(self) -> bool:
        """Whether it is written as a duration."""
        return self.parse in {v.duration, v.lifetime, LIMIT, OPTIONAL}

    @property
    def written_default(self) -> str:
        """The default as an operator would write it."""
        if self.parse is OPTIONAL and not self.default:
            return '"off"'
        if self.is_duration and isinstance(self.default, int):
            return v.shown_duration(self.default)
        return v.shown(self.default)


def row(
    name: str,
    parse: Callable[[object], Any],
    default: object,
    meaning: str,
    *,
    reload: bool = False,
    floor: Duration = 0,
) -> Setting:
    """A row."""
    return Setting(name, parse, default, meaning, reload, floor)
