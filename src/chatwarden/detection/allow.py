"""The company's own values: its hotline, mail boxes and bank accounts are nobody's personal data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from chatwarden.classes import SECRETS
from chatwarden.detection.scan import Verdict

_NOISE = re.compile(r"[^0-9a-z+]+")


class Scans(Protocol):
    """What finds personal data in a text."""

    def scan(self, text: str) -> Verdict:
        """What is in *text*."""
        ...


class AllowList:
    """Values that are left alone however they are spaced or grouped: ``+49 30 901820``, ``0049-30-901820``."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = frozenset(canonical(value) for value in values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, value: str) -> bool:
        return canonical(value) in self._values


class AllowingScanner:
    """A scanner that does not find what is on the list. Codes and passwords are found all the same."""

    def __init__(self, scanner: Scans, allowed: AllowList) -> None:
        self._scanner = scanner
        self._allowed = allowed

    def scan(self, text: str) -> Verdict:
        """What is in *text* and not the company's own."""
        verdict = self._scanner.scan(text)
        if not verdict.findings:
            return verdict
        found = tuple(
            f for f in verdict.findings if f.data_class in SECRETS or text[f.start : f.end] not in self._allowed
        )
        return verdict if len(found) == len(verdict.findings) else replace(verdict, findings=found)


def canonical(value: str) -> str:
    """One form for all ways to write a value: letters small, no spaces and signs; addresses of mail keep theirs."""
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    if "@" in folded:
        return folded
    bare = _NOISE.sub("", folded)
    return "+" + bare[2:] if bare.startswith("00") else bare
