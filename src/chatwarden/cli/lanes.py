"""A conversation in two lanes, as text: the person and the house on the left, the bot on the right, and a line from every
cause to what followed from it. Pure.
"""

from __future__ import annotations

import textwrap
from typing import Any

_LEFT = 54
_RAILS = 8
_END = "─"


def drawn(view: dict[str, Any]) -> list[str]:
    """The lines of one conversation (web/timeline.py)."""
    steps = view["entries"]
    rails = _rails(steps)
    width = 2 * (max((rail for rail, _, _ in rails.values()), default=0) + 1) + 1
    lines = [
        f"{view['conversation']} with {view['bot']}, opened {view['opened_at']}: {len(steps)} entries",
        "",
        f"{'client, staff, system':{_LEFT}} {'':{width}} bot".rstrip(),
    ]
    for place, step in enumerate(steps):
        right = step["lane"] == "bot"
        text = _said(step, steps)
        gutter = _gutter(place, steps, rails, width)
        if right:
            lines.append(f"{'':{_LEFT}} {gutter} {_plain(text)}")
            continue
        first, *more = textwrap.wrap(text, _LEFT, subsequent_indent=" " * 5)
        lines.append(f"{_plain(first):{_LEFT}} {gutter}".rstrip())
        lines += [f"{_plain(rest):{_LEFT}} {_passing(place, rails, width)}".rstrip() for rest in more]
    if view["truncated"]:
        lines.append("… there is more: chatwarden audit export")
    return lines


def _said(step: dict[str, Any], steps: list[dict[str, Any]]) -> str:
    day = "" if step["at"][:10] == steps[0]["at"][:10] else step["at"][:10] + " "
    words = [f"{step['index']:>4}", day + step["at"][11:23], step["event"]]
    if step["lane"] in {"staff", "system"}:
        words.append(f"[{step['lane']}]")
    if step["decision"] != "allow":
        words.append(step["decision"].upper())
    words += [one for one in (step["reason"], step["resource"]) if one]
    if step["act"]:
        words.append("for " + ", ".join(_short(one) for one in step["act"]))
    if step["caused_by"] is not None:
        words.append(f"←\u00a0{steps[step['caused_by']]['index']}")
    return " ".join(words)


def _plain(text: str) -> str:
    """Without the spaces at which a line must not be broken."""
    return text.replace("\u00a0", " ")


def _short(pseudonym: str) -> str:
    return pseudonym[:12]


def _rails(steps: list[dict[str, Any]]) -> dict[int, tuple[int, int, int]]:
    """For the place of each cause: the rail that its line runs on, and where it begins and ends."""
    ends: dict[int, int] = {}
    for place, step in enumerate(steps):
        if step["caused_by"] is not None:
            ends[step["caused_by"]] = place
    free = [-1] * _RAILS
    found = {}
    for begin, end in sorted(ends.items()):
        rail = next((number for number, until in enumerate(free) if until < begin), None)
        if rail is not None:  # more lines than can be told apart: the number behind the arrow says it too
            free[rail] = end
            found[begin] = (rail, begin, end)
    return found


def _passing(place: int, rails: dict[int, tuple[int, int, int]], width: int, *, also_own: bool = True) -> str:
    """The lines that go on below the row at *place*; with *also_own* that which begins there too."""
    cells = [" "] * width
    for rail, begin, end in rails.values():
        if begin < place < end or (also_own and begin == place):
            cells[2 * rail + 1] = "│"
    return "".join(cells)


def _gutter(place: int, steps: list[dict[str, Any]], rails: dict[int, tuple[int, int, int]], width: int) -> str:
    cells = list(_passing(place, rails, width, also_own=False))
    right = steps[place]["lane"] == "bot"
    own, cause = rails.get(place), rails.get(steps[place]["caused_by"])
    if cause is not None:
        last = cause[2] == place
        _across(cells, 2 * cause[0] + 1, ("└" if last else "├") if right else ("┘" if last else "┤"), right=right)
        cells[-1 if right else 0] = "▶" if right else "◀"
    if own is not None:
        _across(cells, 2 * own[0] + 1, "┌" if right else "┐", right=right)
    return "".join(cells)


def _across(cells: list[str], at: int, corner: str, *, right: bool) -> None:
    """A line from the lane's side to the rail."""
    for other in range(at + 1, len(cells)) if right else range(at):
        cells[other] = {" ": _END, "│": "┼"}.get(cells[other], cells[other])
    # An effect that is a cause too: its own line begins on the one that leads to it.
    cells[at] = "┬" if cells[at] == _END else corner
