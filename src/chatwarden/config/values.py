"""How the values of a configuration are written: durations, rates, names, addresses. Each parser raises ValueError."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, Duration
from chatwarden.config.alarms import Threshold
from chatwarden.config.model import OFF, Allowed, DatabaseServer, Network, Rate
from chatwarden.config.span import Span
from chatwarden.principal import Role

NEVER: Duration = 0
_DURATION = re.compile(r"([1-9]\d{0,5})(s|m|h|d)")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_RATE = re.compile(r"([1-9]\d{0,5})/(\d{0,4})(s|m|h|d)(?: burst ([1-9]\d{0,5}))?")
_THRESHOLD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})?(s|m|h|d)")
_BOT_ROLES = (Role.VISITOR, Role.CUSTOMER, Role.AGENT, Role.ADMIN, Role.AUDITOR, Role.TRAINER)


def duration(value: object) -> Duration:
    """``"15m"``: a number and s, m, h or d."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a duration is written like "90s", "15m", "12h" or "30d"')
    return int(match[1]) * _UNITS[match[2]]


def lifetime(value: object) -> Duration:
    """A duration, or ``"never"``: not written at all."""
    return NEVER if value == "never" else duration(value)


def rate(value: object) -> Rate | None:
    """``"1/s burst 8"``, ``"5/15m"`` or ``"off"``."""
    if value == "off":
        return None
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a rate is written like "1/s burst 8", "5/15m burst 5" or "off"')
    count, span = int(match[1]), int(match[2] or 1) * _UNITS[match[3]]
    return Rate(max(1, span // count), int(match[4] or 1))


def threshold(value: object) -> Threshold | None:
    """``"50/10m"``: more than 50 within ten minutes; or ``"off"``."""
    if value == "off":
        return None
    match = _THRESHOLD.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('this is written like "50/10m", more than so many within that time, or "off"')
    return Threshold(int(match[1]), int(match[2] or 1) * _UNITS[match[3]])


def or_off(parse: Callable[[object], int], off: int = OFF) -> Callable[[object], int]:
    """The same parser, with ``"off"`` beside: no limit at all."""

    def either(value: object) -> int:
        if value == "off":
            return off
        try:
            return parse(value)
        except ValueError as error:
            raise ValueError(f'{error}, or "off"') from None

    return either


def boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("this is true or false")  # noqa: TRY004  one kind of error for a wrong value
    return value


def text(value: object) -> str:
    """Any short text."""
    if not isinstance(value, str) or len(value) > 4_096:
        raise ValueError("this is a text")
    return value


def word(value: object) -> str:
    """A name without spaces."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,256}", value):
        raise ValueError("this is a name of up to 256 ASCII characters without spaces")
    return value


def count(low: int, high: int) -> Callable[[object], int]:
    """A parser of whole numbers within bounds."""

    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"this is a whole number from {low} to {high}")
        return value

    return parse


def one_of(*allowed: str) -> Callable[[object], str]:
    """A parser of words from a closed set."""

    def parse(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"this is one of {', '.join(allowed)}")
        return str(value)

    return parse


def path(value: object) -> Path:
    """A file or folder; relative to the home."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("this is the path of a file")
    return Path(value)


def roles(value: object) -> tuple[Role, ...]:
    """A list of roles."""
    names = [role.value for role in _BOT_ROLES]
    if not isinstance(value, list) or not value or any(name not in names for name in value):
        raise ValueError(f"this is a list of {', '.join(names)}")
    return tuple(Role(name) for name in value)


def networks(value: object) -> tuple[Network, ...]:
    """A list of addresses and networks, none of which is everybody."""
    if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
        raise ValueError('this is a list of addresses and networks like ["10.0.0.5", "10.1.0.0/24", "2001:db8::/64"]')
    found: list[Network] = []
    for one in value:
        try:
            network = ipaddress.ip_network(one)
        except ValueError:
            raise ValueError(f"{one[:64]!r} is neither an address nor a network without host bits") from None
        if network.prefixlen == 0:
            raise ValueError(f"{one} is everybody")
        found.append(network)
    return tuple(found)


def allowed(value: object) -> tuple[Allowed, ...]:
    """``[{ value = "+49 30 901820", reason = "our hotline" }]``: every entry has a reason."""
    wrong = ValueError('this is a list of { value = "…", reason = "…" }')
    if not isinstance(value, list) or len(value) > 1_000:
        raise wrong
    found = []
    for one in value:
        if not isinstance(one, dict) or set(one) != {"value", "reason"}:
            raise wrong
        entry = Allowed(text(one["value"]).strip(), text(one["reason"]).strip())
        if len(entry.value) < 5 or not entry.reason:
            raise ValueError("an allowed value has at least five characters and a reason")
        found.append(entry)
    return tuple(found)


def public_url(value: object) -> str:
    """``https://host`` without a path, or empty."""
    if value == "":
        return ""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError('this is written like "https://chat.example.org"')
    return f"https://{parts.netloc}"


def upstream_url(value: object) -> str:
    """An http or https address."""
    parts = urlsplit(value) if isinstance(value, str) else None
    try:
        sound = parts is not None and parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if parts is None or not sound or parts.username or parts.query or parts.fragment:
        raise ValueError('this is written like "https://bot.example.org/v1"')
    if not re.fullmatch(r"[!-~]*", str(value)):
        raise ValueError("an address has no spaces; other letters than ASCII are written with percent signs")
    return str(value)


def proxy_url(value: object) -> str:
    """``http://host:port`` without user and path, or empty."""
    if value == "":
        return ""
    parts = urlsplit(value) if isinstance(value, str) else None
    try:
        sound = parts is not None and parts.scheme == "http" and parts.hostname and parts.port
    except ValueError:
        sound = False
    if parts is None or not sound or parts.username is not None or parts.path not in {"", "/"} or parts.query:
        raise ValueError('this is written like "http://proxy.example.org:3128", without a user')
    return f"http://{parts.netloc}"


def database(value: object) -> DatabaseServer | None:
    """``"sqlite"`` (None), or ``postgresql://USER@HOST[:PORT]/DATABASE``; ``?host=/run/postgresql`` names a socket."""
    if value == "sqlite":
        return None
    wrong = ValueError('this is "sqlite", or written like "postgresql://chatwarden@db.example.org/chatwarden"')
    if not isinstance(value, str) or len(value) > 1_024:
        raise wrong
    parts = urlsplit(value)
    if parts.password is not None:
        raise ValueError("a password never stands in this file: write it to storage.password_file")
    query, name = parse_qs(parts.query), unquote(parts.path.removeprefix("/"))
    host = query.get("host", [parts.hostname or ""])[0]
    if parts.scheme != "postgresql" or not parts.username or not name or not host or set(query) - {"host"}:
        raise wrong
    return DatabaseServer(host, parts.port or 5432, unquote(parts.username), name)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(rf"({'|'.join(_DAYS)})(?:-({'|'.join(_DAYS)}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


def hours(value: object) -> tuple[Span, ...]:
    """``"Mon-Fri 07:00-19:00, Sat 08:00-12:00"``, or empty: all hours. A day may end at 24:00."""
    if value == "":
        return ()
    found: list[Span] = []
    for part in str(value).split(",") if isinstance(value, str) else [""]:
        match = _SPAN.fullmatch(part.strip())
        numbers = [int(number) for number in match.groups()[2:]] if match else [99]
        begin, end = (numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]) if match else (0, 0)
        if match is None or not begin < end <= 24 * 60 or numbers[1] > 59 or numbers[3] > 59:
            raise ValueError('hours are written like "Mon-Fri 07:00-19:00, Sat 08:00-12:00"; a span ends on its day')
        first, last = _DAYS.index(match[1]), _DAYS.index(match[2] or match[1])
        if last < first:
            raise ValueError("a week begins with Mon: write two spans")
        found.extend(Span(day, begin, end) for day in range(first, last + 1))
    return tuple(found)


def time_zone(value: object) -> str:
    """A name of the IANA time zone database."""
    if not isinstance(value, str) or value not in zoneinfo.available_timezones():
        raise ValueError('this is a time zone like "Europe/Berlin" or "UTC"')
    return value


def rights(value: object) -> tuple[str, ...]:
    """A list of names that applications and the configuration give a meaning."""
    if (
        not isinstance(value, list)
        or len(value) > 64
        or not all(isinstance(one, str) and re.fullmatch(r"[a-z0-9][a-z0-9:._-]{0,63}", one) for one in value)
    ):
        raise ValueError('this is a list of names like ["orders:read", "transfers:create"]')
    return tuple(value)


def syslog_url(value: object) -> tuple[str, int]:
    """``"tls://siem.example.org:6514"``: host and port (RFC 5425 has 6514), or empty."""
    if value == "":
        return "", 0
    wrong = ValueError('this is written like "tls://siem.example.org:6514"; syslog without TLS is not spoken')
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,300}", value):
        raise wrong
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", 6514 if parts.port is None else parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "tls" or not host or not port or parts.path not in {"", "/"} or parts.query or parts.username:
        raise wrong
    return host, port


def listen(value: object) -> str:
    """``"127.0.0.1:9464"`` or ``"off"``."""
    if value == "off":
        return "off"
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError('this is written like "127.0.0.1:9464", or "off"')
    return str(value)


def shown(value: object) -> str:
    """A default as an operator would write it in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Rate):
        per = next(
            (f"1/{'' if value.interval == unit else value.interval // unit}{name}"
             for name, unit in reversed(_UNITS.items()) if value.interval % unit == 0),
            f"{SECOND // value.interval}/s",
        )  # fmt: skip
        return f'"{per} burst {value.burst}"'
    if isinstance(value, Threshold):
        return f'"{value.count}/{shown_duration(value.within).strip(chr(34))}"'
    if value is None:
        return "not set"
    if value == OFF:
        return '"off"'
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def shown_duration(value: Duration) -> str:
    """A duration as an operator would write it."""
    if value == NEVER:
        return '"never"'
    name, unit = next((n, u) for n, u in reversed(_UNITS.items()) if value % u == 0)
    return f'"{value // unit}{name}"'
