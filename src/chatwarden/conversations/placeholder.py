"""How a placeholder is written, and how a bot may have mangled it. Pure.

A name is ``[CLASS-NUMBER]``. Models repeat it with other capitals, spaces, dashes or brackets, escaped for Markdown or
HTML; what is read here as a name is what `defuse` takes out of what people type, so nobody can type one. The number is
never guessed: it has to stand there, whole.

``NAME`` finds a name. ``begun`` says where a text ends in something that may become one with what follows. Both are made
from one description, so they cannot disagree, and every repetition in it is bounded: a name has at most LENGTH_MAX
characters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import re2

from chatwarden.classes import DataClass

LENGTH_MAX = 128


class _Form(NamedTuple):
    """A regular expression, and one for everything that its matches may begin with."""

    whole: str
    begun: str


def _word(text: str) -> _Form:
    begun = ""
    for char in reversed(text[:-1]):
        begun = f"(?:{re.escape(char)}{begun})?"
    return _Form(re.escape(text), begun)


def _any(*forms: _Form) -> _Form:
    return _Form("(?:" + "|".join(f.whole for f in forms) + ")", "(?:" + "|".join(f.begun for f in forms) + ")")


def _times(form: _Form, least: int, most: int) -> _Form:
    return _Form(f"(?:{form.whole}){{{least},{most}}}", f"(?:{form.whole}){{0,{most - 1}}}{form.begun}")


def _one_of(chars: str) -> _Form:
    return _Form(f"[{chars}]", "")


def _row(*forms: _Form) -> _Form:
    begun = forms[-1].begun
    for form in reversed(forms[:-1]):
        begun = f"(?:{form.whole}{begun}|{form.begun})"
    return _Form("".join(form.whole for form in forms), begun)


_ESCAPE = _times(_word("\\"), 0, 2)
_SPACE = _any(_one_of(" \t\u200b\u2060"), _word("&nbsp;"))
_BLANK = _times(_SPACE, 0, 2)
_OPEN = _any(_row(_ESCAPE, _word("[")), *map(_word, ("&#91;", "&#x5b;", "&lsqb;", "&lbrack;")))
_CLOSE = _any(_row(_ESCAPE, _word("]")), *map(_word, ("&#93;", "&#x5d;", "&rsqb;", "&rbrack;")))
_STROKE = _any(
    _row(_ESCAPE, _one_of("-_")),
    *map(_word, ("&ndash;", "&mdash;", "&minus;", "&hyphen;", "&#45;", "&#8209;", "&#8211;", "&#8212;")),
)
_BETWEEN = _any(_row(_BLANK, _STROKE, _BLANK), _times(_one_of(" \t"), 1, 2))


def _classes(between: _Form) -> _Form:
    """Every class, with *between* where the name has its dashes."""
    found = []
    for one in DataClass:
        first, *rest = one.value.split("-")
        forms = [_word(first)]
        for word in rest:
            forms += [between, _word(word)]
        found.append(_row(*forms))
    return _any(*found)


_DIGITS = _times(_one_of("0-9"), 1, 12)
_SUFFIX = _times(_one_of("a-z"), 0, 4)
_ALONE = _Form(r"(?<![\w\-/.@:#&\\])", r"(?<![\w\-/.@:#&\\])")  # without a bracket: not within a longer word
# Without a bracket behind it: the number ends there, and is not cut in two.
_MORE = _any(
    _one_of(r"\w"),
    _row(_one_of(r"\-.@:/\\"), _one_of(r"\w")),
    _row(_times(_SPACE, 1, 2), _any(_one_of("0-9"), _row(_times(_one_of("a-z"), 1, 4), _BLANK, _CLOSE))),
)
_OVER = _Form(f"(?!{_MORE.whole})", _MORE.begun)
_OPENED = _times(_row(_OPEN, _BLANK), 1, 3)
_CLOSED = _times(_row(_BLANK, _CLOSE), 1, 3)
_DASH = _row(_times(_word("\\"), 0, 1), _word("-"))
_LOOSE, _STRICT = _classes(_BETWEEN), _classes(_DASH)
_HEAD = _any(_row(_OPENED, _LOOSE, _BETWEEN), _row(_ALONE, _STRICT, _DASH))
_ALL = _row(_HEAD, _DIGITS, _SUFFIX, _any(_CLOSED, _OVER))

_NAMED = (
    f"(?:(?P<open>{_OPENED.whole})(?P<loose>{_LOOSE.whole}){_BETWEEN.whole}"
    f"|{_ALONE.whole}(?P<strict>{_STRICT.whole}){_DASH.whole})"
    f"(?P<number>{_DIGITS.whole}{_SUFFIX.whole})(?:(?P<close>{_CLOSED.whole})|{_OVER.whole})"
)
NAME = re.compile(_NAMED, re.IGNORECASE)
_UNFINISHED = re.compile(rf"(?:{_ALL.begun}|{_ALL.whole})\Z", re.IGNORECASE)
# What is quick to look for and stands in every name: the end of a class before a digit; how a name may begin.
_HINT = re2.compile(
    "(?i)(?:" + "|".join(sorted({c.value.rpartition("-")[2] for c in DataClass})) + r")"
    "(?:[^a-z0-9]|&#?[a-z0-9]+;){1,16}[0-9]"
)
_FIRST = re.compile(
    r"[\[\\&]|(?<![\w\-/.@:#&\\])(?:" + "|".join(sorted({c.value[0] + f"(?:{c.value[1]}|\\Z)" for c in DataClass})) + ")",
    re.IGNORECASE,
)  # fmt: skip
_BRACKET = re.compile(rf"{_OPEN.whole}|{_CLOSE.whole}", re.IGNORECASE)
_SEPARATOR = re.compile(r"(?:&[#a-z0-9]+;|[^a-z])+", re.IGNORECASE)

# Characters that stand for one of the grammar's own; one for one, so that nothing moves.
_FOLD: dict[int, int | str] = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_FOLD |= {ord(c): "-" for c in "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\u30fc"}
_FOLD |= {ord(c): " " for c in "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"}
_FOLD |= {ord(c): "\u200b" for c in "\u200c\u200d\ufeff"}
_FOLD |= {ord(c): "[" for c in "【〔〖〚⟦「"} | {ord(c): "]" for c in "】〕〗〛⟧」"}


def fold(text: str) -> str:
    """The copy in which names are looked for; every character stands where it stood."""
    return text if text.isascii() else text.translate(_FOLD)


class Spot(NamedTuple):
    """A name as it stands in a text: how it is written in the token space, and the span that its value replaces."""

    name: str
    start: int
    end: int


def spot(found: re.Match[str]) -> Spot:
    """What a match of NAME stands for. Brackets without a partner are left where they are: they belong to the text."""
    data_class = _SEPARATOR.sub("-", found["loose"] or found["strict"]).lower()
    name = f"[{data_class}-{found['number'].lower()}]"
    opened, closed = _BRACKET.findall(found["open"] or ""), list(_BRACKET.finditer(found["close"] or ""))
    start, end = found.span()
    if closed and len(closed) > max(1, len(opened)):
        end = found.start("close") + closed[max(1, len(opened)) - 1].end()
    if closed and len(opened) > len(closed):
        begun = list(_BRACKET.finditer(found["open"]))
        start = found.start("open") + begun[len(opened) - len(closed)].start()
    return Spot(name, start, end)


def begun(folded: str, start: int) -> int | None:
    """Where, at *start* or later, a folded text ends in what may be or become a name; None where it does not. What was
    once passed over is never looked at again: give the character before *start* with it.
    """
    for first in _FIRST.finditer(folded, max(start, len(folded) - LENGTH_MAX)):
        if _UNFINISHED.match(folded, first.start()):
            return first.start()
    return None


def spots(text: str) -> list[Spot]:
    """Every name in *text*."""
    folded = fold(text)
    return [spot(found) for found in NAME.finditer(folded)] if _hinted(folded) else []


def _hinted(folded: str) -> bool:
    try:
        return _HINT.search(folded) is not None
    except UnicodeEncodeError:  # half of a surrogate pair: RE2 reads UTF-8 only
        return True


def defuse(text: str) -> str:
    """Turns ``[email-1]`` typed by a person, in whatever writing, into ``(email 1)``: no decoder takes it for a name."""
    found = spots(text)
    if not found:
        return text
    parts: list[str] = []
    at = 0
    for name, start, end in found:
        parts += (text[at:start], "({} {})".format(*name[1:-1].rsplit("-", 1)))
        at = end
    return "".join(parts) + text[at:]
