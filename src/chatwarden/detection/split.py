"""What is split over messages: "my card is", "4111 1111", "1111 1111". Pure.

The last messages of a person are joined with the new one and scanned once more; what is found across a joint is given
back as spans of its parts. Only messages are joined that may hold a part: with a digit, a sign of an address, or a word
that announces a value at their end. What was found in them before is covered, so nothing is found twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import re2

from chatwarden.classes import Finding
from chatwarden.detection.allow import Scans
from chatwarden.detection.patterns import PATTERNS
from chatwarden.detection.scan import fitted
from chatwarden.normalise import normalise

TAIL = 160  # of an earlier message: a keyword and a long number
_ANNOUNCED_WITHIN = 48
_PAUSE = " \t\r\n,;…"  # between two parts it says nothing
_COVER = "¦"  # joins nothing and is no part of anything
_ANNOUNCES = re2.compile(
    "(?i)(?:"
    + "|".join(sorted({pattern.keywords for pattern in PATTERNS if pattern.keywords}))
    + r"|cv[vc]|cvn|csc|code|\bpin\b|\btan\b|\botp\b|pass|wort\b|pwd|contraseñ|secret|token|\bkey\b|bearer|\bname\b|\bborn\b"
    r"|\baddress\b)|(?:\bis|\bare|\bist|\blautet|[:=@])\s*$"
)
_PART = re2.compile(r"[0-9@]")


class Mark(NamedTuple):
    """What is open in a text: ``value``, there is a digit or a sign of an address; ``word``, a value may follow it;
    ``goes_on``, it begins with what only goes on with the text before.
    """

    value: bool
    word: bool
    goes_on: bool = False


class Earlier(NamedTuple):
    """An earlier message, with the spans in which something was found."""

    text: str
    found: Sequence[tuple[int, int]]


class Crossing(NamedTuple):
    """What is found in the new text in the light of the earlier ones, and by that in each of those."""

    new: tuple[Finding, ...]
    earlier: tuple[tuple[Finding, ...], ...]
    unknown: bool = False


def mark(text: str) -> Mark:
    """What is open in *text*."""
    try:
        value = _PART.search(normalise(text).text) is not None
        word = _ANNOUNCES.search(normalise(text[-_ANNOUNCED_WITHIN:]).text) is not None
    except UnicodeEncodeError:  # half of a surrogate pair: it is looked at
        return Mark(value=True, word=True)
    return Mark(value, word, text.lstrip().startswith("@"))


def parts_before(new: Mark, before: Sequence[Mark]) -> list[int]:
    """Which of the texts *before*, oldest first, a text may go on with: their places, none where there is no need to look."""
    if not before or not (new.value or before[-1].word):
        return []
    return [
        at for at, one in enumerate(before) if one.value or one.word or (new.goes_on and at == len(before) - 1)
    ]  # fmt: skip


def crossing(scanner: Scans, earlier: Sequence[Earlier], text: str) -> Crossing:
    """What is found across the joints of *earlier*, oldest first, and *text*."""
    joined, segments = _joined(earlier, text)
    verdict = scanner.scan(joined)
    new_start = segments[-1][0]
    new: list[Finding] = []
    parts: list[list[Finding]] = [[] for _ in earlier]
    for finding in verdict.findings:
        if finding.end <= new_start:
            continue  # not across the last joint: it was looked at when it came
        for number, (start, end, offset) in enumerate(segments):
            low, high = max(finding.start, start), min(finding.end, end)
            if low < high:
                into = new if number == len(earlier) else parts[number]
                into.append(replace(finding, start=low - start + offset, end=high - start + offset))
    return Crossing(tuple(new), tuple(tuple(part) for part in parts), verdict.unknown)


def merged(alone: Iterable[Finding], across: Iterable[Finding], text: str) -> tuple[Finding, ...]:
    """What was found across joints, and what was found in the *text* alone where that leaves room."""
    return tuple(fitted(sorted(across, key=lambda finding: finding.start), alone, text))


def _joined(earlier: Sequence[Earlier], text: str) -> tuple[str, list[tuple[int, int, int]]]:
    """One text, and for each part its span in it and where in the part that span begins."""
    whole = ""
    segments: list[tuple[int, int, int]] = []
    for number, (said, found) in enumerate([*earlier, Earlier(text, ())]):
        offset = max(0, len(said) - TAIL) if number < len(earlier) else 0
        part = _covered(said, found)[offset:].rstrip(_PAUSE)
        offset += len(part) - len(part.lstrip(_PAUSE))
        part = part.lstrip(_PAUSE)
        # Nothing stands between the parts of an address; a word or a number begins after a space.
        if whole and not (whole.endswith("@") or part.startswith(("@", "."))):
            whole += " "
        segments.append((len(whole), len(whole) + len(part), offset))
        whole += part
    return whole, segments


def _covered(text: str, found: Iterable[tuple[int, int]]) -> str:
    for start, end in found:
        text = text[:start] + _COVER * (end - start) + text[end:]
    return text
