"""Where a value of the configuration comes from: what was written, in which line, and whether a reload takes it over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """A value as it was written, and the row of the table of settings that it belongs to. Without a ``line`` the file says
    something else by now.
    """

    setting: str
    value: object
    line: int | None
    reload: bool


def reloaded(old: dict[Path, Origin], new: dict[Path, Origin], bots: Collection[str]) -> dict[Path, Origin]:
    """What is in force after a reload: of the new file what a reload may change, for the *bots* that run; of the file as it
    was at the start the rest.
    """
    kept = {
        path: replace(one, line=new[path].line if path in new and new[path].value == one.value else None)
        for path, one in old.items()
        if not one.reload
    }
    taken = {
        path: one
        for path, one in new.items()
        if one.reload and (path[0] != "bots" or len(path) == 2 or path[1] in bots)
    }  # fmt: skip
    return kept | taken
