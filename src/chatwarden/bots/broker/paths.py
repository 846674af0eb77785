"""Paths of requests to applications, and the patterns that grants are written in. Pure.

A path is taken as it was sent, and refused unless there is one way to read it: no empty segment, no ``.`` or ``..``, no
backslash, no path parameters (``;``), nothing encoded that need not be, and nothing encoded that is any of these. So what
is compared here and what an application makes of it cannot differ (RFC 3986 section 6.2.2, CWE-22, CWE-436).

A pattern is a path of the same kind in which a segment ``*`` stands for any one segment and a last segment ``**`` for any
number of them, one at least.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from chatwarden.errors import ChatwardenError

LENGTH_MAX = 2_048
# Unreserved characters, sub-delimiters but ";", ":" and "@" (RFC 3986 section 3.3).
_LITERAL = r"A-Za-z0-9._~!$&'()*+,=:@-"
SAFE = "!$&'()*+,=:@"
_SEGMENT = re.compile(rf"(?:[{_LITERAL}]|%[0-9A-Fa-f]{{2}})+")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_QUERY = re.compile(rf"(?:[/?{_LITERAL}]|%[0-9A-Fa-f]{{2}})*")
# Encoded, these could be read as something else by whoever decodes once more, or mean the same as the plain character.
_NEVER_ENCODED = frozenset(b"/\\.;%?#") | frozenset(range(0x20)) | {0x7F}
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~")
# Names by which frameworks take another method than the one that was sent.
_OVERRIDES = frozenset({"_method", "x-http-method-override", "x-method-override", "x-http-method"})


class Unclear(ChatwardenError):
    """There is more than one way to read it; the text is one word."""


def segments(path: str) -> tuple[str, ...]:
    """The segments of *path*, decoded; a last empty one for a slash at its end. Raises Unclear."""
    if not path.startswith("/") or len(path) > LENGTH_MAX:
        raise Unclear("path")
    if path == "/":
        return ("",)
    parts = path[1:].split("/")
    found = [_decoded(part) for part in parts[:-1]]
    return (*found, _decoded(parts[-1]) if parts[-1] else "")


def _decoded(segment: str) -> str:
    if not _SEGMENT.fullmatch(segment) or segment in {".", ".."}:
        raise Unclear("segment")
    values = bytes(int(pair, 16) for pair in _ENCODED.findall(segment))
    if any(value in _NEVER_ENCODED or value in _PLAIN for value in values):
        raise Unclear("encoding")
    raw = b"".join(
        bytes([int(part, 16)]) if at % 2 else part.encode("ascii") for at, part in enumerate(_ENCODED.split(segment))
    )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unclear("encoding") from None
    if not text.isprintable():
        raise Unclear("encoding")
    # Look-alikes that whoever brings text into one form (NFKC) turns into these: a wide slash, two dots in one character.
    plain = unicodedata.normalize("NFKC", text)
    if plain in {".", ".."} or any(c in plain for c in "/\\;%?#"):
        raise Unclear("encoding")
    return text


def joined(parts: tuple[str, ...]) -> str:
    """The path of decoded segments, as it is sent. Raises Unclear where a segment cannot stand in one."""
    path = "/" + "/".join(quote(part, safe=SAFE) for part in parts)
    if segments(path) != parts:
        raise Unclear("segment")
    return path


def query(text: str) -> str:
    """A query as it was sent. Raises Unclear for one with another character than a query may have, with anything that is
    not UTF-8, or with the name of another method.
    """
    if not _QUERY.fullmatch(text) or len(text) > LENGTH_MAX:
        raise Unclear("query")
    for pair in text.split("&"):
        name = pair.partition("=")[0].replace("+", " ")
        try:
            plain = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), name.encode()).decode("utf-8")
        except UnicodeDecodeError:
            raise Unclear("query") from None
        if overrides(plain) or not plain.isprintable():
            raise Unclear("query")
    return text


def overrides(name: str) -> bool:
    """Whether a framework may take the method of a request from a parameter of this *name*. PHP reads a dot, a space and an
    opening bracket in a name as an underscore.
    """
    plain = name.strip().lower()
    return plain in _OVERRIDES or re.sub(r"[. \[]", "_", plain) in _OVERRIDES


def pattern(text: str) -> str:
    """*text*, if it is a pattern. Raises Unclear."""
    if "**" in segments(text)[:-1]:
        raise Unclear("pattern")
    return text


def matches(pattern: str, parts: tuple[str, ...]) -> bool:
    """Whether the path of *parts* fits *pattern*, capitals and all."""
    wanted = segments(pattern)
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        if len(parts) <= len(wanted):
            return False
        parts = parts[: len(wanted)]
    return len(wanted) == len(parts) and all(
        want == part or (want == "*" and bool(part)) for want, part in zip(wanted, parts, strict=True)
    )
