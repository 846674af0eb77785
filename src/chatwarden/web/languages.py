"""The words of our pages, by language.

They stand in files, ``strings/LANGUAGE/AREA.json``: a key, and a text, or a text for each plural category of the language
(Unicode CLDR), chosen by the value ``n``. ``{name}`` in a text is filled in by the page. A file of the package, or of a
folder that the operator names: a language of theirs has the keys of English and the same values in them, or the gateway
does not take it. A page is a template in whose ``{{key}}`` texts are put, escaped; its scripts get the same table from a
script of ours that runs before them. So a text never is markup, whoever wrote it.

The language is the one in the address (``lang``), else the first that the browser asks for and that is there
(``Accept-Language``, RFC 9110 section 12.5.4, by lookup, RFC 4647 section 3.4), else the default.

What bots answer, and the texts that are settings, are not translated here.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from chatwarden.config.languages import LanguagesConfig
from chatwarden.errors import ConfigurationError, InvalidRequest
from chatwarden.web.http import Request

Text = str | Mapping[str, str]
Table = Mapping[str, Text]

ENGLISH = "en"
AREAS = {
    "widget": ("shared", "widget"),
    "demo": ("shared", "pages", "log", "events"),
    "console": ("shared", "console", "desk", "office", "log", "events"),
}
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}

_SHIPPED = resources.files("chatwarden.web") / "strings"
_ALL = tuple(dict.fromkeys(area for areas in AREAS.values() for area in areas))
_TAG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,4}")
_RANGE = re.compile(r"([a-z]{1,8}(?:-[a-z0-9]{1,8}){0,7})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?")
_RANGES = 32
_FILE_MAX = 1024 * 1024
_VALUE = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"\{\{([^{}]+)\}\}")


class Languages:
    """Every language that there is, read once."""

    def __init__(self, config: LanguagesConfig, home: Path) -> None:
        """Those of the package, and those of the operator. Raises ConfigurationError."""
        self._areas = {_name(one): _read(one) for one in _SHIPPED.iterdir() if one.is_dir()}
        for one in _folders(None if config.folder is None else home / config.folder):
            self._areas[_name(one)] = _checked(_name(one), _read(one), self._areas[ENGLISH])
        if config.default not in self._areas:
            there = ", ".join(self.names)
            raise ConfigurationError(
                f"there is no language {config.default!r}", hint=f"one of {there}", setting="default"
            )
        self.default = config.default
        self._scripts: dict[tuple[str, str], bytes] = {}

    @property
    def names(self) -> list[str]:
        """The languages, as they are named in ``lang``."""
        return sorted(self._areas)

    def chosen(self, request: Request) -> str:
        """The language of whoever asks."""
        try:
            written = request.query.get("lang", "").lower()[:64]
        except InvalidRequest:  # a page is shown, whatever stands behind its address
            written = ""
        wanted = [written, *asked(request.header(b"accept-language"))]
        return next((found for one in wanted if (found := self._lookup(one))), self.default)

    def _lookup(self, tag: str) -> str:
        """*tag*, or what is left of it without its last parts, if that is there."""
        while tag and tag not in self._areas:
            tag = tag.rpartition("-")[0]
            if tag[-2:-1] == "-":  # a letter alone introduces what follows it
                tag = tag[:-2]
        return tag

    def table(self, language: str, page: str) -> Table:
        """All texts of a kind of page (AREAS)."""
        areas = self._areas[language]
        return {key: text for area in AREAS[page] for key, text in areas[area].items()}

    def script(self, language: str, page: str) -> bytes:
        """The same for its scripts."""
        if (language, page) not in self._scripts:
            table = json.dumps(self.table(language, page), ensure_ascii=False, separators=(",", ":"))
            self._scripts[language, page] = f"window.chatwardenStrings = {table};\n".encode()
        return self._scripts[language, page]

    def fill(self, template: str, language: str, page: str) -> str:
        """A page in this language. Raises KeyError for a text that is not there."""
        table = self.table(language, page)

        def text(mark: re.Match[str]) -> str:
            if mark[1] == "lang":
                return language
            return html.escape(str(table[mark[1]]))

        return _MARK.sub(text, template)


def asked(header: str) -> list[str]:
    """The language ranges of an Accept-Language field, what is wanted most first. What is not understood is left out."""
    found = []
    for part in header.lower().split(",")[:_RANGES]:
        match = _RANGE.fullmatch(part.strip())
        weight = float(match[2] or 1) if match else 0
        if match and weight > 0:
            found.append((weight, match[1]))
    return [tag for _, tag in sorted(found, key=lambda one: -one[0])]


def values(text: Text) -> set[str]:
    """The names of what is filled in."""
    return {name for one in _forms(text) for name in _VALUE.findall(one)}


def _forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def _name(folder: Traversable) -> str:
    if not _TAG.fullmatch(folder.name):
        raise ConfigurationError(
            f"{folder.name[:64]!r} is not the name of a language", hint="a language tag in small letters: fr, pt-br",
            setting="folder",
        )  # fmt: skip
    return folder.name


def _folders(own: Path | None) -> Iterator[Path]:
    if own is None:
        return
    if not own.is_dir():
        raise _wrong(f"there is no folder {own}")
    yield from sorted(one for one in own.iterdir() if one.is_dir())


def _read(folder: Traversable) -> dict[str, dict[str, Text]]:
    return {area: _table(folder, area) for area in _ALL}


def _table(folder: Traversable, area: str) -> dict[str, Text]:
    where = f"{folder.name}/{area}.json"
    try:
        data = (folder / f"{area}.json").read_bytes()
        found = json.loads(data) if len(data) <= _FILE_MAX else None
    except OSError as error:
        raise _wrong(f"cannot read {where}: {error.strerror}") from error
    except ValueError as error:
        raise _wrong(f"{where} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise _wrong(f"{where} is not a table of texts")
    for key, text in found.items():
        forms = isinstance(text, dict) and "other" in text and text.keys() <= CATEGORIES
        if not (isinstance(text, str) or (forms and all(isinstance(one, str) for one in text.values()))):
            raise _wrong(f"{where}: {key} is neither a text nor one for each plural category and 'other'")
    return found


def _checked(
    name: str, areas: dict[str, dict[str, Text]], english: dict[str, dict[str, Text]]
) -> dict[str, dict[str, Text]]:
    """A language that says what English says. Raises ConfigurationError."""
    for area, table in areas.items():
        for key in english[area].keys() ^ table.keys():
            what = "lacks" if key in english[area] else "knows no"
            raise _wrong(f"{name}/{area}.json {what} {key}")
        for key, text in table.items():
            if values(text) != values(english[area][key]):
                wanted = ", ".join(f"{{{one}}}" for one in sorted(values(english[area][key]))) or "nothing"
                raise _wrong(f"{name}/{area}.json: {key} fills in {wanted}")
    return areas


def _wrong(what: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        hint="the texts and values of English, which are in the package: chatwarden/web/strings/en",
        setting="folder",
    )
