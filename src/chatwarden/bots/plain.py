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


def choices(buttons: Iterable[tuple[str, str]]) -> str:
    """Buttons: what stands on them, since a person may type it, and where they lead if that is an address on the web."""
    lines = ((" ".join(title.split())[:_TITLE_MAX], address) for title, address in buttons)
    return "\n".join(f"- {title}: {address}" if _is_web(address) else f"- {title}" for title, address in lines if title)


def picture(address: str) -> str:
    """Where a picture can be seen, if that is an address on the web."""
    return f"Picture: {address}" if _is_web(address) else ""


def _is_web(address: str) -> bool:
    web = address.startswith(("https://", "http://")) and len(address) <= _ADDRESS_MAX
    return web and address.isprintable() and " " not in address
