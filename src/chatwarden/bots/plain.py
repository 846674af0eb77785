"""What bots say in other ways than words, as calm text: choices become a list, pictures an address.

Pure. Nothing is made clickable and nothing is fetched; what is not text stays out.
"""

from __future__ import annotations

from collections.abc import Iterable

_TITLE_MAX = 200
_ADDRESS_MAX = 2_048


def joined(parts: Iterable[str]) -> str:
    """One utterance of many parts, a blank line between two: what a bot cut in pieces is looked at whole."""
    return "\n\n".join(stripped for part in parts if (stripped := part.strip()))


def choices(titles: Iterable[str]) -> str:
    """Buttons, by what stands on them: a person may type it."""
    lines = (" ".join(title.split())[:_TITLE_MAX] for title in titles)
    return "\n".join(f"- {line}" for line in lines if line)


def picture(address: str) -> str:
    """Where a picture can be seen, if that is an address on the web."""
    web = address.startswith(("https://", "http://")) and len(address) <= _ADDRESS_MAX
    return f"Picture: {address}" if web and address.isprintable() and " " not in address else ""
