"""``[widget]`` once it has been parsed: which websites may show the chat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WidgetConfig:
    """``[widget]``: the origins of the pages that may show the chat in a frame. Without one nobody may."""

    sites: tuple[str, ...] = ()
