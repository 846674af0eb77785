"""What is in a text that stands under names, as a member of a JSON or a field of a form does. Pure.

The names say what it is, the nearest most, but one further out may say it alone: ``{"password": {"value": "…"}}``. So the
text is looked at behind each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatwarden.classes import DataClass, Finding
from chatwarden.detection.allow import Scans
from chatwarden.detection.scan import Verdict, strongest

NAMES = 3  # of the nearest: each costs a look


def under(scanner: Scans, names: Sequence[str], text: str) -> Verdict:
    """The verdict on *text*, with offsets in it. *names*: the nearest first."""
    found: list[Finding] = []
    possible: frozenset[DataClass] = frozenset()
    for name in names[:NAMES] or ("",):
        head = f"{name}: " if name else ""
        verdict = scanner.scan(head + text)
        if verdict.unknown:
            return verdict
        possible |= verdict.possible
        found += [
            Finding(one.data_class, max(0, one.start - len(head)), one.end - len(head), one.score)
            for one in verdict.findings
            if one.end > len(head)
        ]
    return Verdict(tuple(strongest(found, text)), possible=possible)
