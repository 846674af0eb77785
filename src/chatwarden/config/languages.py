"""``[languages]`` once it has been parsed: in which languages the pages are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LanguagesConfig:
    """``[languages]``: ``default`` is for whoever asks for none that is there; ``folder`` holds more than ship, or others
    in their place.
    """

    default: str = "en"
    folder: Path | None = None
