"""A bot's answer, checked before it is released, piece by piece or whole: the verdict is the same, and it is that of a
scan of the whole text.

The text is cut into units, and where they begin and end depends on the text alone, not on how it arrives. A unit is a
word, or an island: words with digits, number words, signs of addresses and the short words between them. Each unit is
scanned with the 160 characters before it as context, and released as soon as it has ended. What is held back is the
word in the making or the island in the making, at most 512 characters: an island that grows beyond is cut there, and a
single word that grows beyond is taken for a secret and removed. A private key is cut at its header, and everything to
its end marker goes with it. At the first thing that policy blocks the answer ends: nothing behind it is released.

That finds what shows by its own signs. Where policy hides what only the words around it show (``WORDED``), what is needed
is a `WordGuard` (`wordstream`), which holds back more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chatwarden.classes import Action, DataClass, Finding
from chatwarden.clock import Duration
from chatwarden.detection.allow import Scans
from chatwarden.detection.mask import mask
from chatwarden.detection.policy import Decision
from chatwarden.detection.respell import LIKE_DIGITS, NUMBER_WORD
from chatwarden.detection.scan import Verdict

HOLD_MAX = 512
# Classes of which a finding may be all ordinary words, or goes on with them: "jane at example dot com", "12 Baker Street".
WORDED = frozenset(
    {
        DataClass.EMAIL, DataClass.POSTAL_ADDRESS, DataClass.PERSON_NAME, DataClass.DATE_OF_BIRTH, DataClass.HEALTH,
        DataClass.LOCATION, DataClass.URL,
    }
)  # fmt: skip
HIDDEN = frozenset({Action.MASKED, Action.REMOVED})
_TREATED = HIDDEN | {Action.BLOCKED}
_CONTEXT = 160
_HEADER_MAX = 160
_SHORT = 4  # between its parts an IBAN has groups of letters
_SHORTS = 2
# Before its first digit an identity number has a letter or two, and a number may begin with letters for digits.
_LIKE = re.compile(rf"[{re.escape(LIKE_DIGITS)}]+[.,;:/)]*")
_LEAD = 2
_LEADS = 6
_WORD = re.compile(r"\s*\S+(?=\s)")
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A word that may be, or begin, something that is found: digits of any script and in words, signs of addresses, long
# words, letters that are folded before matching. Latin letters and ordinary punctuation are not among them.
_MARK = re.compile(
    r"[\d@]|[^\x00-\u024f\u2010-\u2027\u2030-\u205e\u20ac]|-----|\S{16}"
    rf"|(?i:(?<![^\W_])(?:{NUMBER_WORD}|plus)(?![^\W_]))"
)
# A word after which the next ones are looked at, whatever they are: keywords of patterns whose value may be any word.
_ARM = re.compile(
    r"(?i:passw|passphr|passe\b|kennwort|pwd|contrase|wachtw|parola|senha|clave\b|\bmdp\b|\bpw\b|adgangsk|salasana|has[lł]o|l[oö]senord|bearer)"
)
_ARMED = 12

Decide = Callable[[Verdict], Decision]


class StreamGuard:
    """Feed it pieces, release what it returns, finish it. ``treated`` says what was hidden in what was released,
    ``blocked`` what ended it.
    """

    _context_max = _CONTEXT

    def __init__(self, scanner: Scans, decide: Decide) -> None:
        self._scanner = scanner
        self._decide = decide
        self._pending = ""
        self._held = ""
        self._lively = False
        self._header = False
        self._shorts = 0
        self._armed = 0
        self._context = ""
        self._inside_key = False
        self._released = 0
        self.treated: list[tuple[Finding, Action]] = []
        self.blocked: DataClass | None = None
        self.lifetime: Duration = decide(Verdict()).lifetime

    @property
    def held(self) -> int:
        """How many characters have come and are not released."""
        return len(self._held) + len(self._pending)

    def feed(self, piece: str) -> str:
        """Takes a piece; returns what may be shown now."""
        self._pending += piece
        out: list[str] = []
        at = 0
        while match := _WORD.match(self._pending, at):
            out.append(self._word(match[0]))
            at = match.end()
        self._pending = self._pending[at:]
        if len(self._pending) > 2 * HOLD_MAX:
            # A word without an end: between its head and what may begin or end a key, nothing changes anything any more.
            lead = len(self._pending) - len(self._pending.lstrip())
            if len(self._pending) - lead > 2 * HOLD_MAX:
                self._pending = self._pending[: lead + HOLD_MAX + 1] + self._pending[-_CONTEXT:]
        return "".join(out)

    def whole(self, text: str) -> str:
        """A whole answer at once: the same as feeding and finishing, and quick where nothing can be found."""
        if _MARK.search(text) is None and _ARM.search(text) is None:
            return self._emit(text)
        return self.feed(text) + self.finish()

    def finish(self) -> str:
        """The rest, when the answer has ended."""
        rest, self._pending = self._pending, ""
        word = rest.rstrip()
        out = self._word(word) if word else ""
        return out + self._close() + ("" if self._inside_key else self._emit(rest[len(word) :]))

    def _word(self, word: str) -> str:
        """One word with the space before it, complete."""
        bare = word.lstrip()
        if self._inside_key:
            self._remember(word)
            return self._key_ended(self._context)
        if len(bare) > HOLD_MAX:
            return self._close() + self._swallow(word, bare)
        self._header = self._header or "-----BEGIN" in bare
        if self._header and (begin := _KEY_BEGIN.search(self._held + word)) is not None:
            return self._cut_key(self._held + word, begin.start())
        return self._take(word, bare)

    def _take(self, word: str, bare: str) -> str:
        """One word of which nothing is known yet."""
        if "-----BEGIN" in bare and self._held:  # what may be a header has an island of its own
            out = self._close()
            self._header = True
            return out + self._take(word, bare)
        if _ARM.search(bare) is not None:
            self._armed = _ARMED
        elif self._armed:
            self._armed -= 1
        like = _LIKE.fullmatch(bare) is not None
        lead = like or len(bare) <= _LEAD
        if _MARK.search(bare) is not None or (self._armed and self._armed < _ARMED):
            self._held += word  # of a passphrase, later words decide
            self._lively = True
            self._shorts = 0
        elif self._header or (like and self._lively):
            self._held += word
        elif (len(bare) <= _SHORT and self._shorts < _SHORTS) if self._lively else (lead and self._shorts < _LEADS):
            self._held += word
            self._shorts += 1
        elif lead and not self._lively:
            # One short word more than may stand before a number: the first of them is released.
            first = _first(self._held)
            rest = self._held[len(first) :]
            out = self._unit(first)
            self._held = rest + word
            return out
        elif lead:  # too many for the island before it, and perhaps the first of the next
            out = self._close()
            self._held, self._shorts = word, 1
            return out
        else:
            return self._close() + self._unit(word)
        return self._close() if len(self._held) > (_HEADER_MAX if self._header else HOLD_MAX) else ""

    def _close(self, _ahead: str = "") -> str:
        """Everything that is held, released. *ahead*: what follows, where that is known and not itself released."""
        island, self._held, lively = self._held, "", self._lively
        self._lively, self._header, self._shorts = False, False, 0
        return self._unit(island, lively=lively) if island else ""

    def _unit(self, unit: str, *, lively: bool = False) -> str:
        """One word or island, released."""
        if not (lively or self._armed) and _MARK.search(unit) is None:
            self._remember(unit)
            return self._emit(unit)
        return self._judged(unit, "")[0]

    def _judged(self, unit: str, ahead: str) -> tuple[str, int]:
        """Scans one unit between its context and what is known of what follows, and releases it, treated, with the rest
        of what began in it. How much that was.
        """
        base = len(self._context)
        end = base + len(unit)
        window = self._context + unit + ahead
        verdict = self._scanner.scan(window)
        if verdict.unknown:  # not checked is not released
            self._remember(unit)
            return self._secret(unit), len(unit)
        decision = self._decide(verdict)
        out: list[str] = []
        at = base
        for item in decision.items:
            finding = item.finding
            if finding.end <= at or finding.start >= end or item.action not in _TREATED:
                continue
            start = max(finding.start, at)
            out.append(self._emit(window[at:start]))
            if item.action is Action.BLOCKED and self.blocked is None:
                self.blocked = finding.data_class
            value = window[start : finding.end]
            out.append(self._hide(finding, item.action, mask(finding.data_class, value)))
            at = finding.end
        end = max(end, at)
        out.append(self._emit(window[at:end]))
        if len(out) > 1:
            self.lifetime = min(self.lifetime, decision.lifetime)
        self._remember(window[base:end])
        return "".join(out), end - base

    def _cut_key(self, text: str, begin: int) -> str:
        key = text[begin:]
        self._held = text[:begin]
        out = self._close(key) + self._secret(key)
        return out + self._key_ended(key)

    def _key_ended(self, key: str) -> str:
        """Whether a key ends in *key*; what is glued to its end goes on as any other word."""
        end = _KEY_END.search(key)
        self._inside_key = end is None
        self._context = (key if end is None else key[: end.end()])[-_CONTEXT:]
        rest = "" if end is None else key[end.end() :]
        return self._word(rest) if rest else ""

    def _swallow(self, word: str, bare: str) -> str:
        lead = word[: len(word) - len(bare)]
        out = self._emit(lead)
        self._remember(" ")
        out += self._secret(bare)
        header = bare[-_CONTEXT:].find("-----BEGIN")
        if header >= 0:  # a key that was glued to it: the rest of its header is looked out for
            self._held = bare[-_CONTEXT:][header:]
            self._lively = self._header = True
        return out

    def _secret(self, value: str) -> str:
        finding = Finding(DataClass.CREDENTIAL, 0, len(value), 1.0)
        decision = self._decide(Verdict((finding,)))
        self.lifetime = min(self.lifetime, decision.lifetime)
        return self._hide(finding, Action.REMOVED, mask(DataClass.CREDENTIAL, value))

    def _hide(self, finding: Finding, action: Action, shown: str) -> str:
        if self.blocked is not None:
            return ""
        start = self._released
        self.treated.append((Finding(finding.data_class, start, start + len(shown), finding.score), action))
        return self._emit(shown)

    def _emit(self, text: str) -> str:
        if self.blocked is not None:
            return ""
        self._released += len(text)
        return text

    def _remember(self, text: str) -> None:
        self._context = (self._context + text)[-self._context_max :]


def _first(island: str) -> str:
    match = re.match(r"\s*\S+", island)
    assert match is not None
    return match[0]
