"""Dates of birth: a word that says so, and a date beside it, in figures or with the month as a word.

A date alone is nothing: it may be a due date. Beside a name it is possible. There is no clock here: years from 1900 to
2039 are taken, so that nobody alive is too old, and a date in the future, which nobody was born on, costs no more than a
placeholder.
"""

from __future__ import annotations

import re
from calendar import monthrange
from itertools import chain

from chatwarden.detection.gazetteer import fold
from chatwarden.detection.names import Spans, paired

_BEHIND = 40
_AHEAD = 40
_NEAR = 64
_CHILDREN = 2018  # later dates near such a word are as often of something else
_SENTENCE = re.compile(r"[.!?]\s+[A-ZÀ-Þ]|\n\s*\n")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner jan januari janvier janv enero ene gennaio gen janeiro stycznia ocak",
            "february feb februar feber februari fevrier fevr fev febrero febbraio fevereiro lutego subat",
            "march mar marz maerz mrz maart mrt mars marzo marco marca mart",
            "april apr avril avr abril abr aprile kwietnia nisan",
            "may mai mei mayo maggio mag maio maja mayis maj",
            "june jun juni juin junio giugno giu junho czerwca haziran",
            "july jul juli juillet juil julio luglio lug julho lipca temmuz",
            "august aug augustus aout agosto ago sierpnia agustos augusti",
            "september sep sept septembre septiembre settembre set setembro wrzesnia eylul",
            "october oct okt oktober octobre octubre ottobre ott outubro out pazdziernika ekim",
            "november nov novembre noviembre novembro listopada kasim",
            "december dec dez dezember decembre diciembre dic dicembre dezembro grudnia aralik desember",
        ),
        start=1,
    )
    for name in names.split()
}
_YEAR = r"(?:19|20)\d\d"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_ORDINAL = r"(?:st|nd|rd|th|\.|er|º|ª|°|e)?"
# Figures: 12/03/1985, 1985-03-12, 12.3.85, 12 03 1985; the same with the month as a word, before or behind the day.
_DATES = (
    re.compile(rf"(?<!\d)(?P<year>{_YEAR})(?P<sep>[-/. ])(?P<a>\d{{1,2}})(?P=sep)(?P<b>\d{{1,2}})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<a>\d{{1,2}})(?P<sep>[-/.]| ?[-/.] ?| )(?P<b>\d{{1,2}})(?P=sep)(?P<year>{_YEAR}|\d\d)(?!\d)"
    ),
    re.compile(rf"(?<!\d)(?P<year>{_YEAR})(?P<a>[01]\d)(?P<b>[0-3]\d)(?!\d)"),
    re.compile(rf"(?<!\d)(?P<a>[0-3]\d)(?P<b>[01]\d)(?P<year>{_YEAR})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<a>\d{{1,2}}) ?{_ORDINAL}(?: ?[-/. ] ?| of | de | d['’])(?:of |de )?{_MONTH}"
        rf"(?: ?[-/., ] ?| de | del | of )(?:del? )?['’]?(?P<year>{_YEAR}|\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_MONTH} ?(?:the )?(?P<a>\d{{1,2}}) ?(?:st|nd|rd|th)?(?: ?, ?| |-|/)['’]?(?P<year>{_YEAR}|\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<year>{_YEAR})[-/ ]{_MONTH}[-/ ](?P<a>\d{{1,2}})(?!\d)", re.IGNORECASE),
)
_NO_YEAR = (
    re.compile(rf"(?<!\d)(?P<a>\d{{1,2}}) ?{_ORDINAL} ?(?:of |de )?(?:the )?{_MONTH}\b", re.IGNORECASE),
    re.compile(rf"\b{_MONTH} ?(?:the )?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)", re.IGNORECASE),
)
_ONLY_YEAR = re.compile(rf"(?<!\d)(?:in|en|im jahr|im jahre|nel|em)? ?({_YEAR})(?![\d./-])")
# Between the word and the date: "is", "am", "on the"; nothing that begins something else.
_BETWEEN = re.compile(
    r"(?:[ \t\n:=,.()\-–*|]|\b(?:(?-i:in [A-ZÀ-Þ][^\W\d_]{2,20}(?:[ -][A-ZÀ-Þ][^\W\d_]{2,20})?)|is|was|on|the|at|in|am|den|der|"
    r"ist|war|vom|le|la|el|il|op|de|est|es|è|e'|era|este|i|day|dia|día|giorno|date|datum|should|would|read|reads|be|being|correct|"
    r"correcta|right|actually|file|record|lautet|sollte|sein|bitte|c'|ce|to|jest|från|my|mein|mine|it's|its|a|an|year|and|then|tag|"
    r"d\.?o\.?b\.?|dd|mm|yyyy|yy|tt|jj|jjjj|aaaa|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|"
    r"donnerstag|freitag|samstag|sonntag)\b|[/\"“”'’_])*",
    re.IGNORECASE,
)
_WEAK = re.compile(r"birthday|b-?day|geburtstag|anniversaire|cumplea|compleanno|verjaardag", re.IGNORECASE)
_BEHIND_BETWEEN = re.compile(
    r"[ \t\n,;:()\-–*|]{0,3}(?:(?:is|was|ist|war|est|es|è|as|als|my|mein|meine|the|it's|its|that's|that is|ma|mi|mia|la|mijn|of)"
    r"[ \t]+){0,4}[(]?$",
    re.IGNORECASE,
)


def born(text: str, start: int, end: int) -> Spans:
    """The date behind, or right before, a word like "born on" or "DOB"."""
    between = _BETWEEN.match(text, end, end + _AHEAD)
    at = between.end() if between is not None else end
    weak = _WEAK.search(text, start, end) is not None
    found = _date_at(text, at)
    if found is not None:
        return [(*found, 0.9)]
    if (partial := _partial(text, at)) is not None:
        return [(*partial, 0.6 if weak else 0.55)]
    behind = _date_before(text, start)
    if behind is not None:
        return [(*behind, 0.8)]
    if not weak and (near := _date_near(text, end)) is not None:
        return [(*near, 0.55)]
    year = _ONLY_YEAR.match(text, at)
    return [(*year.span(1), 0.4)] if year is not None and not weak else []


def beside_a_name(text: str, start: int, end: int) -> Spans:
    """A date right behind a name: possible, and no more."""
    digits = next((at for at in range(start, end) if text[at].isdigit()), end)
    date = _date_at(text, digits)
    named = paired(text, start, digits)
    return [(*date, 0.4)] if date is not None and named and named[-1][2] >= 0.6 else []


def _date_at(text: str, at: int) -> tuple[int, int] | None:
    for pattern in _DATES:
        match = pattern.match(text, at, at + 40)
        if match is not None and _valid(match):
            return match.span()
    return None


def _date_near(text: str, end: int) -> tuple[int, int] | None:
    """A date of somebody who can write, further on in the same sentence."""
    stop = _SENTENCE.search(text, end, end + _NEAR)
    for pattern in _DATES:
        for match in pattern.finditer(text, end, stop.start() if stop is not None else min(len(text), end + _NEAR)):
            if _valid(match) and (len(match["year"]) == 2 or int(match["year"]) < _CHILDREN):
                return match.span()
    return None


def _date_before(text: str, start: int) -> tuple[int, int] | None:
    joint = _BEHIND_BETWEEN.search(text, max(0, start - _BEHIND), start)
    if joint is None:
        return None
    low = max(0, joint.start() - 32)
    for match in chain.from_iterable(pattern.finditer(text, low, joint.start()) for pattern in _DATES):
        if match.end() == joint.start() and _valid(match):
            return match.span()
    return None


def _partial(text: str, at: int) -> tuple[int, int] | None:
    for pattern in _NO_YEAR:
        match = pattern.match(text, at, at + 30)
        if match is not None:
            month = _MONTHS.get(fold(match["month"]))
            if month is not None and 1 <= int(match["a"]) <= 31:
                return match.span()
    return None


def _valid(match: re.Match[str]) -> bool:
    """Whether there is such a day: day and month in either order."""
    parts = match.groupdict()
    year = int(parts["year"])
    year += 0 if year > 99 else 1900 if year > 39 else 2000
    if not 1900 <= year <= 2039:
        return False
    if "month" in parts:
        month = _MONTHS.get(fold(parts["month"]))
        return month is not None and _day(year, month, int(parts["a"]))
    first, second = int(parts["a"]), int(parts["b"])
    return _day(year, first, second) or _day(year, second, first)


def _day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
