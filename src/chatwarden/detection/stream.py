"""A bot's answer, checked before it is released, piece by piece or whole: the verdict is the same.

The text is cut into units, and where they begin and end depends on the text alone, not on how it arrives. A unit is a
word, or an island: words with digits, signs of addresses and the short words between them. Each unit is scanned with
the 160 characters before it as context, and released as soon as it has ended. What is held back is the word in the
making or the island in the making, at most 512 characters: an island that grows beyond is cut there, and a single word
that grows beyond is taken for a secret and removed. A private key is cut at its header, and everything to its end
marker goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chatwarden.classes import Action, DataClass, Finding
from chatwarden.clock import Duration
from chatwarden.detection.allow import Scans
from chatwarden.detection.mask import mask
from chatwarden.detection.policy import Decision
from chatwarden.detection.scan import Verdict

HOLD_MAX = 512
_CONTEXT = 160
_HEADER_MAX = 160
_SHORT = 4  # between its parts an IBAN has groups of letters
_LEAD = 2  # before its first digit an identity number has a letter or two
_SHORTS = 2
_WORD = re.compile(r"\s*\S+(?=\s)")
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A word that may be, or begin, something that is found: digits of any script, signs of addresses, long words, letters
# that are folded before matching. Latin letters and ordinary punctuation are not among them.
_MARK = re.compile(r"[\d@]|[^\x00-\u024f\u2010-\u2027\u2030-\u205e\u20ac]|-----|\S{16}")
# A word after which the next ones are looked at, whatever they are: keywords of patterns whose value may be any word.
_ARM = re.compile(r"(?i:passw|passphr|passe\b|kennwort|pwd|contrase|bearer)")
_ARMED = 6

Decide = Callable[[Verdict], Decision]


class StreamGuard:
    """Feed it pieces, release what it returns, finish it. ``treated`` says what was found in what was released."""

    def __init__(self, scanner: Scans, decide: Decide) -> None:
        self._scanner = scanner
        self._decide = decide
        self._pending = ""
        self._island = ""
        self._lively = False
        self._header = False
        self._shorts = 0
        self._armed = 0
        self._context = ""
        self._inside_key = False
        self._released = 0
        self.treated: list[tuple[Finding, Action]] = []
        self.lifetime: Duration = decide(Verdict()).lifetime

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
            self._inside_key = _KEY_END.search(self._context) is None
            return ""
        if len(bare) > HOLD_MAX:
            return self._close() + self._swallow(word, bare)
        if _ARM.search(bare) is not None:
            self._armed = _ARMED
        elif self._armed:
            self._armed -= 1
        if _MARK.search(bare) is not None:
            self._island += word
            self._lively = True
            self._shorts = 0
            self._header = self._header or "-----BEGIN" in bare
        elif self._header:
            self._island += word
        elif len(bare) <= (_SHORT if self._lively else _LEAD) and self._shorts < _SHORTS:
            self._island += word
            self._shorts += 1
        elif not self._lively and len(bare) <= _LEAD:
            # Short words only, one more than may stand before a number: the first of them is released.
            first = _first(self._island)
            rest = self._island[len(first) :]
            self._island = ""
            out = self._unit(first)
            self._island = rest + word
            return out
        else:
            return self._close() + self._unit(word)
        if self._header and _KEY_BEGIN.search(self._island) is not None:
            return self._cut_key()
        return self._close() if len(self._island) > (_HEADER_MAX if self._header else HOLD_MAX) else ""

    def _close(self) -> str:
        island, self._island = self._island, ""
        self._lively, self._header, self._shorts = False, False, 0
        return self._unit(island) if island else ""

    def _unit(self, unit: str) -> str:
        """Scans one unit behind its context and releases it, treated."""
        if not self._armed and _MARK.search(unit) is None:
            self._remember(unit)
            return self._emit(unit)
        window = self._context + unit
        base = len(self._context)
        self._remember(unit)
        verdict = self._scanner.scan(window)
        if verdict.unknown:  # not checked is not released
            return self._secret(unit)
        if not verdict.findings:
            return self._emit(unit)
        decision = self._decide(verdict)
        out: list[str] = []
        at = base
        for item in decision.items:
            finding = item.finding
            if finding.end <= at:
                continue
            start = max(finding.start, at)
            value = window[start : finding.end]
            shown = mask(finding.data_class, value) if item.action in {Action.MASKED, Action.REMOVED} else value
            out.append(self._emit(window[at:start]))
            out.append(self._found(finding, item.action, shown))
            at = finding.end
        out.append(self._emit(window[at:]))
        if len(out) > 1:
            self.lifetime = min(self.lifetime, decision.lifetime)
        return "".join(out)

    def _cut_key(self) -> str:
        match = _KEY_BEGIN.search(self._island)
        assert match is not None
        before, key = self._island[: match.start()], self._island[match.start() :]
        self._island = before
        out = self._close() + self._secret(key)
        self._context = key[-_CONTEXT:]
        self._inside_key = _KEY_END.search(key) is None
        return out

    def _swallow(self, word: str, bare: str) -> str:
        lead = word[: len(word) - len(bare)]
        out = self._emit(lead)
        self._remember(" ")
        out += self._secret(bare)
        header = bare[-_CONTEXT:].find("-----BEGIN")
        if header >= 0:  # a key that was glued to it: the rest of its header is looked out for
            self._island = bare[-_CONTEXT:][header:]
            self._lively, self._header = True, True
        return out

    def _secret(self, value: str) -> str:
        finding = Finding(DataClass.CREDENTIAL, 0, len(value), 1.0)
        decision = self._decide(Verdict((finding,)))
        self.lifetime = min(self.lifetime, decision.lifetime)
        return self._found(finding, Action.REMOVED, mask(DataClass.CREDENTIAL, value))

    def _found(self, finding: Finding, action: Action, shown: str) -> str:
        start = self._released
        self.treated.append((Finding(finding.data_class, start, start + len(shown), finding.score), action))
        return self._emit(shown)

    def _emit(self, text: str) -> str:
        self._released += len(text)
        return text

    def _remember(self, text: str) -> None:
        self._context = (self._context + text)[-_CONTEXT:]


def _first(island: str) -> str:
    match = re.match(r"\s*\S+", island)
    assert match is not None
    return match[0]
