"""The settings as they are in force, each with where it comes from: default, profile, command line, or a line of the file.

Of what people keep secret nothing is shown: secrets never stand in the file, and what may hold one all the same (the path
of a webhook, the text for a bot) is not repeated. A name with ``*`` is shown where it is written; what is not written of it
has its default, see docs/settings.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatwarden.config.model import Config
from chatwarden.config.origin import Origin
from chatwarden.config.sessions import of_profile
from chatwarden.config.setting import Setting
from chatwarden.config.settings import EXACT, SETTINGS
from chatwarden.config.values import shown, shown_duration

_NOT_SHOWN = ("bots.*.system", "bots.*.allow")  # what may be long, or whatever somebody wrote there
_SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class InForce:
    """One setting. ``source``: ``default``, ``profile``, ``command line``, ``file``; or ``earlier file``, where the file says
    something else by now and a restart is needed for that. ``reload``: whether a reload takes over a change.
    """

    name: str
    value: str
    source: str
    line: int | None
    reload: bool
    meaning: str


def in_force(config: Config) -> list[InForce]:
    """Every setting in the order of the reference."""
    places = {setting.name: at for at, setting in enumerate(SETTINGS)}
    found = [(places[one.name], "", _unwritten(config, one)) for one in SETTINGS if "*" not in one.name]
    by_name = {one.name: at for at, (_, _, one) in enumerate(found)}
    for path, origin in config.written.items():
        name = ".".join(path)
        setting = EXACT[origin.setting]
        one = InForce(
            name, _told(setting.name, origin.value), _source(origin), origin.line, setting.reload, setting.meaning
        )
        if name in by_name:
            at = by_name[name]
            if found[at][2].source != "command line":
                found[at] = (*found[at][:2], one)
        else:
            found.append((places[setting.name], name, one))
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])]


def _source(origin: Origin) -> str:
    return "file" if origin.line is not None else "earlier file"


def _unwritten(config: Config, setting: Setting) -> InForce:
    """What holds where the file says nothing, or the command line more."""
    value, source = setting.written_default, "default"
    table, _, name = setting.name.rpartition(".")
    profile = config.session.profile
    if table == "session" and hasattr(of_profile(profile), name):
        own, general = getattr(of_profile(profile), name), getattr(of_profile("general"), name)
        if own != general:
            value, source = shown_duration(own) if setting.is_duration else shown(own), "profile"
    elif setting.name == "passwords.staff_digits" and profile == "bank":
        value, source = "true", "profile"
    elif setting.name in {"server.host", "server.port"}:
        real = getattr(config.server, name)
        origin = config.written.get((table, name))
        if real != (setting.default if origin is None else origin.value):
            value, source = json.dumps(real), "command line"
    return InForce(setting.name, value, source, None, setting.reload, setting.meaning)


def _told(name: str, value: object) -> str:
    """A value as it stands in the file, without what might be a secret."""
    if name in _NOT_SHOWN:
        return f"({len(value)} {'entries' if isinstance(value, list) else 'characters'})" if value else '""'  # type: ignore[arg-type]
    if name == "notify.webhook" and value:
        parts = urlsplit(str(value))
        return json.dumps(f"{parts.scheme}://{parts.hostname}/…", ensure_ascii=False)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"
