"""The texts in a request or an answer, and the same request or answer with other texts in their places. Pure.

JSON keeps its form: only strings are rewritten, and numbers that turn out to be something to hide become strings; every
other byte stays. A form keeps its order. A text is one text. Anything else cannot be looked into and is no payload.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import zip_longest
from urllib.parse import parse_qsl, urlencode

from chatwarden.errors import ChatwardenError

_DEPTH = 64
_FIELDS = 256
_FORM = "application/x-www-form-urlencoded"
_PLAIN = {"json": "application/json", "form": _FORM, "text": "text/plain"}
_MEDIA = re.compile(r"[a-z]{1,16}/[a-z0-9][a-z0-9.+-]{0,63}")
# After the whole was parsed once, these are its tokens.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[{}\[\]:,]|true|false|null')
_LONG_NUMBER = 6  # digits from which a number may be somebody's

Names = tuple[str, ...]
"""Of the members within which a text stands, or of its field; the nearest first."""
Said = Callable[[Names, str], str]
"""The text to stand in the place of a text."""


class NoPayload(ChatwardenError):
    """It cannot be looked into; the text is one word."""


def kind(content_type: str) -> str:
    """json, form or text. Raises NoPayload for another."""
    media, _, rest = content_type.lower().partition(";")
    media = media.strip()
    charset = re.search(r"charset\s*=\s*\"?([a-z0-9._-]+)", rest)
    if charset is not None and charset[1] not in {"utf-8", "utf8", "us-ascii"}:
        raise NoPayload("charset")
    if media == "application/json" or (media.startswith("application/") and media.endswith("+json")):
        return "json"
    if media == _FORM:
        return "form"
    if media.startswith("text/") and media != "text/event-stream":
        return "text"
    raise NoPayload("media")


def told(content_type: str, harmless: Callable[[str], bool]) -> str:
    """The content type of an answer as it may go on: what is looked into, and no parameter of another's. A name that is
    not *harmless* gives way to the plain one of its kind. Raises NoPayload.
    """
    what, media = kind(content_type), content_type.lower().partition(";")[0].strip()
    if not _MEDIA.fullmatch(media) or not harmless(media):
        media = _PLAIN[what]
    return f"{media}; charset=utf-8" if what == "text" else media


def rewritten(content_type: str, body: bytes, said: Said) -> bytes:
    """*body* with what *said* makes of each text in it. Raises NoPayload."""
    if not body:
        return body
    what = kind(content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NoPayload("charset") from None
    if what == "json":
        return _json(text, said).encode("utf-8")
    if what == "form":
        return form(text, said).encode("ascii")
    return said((), text).encode("utf-8")


def form(text: str, said: Said) -> str:
    """A form or a query; one in which nothing changes stays as it was written. Raises NoPayload."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise NoPayload("form") from None
    new = [(said((), name), said((name,), value)) for name, value in pairs]
    return text if new == pairs else urlencode(new)


def noting(texts: list[str]) -> Said:
    """Collects the texts and changes nothing."""

    def note(_names: Names, text: str) -> str:
        texts.append(text)
        return text

    return note


def fields(content_type: str, body: bytes) -> list[str]:
    """The names of what a form, or the object of a JSON text, is made of. Of what ``rewritten`` takes."""
    what, text = kind(content_type), body.decode("utf-8")
    if what == "form":
        return [name for name, _ in parse_qsl(text, keep_blank_values=True)]
    found = json.loads(text) if what == "json" else None
    return list(found) if isinstance(found, dict) else []


def _json(text: str, said: Said) -> str:
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NoPayload("json") from None
    tokens = list(_TOKEN.finditer(text))
    pieces: list[str] = []
    at = 0
    name, outer = "", list[str]()
    for token, following in zip_longest(tokens, tokens[1:]):
        word = token[0]
        if word in "{[":
            outer.append(name)
            name = ""
        elif word in "}]":
            name = outer.pop()
        if len(outer) > _DEPTH:
            raise NoPayload("depth")
        put = word
        if word[0] == '"':
            plain = json.loads(word)
            is_name = following is not None and following[0] == ":"
            new = said(() if is_name else _names(name, outer), plain)
            name = plain if is_name else name
            put = word if new == plain else json.dumps(new)
        elif sum(c.isdigit() for c in word) >= _LONG_NUMBER:
            new = said(_names(name, outer), word)
            put = word if new == word else json.dumps(new)
        if put != word:
            pieces += [text[at : token.start()], put]
            at = token.end()
    return "".join([*pieces, text[at:]])


def _names(name: str, outer: list[str]) -> Names:
    return tuple(one for one in (name, *reversed(outer)) if one)


def _no_constant(word: str) -> object:
    raise ValueError(word)
