"""Passwords that nobody may have: common ones, and those made of words that belong to this place.

The whole password is looked at, with the usual decorations undone: capitals, look-alike digits, numbers and signs at its
ends, the same piece again and again. A sentence that has a common word in it is none of this.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

_PLAIN = str.maketrans("@4301!$5+7", "aaeoiisstt")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_AGAIN = re.compile(r"(.{1,8}?)\1+")
_ROWS = (
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
)
_CONTEXT_MIN = 4
WHY = {
    "password-common": "this password is on the list of common ones",
    "password-names": "this password is made of names that belong to this place",
    "password-breached": "this password is known from a breach",
}


def refused(password: str, context: Iterable[str]) -> str:
    """Why *password* may not be taken, a key of WHY; empty when it may. *context* are names of this place."""
    forms = _forms(password)
    if not forms.isdisjoint(_common()) or any(map(_is_row, forms)):
        return "password-common"
    names = [_folded(name) for name in context]
    pieces = [piece for name in names for piece in re.split(r"[\W_]+", name)]
    words = {word for word in (*names, *pieces) if len(word) >= _CONTEXT_MIN}
    for form in forms:
        rest = form
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != form and len(rest) < _CONTEXT_MIN:
            return "password-names"
    return ""


def _forms(password: str) -> set[str]:
    folded = _folded(password)
    bare = _EDGES.sub("", folded)
    forms = {folded, folded.translate(_PLAIN), re.sub(r"[\W_]", "", folded)}
    if len(bare) * 2 >= len(folded):  # else what was taken off is the password
        forms |= {bare, bare.translate(_PLAIN)}
    return {piece for form in forms for piece in (form, _piece(form)) if piece}


def _piece(form: str) -> str:
    """The piece that *form* says again and again, or *form*."""
    match = _AGAIN.fullmatch(form)
    return match[1] if match else form


def _is_row(form: str) -> bool:
    if len(set(form)) <= 2:
        return True
    return any(form in (row * 3) or form in (row[::-1] * 3) for row in _ROWS)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    text = (resources.files("chatwarden.identity") / "common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#!"))
