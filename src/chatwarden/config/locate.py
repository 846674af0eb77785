"""Finds the line of a setting in TOML text, so that a complaint can name it.

The text has passed ``tomllib``; this scanner knows just enough of TOML 1.0 to tell keys from values: comments, the four
kinds of strings, brackets. It answers with the line of the nearest enclosing table when the key itself is not found.
"""

from __future__ import annotations

import re
import tomllib

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_PART = re.compile(r"[A-Za-z0-9_-]+")
_AT = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")

Path = tuple[str, ...]


def locate(text: str, path: Path) -> int | None:
    """The 1-based line where *path* is set in *text*, or the line of what encloses it, or None."""
    lines = located(text)
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def syntax_line(text: str, error: tomllib.TOMLDecodeError) -> tuple[str, int | None]:
    """The message of a syntax error without its place, and the line."""
    message = str(error)
    match = _AT.search(message)
    if match is None:
        return message, None
    line = int(match[1]) if match[1] else text.count("\n") + (not text.endswith("\n"))
    return message[: match.start()].strip(), max(line, 1)


def located(text: str) -> dict[Path, int]:
    """The 1-based line of everything that is set in *text*."""
    found: dict[Path, int] = {}
    table: Path = ()
    at = 0
    while (at := _skip(text, at)) < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at] == "[":
            table, at = _key(text, at + text.startswith("[[", at) + 1)
            found.setdefault(table, line)
            at = text.find("\n", at)
            if at < 0:
                break
            continue
        at = _pair(text, at, table, found)
    return found


def _pair(text: str, at: int, table: Path, found: dict[Path, int]) -> int:
    """Reads ``key = value`` and notes the key, its dotted parents and the keys of an inline table."""
    line = text.count("\n", 0, at) + 1
    key, after = _key(text, at)
    if not key:
        return len(text)  # unreachable for text that tomllib accepts; ends the scan instead of looping
    for length in range(1, len(key) + 1):
        found.setdefault(table + key[:length], line)
    return _value(text, _skip(text, after + 1), table + key, found)


def _value(text: str, at: int, path: Path, found: dict[Path, int]) -> int:
    if text.startswith("{", at):
        at = _skip(text, at + 1)
        while at < len(text) and text[at] != "}":
            at = _skip(text, _pair(text, at, path, found))
            if text.startswith(",", at):
                at = _skip(text, at + 1)
        return at + 1
    if text.startswith("[", at):
        at = _skip(text, at + 1)
        while at < len(text) and text[at] != "]":
            at = _skip(text, _value(text, at, path, {}))
            if text.startswith(",", at):
                at = _skip(text, at + 1)
        return at + 1
    string = _STRING.match(text, at)
    if string:
        return string.end()
    plain = re.compile(r"[^,\]}\n#]+").match(text, at)
    return plain.end() if plain else at + 1


def _key(text: str, at: int) -> tuple[Path, int]:
    """A dotted key and the place behind it."""
    parts: list[str] = []
    while True:
        at = _skip(text, at)
        string = _STRING.match(text, at)
        part = string or _PART.match(text, at)
        if part is None:
            return tuple(parts), at
        parts.append(str(tomllib.loads(f"v = {part[0]}")["v"]) if string else part[0])
        at = _skip(text, part.end())
        if not text.startswith(".", at):
            return tuple(parts), at
        at += 1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
