"""The kinds of values that a setting may have: from what TOML gives to what the program uses.

``read`` takes a TOML value and returns the parsed one or raises ValueError with a phrase that follows "must be".
Durations are ``1s 5m 24h 30d``, in places also ``never``; rates are ``5/m burst 10`` or ``off``. Nothing here knows the
name of a setting, its floor or its default.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, Duration
from chatwarden.config.model import Rate

_UNITS: dict[str, Duration] = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_TIME = re.compile(r"([0-9]{1,9})([smhd])")
_RATE = re.compile(r"([0-9]{1,6})/([smhd])(?: burst ([0-9]{1,6}))?")
_LONGEST = 36_500 * DAY


class Kind(Protocol):
    """What a setting's value looks like. ``told`` is its description in the documentation."""

    @property
    def told(self) -> str:
        """For the reference page."""
        ...

    def read(self, value: object) -> object:
        """The parsed value; ValueError says what it must be."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A string; not empty unless *empty*."""

    empty: bool = True
    told: str = "text"

    def read(self, value: object) -> str:
        """The string itself, free of control characters."""
        if not isinstance(value, str) or not (value or self.empty):
            raise ValueError("text in quotes")
        if any(ord(c) < 32 and c not in "\n\t" for c in value):
            raise ValueError("text without control characters")
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    told: str = "true or false"

    def read(self, value: object) -> bool:
        """The truth value; 1 and "yes" are not it."""
        if not isinstance(value, bool):
            raise ValueError("true or false")  # noqa: TRY004  one error for every wrong value
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from *low* to *high*. With *off*, "off" stands for the highest number."""

    low: int
    high: int
    off: bool = False

    @property
    def told(self) -> str:
        """The range."""
        return f"{self.low} to {self.high}" + (', or "off" for the highest' if self.off else "")

    def read(self, value: object) -> int:
        """The number."""
        if self.off and value == "off":
            return self.high
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(f"a whole number from {self.low} to {self.high}" + (', or "off"' if self.off else ""))
        return value


@dataclass(frozen=True, slots=True)
class Time:
    """A duration in microseconds. *never* is 0; with *off*, "off" is *high*."""

    high: Duration = _LONGEST
    never: bool = False
    off: bool = False

    @property
    def told(self) -> str:
        """The forms."""
        return "duration" + (' or "never"' if self.never else "") + (f', or "off" for {spell(self.high)}' * self.off)

    def read(self, value: object) -> Duration:
        """The duration."""
        if self.never and value == "never":
            return 0
        if self.off and value == "off":
            return self.high
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValueError(
                'a duration such as "30s", "5m", "24h" or "30d"'
                + (', or "never"' if self.never else "")
                + (', or "off"' if self.off else "")
            )
        duration = int(match[1]) * _UNITS[match[2]]
        if duration > self.high:
            raise ValueError(f"at most {spell(self.high)}")
        return duration


@dataclass(frozen=True, slots=True)
class PerTime:
    """A rate, or None for "off"."""

    told: str = 'rate such as "5/m burst 10", or "off"'

    def read(self, value: object) -> Rate | None:
        """The rate."""
        if value == "off":
            return None
        match = _RATE.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[1]) == 0 or (match[3] is not None and int(match[3]) == 0):
            raise ValueError('a rate such as "1/s burst 8" or "5/m", or "off"')
        interval = _UNITS[match[2]] // int(match[1])
        if interval == 0:
            raise ValueError("at most 1000000 a second")  # unreachable: six digits; kept beside the division it guards
        return Rate(interval, int(match[3]) if match[3] else 1)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words. *later* are words of the public contract that this version does not have yet."""

    words: Sequence[str]
    later: Sequence[str] = ()

    @property
    def told(self) -> str:
        """The words."""
        return ", ".join(f'"{word}"' for word in self.words)

    def read(self, value: object) -> str:
        """The word."""
        if isinstance(value, str) and value in self.later:
            raise ValueError(f'{self.told} ("{value}" is not in this version)')
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(f"one of {self.told}")
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """A list of some words, at least one, none twice."""

    words: Sequence[str]

    @property
    def told(self) -> str:
        """The words."""
        return "list of " + ", ".join(f'"{word}"' for word in self.words)

    def read(self, value: object) -> tuple[str, ...]:
        """The words in their order."""
        if not isinstance(value, list) or not value or any(word not in self.words for word in value):
            raise ValueError(f"a {self.told}")
        return tuple(dict.fromkeys(value))


@dataclass(frozen=True, slots=True)
class Networks:
    """A list of addresses or networks."""

    told: str = "list of addresses or networks"

    def read(self, value: object) -> tuple[str, ...]:
        """The networks in normal form."""
        try:
            if isinstance(value, list) and all(isinstance(one, str) for one in value):
                return tuple(str(ipaddress.ip_network(one)) for one in value)
        except ValueError:
            pass
        raise ValueError('a list of addresses or networks such as ["192.0.2.7", "10.0.0.0/8"]')


@dataclass(frozen=True, slots=True)
class File:
    """A path; a relative one starts at the folder of the configuration file (parse.py puts it there)."""

    told: str = "path"

    def read(self, value: object) -> Path:
        """The path."""
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError("a path in quotes")
        return Path(value).expanduser()


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute URL with one of *schemes*, without user, query and fragment. Empty where *empty*."""

    schemes: Sequence[str]
    empty: bool = True

    @property
    def told(self) -> str:
        """The schemes."""
        return " or ".join(self.schemes) + " URL"

    def read(self, value: object) -> str:
        """The URL without a slash at its end."""
        if value == "" and self.empty:
            return ""
        wanted = " or ".join(f"{scheme}://HOST" for scheme in self.schemes)
        try:
            parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
            odd = parts.username or parts.password or parts.query or parts.fragment or parts.port == 0
        except ValueError:
            raise ValueError(f"a URL such as {wanted}") from None
        if not isinstance(value, str) or parts.scheme not in self.schemes or not parts.hostname or odd:
            raise ValueError(f"a URL such as {wanted}, without user, query and fragment")
        if any(ord(c) <= 32 or ord(c) == 127 for c in value):
            raise ValueError("a URL without spaces")
        return value.rstrip("/")


@dataclass(frozen=True, slots=True)
class Listen:
    """``ADDRESS:PORT`` or "off"."""

    told: str = '"ADDRESS:PORT" or "off"'

    def read(self, value: object) -> str:
        """The same text."""
        if isinstance(value, str):
            host, colon, port = value.rpartition(":")
            if value == "off" or (host and colon and port.isdecimal() and port.isascii() and int(port) < 65_536):
                return value
        raise ValueError('"ADDRESS:PORT" or "off"')


def loopback(host: str) -> bool:
    """Whether *host* can only be this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def spell(duration: Duration) -> str:
    """*duration* as one writes it in the file."""
    for unit in ("d", "h", "m"):
        if duration and duration % _UNITS[unit] == 0:
            return f"{duration // _UNITS[unit]}{unit}"
    return f"{duration // SECOND}s"
