"""What a conversation is about, in two lines of its person's own words: what it began with and what was said last. Pure; the
texts are masked already, and a summary is never stored, so it dies with them.
"""

from __future__ import annotations

from collections.abc import Sequence

_FIRST, _LAST = 100, 140


def summary(said: Sequence[str]) -> str:
    """From what a person wrote, oldest first."""
    if not said:
        return ""
    first, last = _cut(said[0], _FIRST), _cut(said[-1], _LAST)
    return last if len(said) == 1 else f"{first} … {last}"


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    return line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
