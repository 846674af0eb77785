"""Finds personal data and secrets in a text.

Contract: findings are sorted, do not overlap, and their offsets are code points of the text given. A text that could
not be checked (too long, engine failure) is ``unknown``: callers treat it as the strictest class, never as clean. Linear
in the length of the text (RE2); nothing is cached, since a cache would be a copy of personal data.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import re2

from chatwarden.classes import NEVER, SECRETS, STRICT, DataClass, Finding
from chatwarden.detection.pattern import COUNTER_WORDS, LIKELY, POSSIBLE, Pattern
from chatwarden.detection.patterns import PATTERNS
from chatwarden.detection.respell import GATES
from chatwarden.errors import ChatwardenError
from chatwarden.normalise import normalise

LENGTH_MAX = 65_536
FINDINGS_MAX = 512
_KEYWORDS_WITHIN = 48
_COUNTER_WITHIN = 32
_MAX_MEM = 64 << 20
_BETWEEN = " \t\n,;:.()"
_REST = 6  # characters: less than that of a name or an address says nothing by itself
_PULSE = b"\x01pulse\x01"  # stands behind every text and must be found in it
# Besides, the lists that names and addresses are looked up in are read here, and not with the first message.
_CANARIES = (
    "card 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, a@b.example\n"
    "my name is Anna Schmidt, I live at 12 Baker Street, London NW1 6XE"
)


# What people write in a disguise: what has a form. Nobody needs to hide a name or a street from patterns.
_DISGUISED = frozenset(
    {
        DataClass.PAYMENT_CARD, DataClass.CARD_CODE, DataClass.IBAN, DataClass.BANK_ACCOUNT, DataClass.NATIONAL_ID,
        DataClass.PHONE, DataClass.EMAIL, DataClass.CREDENTIAL,
    }
)  # fmt: skip


class TooMuch(ChatwardenError):
    """More candidates than one text may have: it is not checked to the end."""


class ScannerBroken(ChatwardenError):
    """The engine does not find what it must: the gateway does not start."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. ``possible``: classes for which there is too little evidence to mask anything, and enough to let
    the message live shorter. ``unknown``: the text could not be checked.
    """

    findings: tuple[Finding, ...] = ()
    unknown: bool = False
    possible: frozenset[DataClass] = frozenset()

    @property
    def word(self) -> str:
        """clean, found or unknown."""
        return "unknown" if self.unknown else "found" if self.findings else "clean"


CLEAN = Verdict()


class _Compiled:
    """Patterns as the engine has them."""

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        options = re2.Options()
        options.max_mem = _MAX_MEM
        options.log_errors = False
        # Over bytes: for text the engine would count characters anew with every match.
        self.spans = [re2.compile(pattern.regex.encode(), options) for pattern in patterns]
        self.keywords = [
            re2.compile(f"(?i){one.keywords}".encode(), options) if one.keywords and one.find is None else None
            for one in patterns
        ]
        self.counter = re2.compile(COUNTER_WORDS.encode(), options)
        self.set = re2.Set.SearchSet(options)
        for pattern in patterns:
            self.set.Add(pattern.regex)
        self.gates = {self.set.Add(gate.regex): gate.respell for gate in GATES}
        self.digit = self.set.Add("[0-9]")
        self.pulse = self.set.Add(_PULSE.decode())
        self.set.Compile()


# Of the house's own patterns there is one, however many scanners a process makes: it takes a tenth of a second.
_of_the_house = cache(lambda: _Compiled(PATTERNS))


class Scanner:
    """Looks for *patterns*, in texts of at most *length_max* characters. Raises ScannerBroken."""

    def __init__(self, patterns: tuple[Pattern, ...] = PATTERNS, *, length_max: int = LENGTH_MAX) -> None:
        self._length_max = length_max
        self._patterns = patterns
        compiled = _of_the_house() if patterns is PATTERNS else _Compiled(patterns)
        self._spans, self._keywords, self._counter = compiled.spans, compiled.keywords, compiled.counter
        self._set, self._gates = compiled.set, compiled.gates
        self._digit, self._pulse = compiled.digit, compiled.pulse
        self._disguised = {number for number, one in enumerate(patterns) if one.data_class in _DISGUISED}
        self._numbers = {number for number, one in enumerate(patterns) if one.digit}
        if patterns is PATTERNS and len(self._scan(_CANARIES).findings) != 5:
            raise ScannerBroken("the scanner does not find its canaries")

    def scan(self, text: str) -> Verdict:
        """What is in *text*."""
        return Verdict(unknown=True) if len(text) > self._length_max else self._scan(text)

    def _scan(self, text: str) -> Verdict:
        try:
            normal = normalise(text)
            hits = self._set.Match(normal.text.encode() + _PULSE)
            if self._pulse not in hits:  # an engine that gave up says "nothing" too
                return Verdict(unknown=True)
            if self._digit not in hits and len(hits) > 1:
                hits = [hit for hit in hits if hit not in self._numbers]
            if len(hits) == 1:
                return CLEAN
            found = [finding for hit in hits if hit < len(self._patterns) for finding in self._look(hit, normal.text)]
            found += self._hidden(hits, normal.text)
            if len(found) > FINDINGS_MAX:
                return Verdict(unknown=True)
        except Exception:  # noqa: BLE001  whatever fails in the engine, a rule or a check: not checked is not clean
            return Verdict(unknown=True)
        if not found:
            return CLEAN
        possible = frozenset(f.data_class for f in found if f.score < LIKELY)
        kept = strongest([f for f in found if f.score >= LIKELY], normal.text)
        if normal.offsets is not None:
            kept = [Finding(f.data_class, *normal.span(f.start, f.end), f.score) for f in kept]
        return Verdict(tuple(kept), possible=possible)

    def _hidden(self, hits: list[int], text: str) -> list[Finding]:
        """What is found when the text is read as it was meant, in the places where that was written."""
        found: list[Finding] = []
        for gate in hits:
            respell = self._gates.get(gate)
            for other in respell(text) if respell is not None else ():
                again = self._set.Match(other.text.encode() + _PULSE)
                if self._pulse not in again:
                    raise TooMuch
                written = (hit for hit in again if hit in self._disguised)
                for one in (one for hit in written for one in self._look(hit, other.text)):
                    start, end = other.span(one.start, one.end)
                    if text[start:end] != other.text[one.start : one.end]:  # the others were found already
                        found.append(Finding(one.data_class, start, end, one.score))
        return found

    def _look(self, hit: int, text: str) -> list[Finding]:
        pattern = self._patterns[hit]
        found: list[Finding] = []
        checked = 0
        for start, end in self._matches(hit, text):
            if pattern.find is not None:
                checked += 1
                if pattern.most and checked > pattern.most:
                    raise TooMuch
                found += [
                    Finding(pattern.data_class, low, high, score)
                    for low, high, score in pattern.find(text, start, end)
                    if score >= POSSIBLE
                ]
                if len(found) > FINDINGS_MAX:
                    break
                continue
            inner = [(0, end - start)] if pattern.spans is None else pattern.spans(text[start:end])
            if len(found) > FINDINGS_MAX:
                break
            for low, high in inner:
                # A check may cost far more than the pattern (number plans): so many and no more.
                checked += 1
                if pattern.most and checked > pattern.most:
                    raise TooMuch
                if pattern.check is not None and not pattern.check(text[start + low : start + high]):
                    continue
                if pattern.group == 0 and not _stands_alone(text, start + low, start + high):
                    continue
                score = self._weigh(hit, text, start + low)
                if pattern.less is not None:
                    score -= pattern.less(text[start + low : start + high])
                if score >= POSSIBLE:
                    found.append(Finding(pattern.data_class, start + low, start + high, round(score, 2)))
        return found

    def _matches(self, hit: int, text: str) -> Iterator[tuple[int, int]]:
        """Where a pattern matches, in characters."""
        data = text.encode()
        group = self._patterns[hit].group
        if len(data) == len(text):
            yield from (match.span(group) for match in self._spans[hit].finditer(data))
            return
        at = place = 0
        for match in self._spans[hit].finditer(data):
            start, end = match.span(group)
            low = place + len(data[at:start].decode())
            at, place = end, low + len(data[start:end].decode())
            yield low, place

    def _weigh(self, hit: int, text: str, start: int) -> float:
        pattern = self._patterns[hit]
        score = pattern.score
        keywords = self._keywords[hit]
        if keywords is not None:
            if keywords.search(text[max(0, start - _KEYWORDS_WITHIN) : start].encode()):
                score += 0.3
            elif pattern.needed:
                return 0.0
        if pattern.counter and self._counter.search(text[max(0, start - _COUNTER_WITHIN) : start].encode()):
            score -= 0.35
        return min(score, 1.0)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not the middle of a longer word or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_one_word(before, text[start]) or _one_word(after, text[end - 1]))


def _one_word(beside: str, edge: str) -> bool:
    """Whether two neighbours are of one word. Scripts that write no spaces write none around a number or an IBAN either."""
    if not beside.isalnum() or not edge.isalnum():
        return False
    return not edge.isascii() or beside.isascii() or unicodedata.category(beside) != "Lo"


def strongest(found: list[Finding], text: str) -> list[Finding]:
    """Findings that do not overlap and cover what the given ones cover. Where two overlap, what is worth protecting most
    is whole: a card number right before a street stays one. Of others the higher score counts, then the longer. What
    sticks out of the one that gave way is found still.
    """
    return fitted([], sorted(found, key=lambda f: (not _outranks(f), -f.score, f.start - f.end, f.start)), text)


def fitted(kept: list[Finding], more: Iterable[Finding], text: str) -> list[Finding]:
    """*kept*, in order and without overlaps, and what of *more*, the strongest first, it leaves room for."""
    kept = list(kept)
    starts = [one.start for one in kept]
    for finding in more:
        for start, end in _free(kept, starts, finding, text):
            at = bisect(starts, start)
            starts.insert(at, start)
            kept.insert(at, Finding(finding.data_class, start, end, finding.score))
    return kept


def _outranks(finding: Finding) -> bool:
    return finding.data_class in STRICT | NEVER


def _free(kept: list[Finding], starts: list[int], finding: Finding, text: str) -> list[tuple[int, int]]:
    """What of *finding* nothing else covers: all of it, or what sticks out at its ends and between."""
    low = finding.start
    at = bisect(starts, low)
    if at and kept[at - 1].end > low:
        low = kept[at - 1].end
    gaps: list[tuple[int, int]] = []
    while at < len(kept) and kept[at].start < finding.end:
        gaps.append((low, kept[at].start))
        low = kept[at].end
        at += 1
    gaps.append((low, finding.end))
    if gaps == [(finding.start, finding.end)]:
        return gaps
    least = 1 if finding.data_class in SECRETS else _REST
    return [(low, high) for low, high in (_bare(text, *gap) for gap in gaps) if high - low >= least]


def _bare(text: str, low: int, high: int) -> tuple[int, int]:
    rest = text[low:high]
    return low + len(rest) - len(rest.lstrip(_BETWEEN)), high - len(rest) + len(rest.rstrip(_BETWEEN))
