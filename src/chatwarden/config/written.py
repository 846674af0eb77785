"""What was written: every value with its place, looked up in the table of settings, with the line for an error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from chatwarden.clock import SECOND
from chatwarden.config.locate import locate, located
from chatwarden.config.origin import Origin, Path
from chatwarden.config.setting import Setting
from chatwarden.config.settings import EXACT, WILDCARDS
from chatwarden.errors import ConfigurationError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_NAMED = {
    "bots": "a bot's name",
    "company": "a company login's name",
    "sites": "a site's name",
    "clients": "a client's name",
    "levels": "a level's name",
    "step_up": "an operation's name",
}
_SECRETS = frozenset({"api_key", "apikey", "credential", "key", "password", "secret", "token"})
_PLACES = ((0,), (1,), (2,), (3,), (1, 3))  # where a name that the operator chooses may stand in a setting


class Written:
    """One document. Raises ConfigurationError for what is no setting or has a wrong value."""

    def __init__(self, toml: str, document: dict[str, Any]) -> None:
        self._toml = toml
        self.values: dict[Path, Any] = {}
        self.tables: list[Path] = []
        self._raw: dict[Path, tuple[Setting, object]] = {}
        for path, value in _leaves(document):
            if value == {}:
                self._empty(path)
                continue
            setting = self._setting(path)
            try:
                self.values[path] = setting.parse(value)
            except ValueError as error:
                raise self.error(path, f"{'.'.join(path)}: {error}") from None
            self._raw[path] = (setting, value)
        self._floors()

    def _setting(self, path: Path) -> Setting:
        dotted = ".".join(path)
        if dotted in EXACT and "*" not in dotted:
            return EXACT[dotted]
        for places in _PLACES:
            parts = ["*" if at in places else name for at, name in enumerate(path)]
            if ".".join(parts) not in EXACT or places[-1] >= len(path):
                continue
            at = places[-1]
            allowed = WILDCARDS.get(".".join(parts[: at + 1]))
            if allowed is not None and path[at] not in allowed:
                raise self.error(path, f"there is no {path[at]} in {'.'.join(path[:at])}", _nearest(path[at], allowed))
            if path[0] in _NAMED and not _NAME.fullmatch(path[1]):
                raise self.error(path, f"{_NAMED[path[0]]} has 1 to 32 small letters, digits or dashes")
            return EXACT[".".join(parts)]
        if path[-1] in _SECRETS:
            raise self.error(
                path, f"{dotted[:100]}: a secret never stands in this file", "write it to a file and name that file"
            )
        known = [name.replace("*", path[1] if len(path) > 2 else "*") for name in EXACT]
        raise self.error(path, f"there is no setting {dotted[:100]}", _nearest(dotted, known))

    def _empty(self, path: Path) -> None:
        """A table without settings: fine where settings could stand."""
        shapes = {tuple(name.split(".")[: len(path)]) for name in EXACT if name.count(".") >= len(path)}
        if not any(all(a in {"*", b} for a, b in zip(shape, path, strict=True)) for shape in shapes):
            raise self.error(
                path, f"there is no table [{'.'.join(path)[:100]}]", "docs/settings.md lists every setting"
            )
        self.tables.append(path)

    def _floors(self) -> None:
        lab = self.values.get(("server", "lab"), False)
        for path, value in self.values.items():
            setting = self._setting(path)
            if setting.floor and 0 < value < setting.floor and not lab:
                raise self.error(
                    path, f"{'.'.join(path)} is below its floor of {setting.floor // SECOND}s",
                    "server.lab = true permits it for tests, on loopback only",
                )  # fmt: skip

    @property
    def origins(self) -> dict[Path, Origin]:
        """Every value as it was written, with its line."""
        lines = located(self._toml)
        return {
            path: Origin(setting.name, value, lines.get(path), setting.reload)
            for path, (setting, value) in self._raw.items()
        }

    def table(self, *prefix: str) -> dict[str, Any]:
        """The values that stand directly in one table."""
        return {
            path[-1]: value
            for path, value in self.values.items()
            if path[:-1] == prefix
            and ".".join(path) not in {"session.profile", "session.visitors", "session.time_zone"}
        }

    def names(self, table: str) -> list[str]:
        """The names that the operator chose in a table of tables, in the order written."""
        written = [*(path[:-1] for path in self.values), *self.tables]
        return list(dict.fromkeys(path[1] for path in written if path[0] == table and len(path) > 1))

    def error(self, path: tuple[str, ...], message: str, hint: str = "") -> ConfigurationError:
        """An error with the line of the setting at *path*."""
        return ConfigurationError(message, line=locate(self._toml, path), hint=hint)


def _leaves(table: dict[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        path = (*prefix, name)
        if isinstance(value, dict) and value and len(path) < 8:
            yield from _leaves(value, path)
        else:
            yield path, value


def _nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else "docs/settings.md lists every setting"
