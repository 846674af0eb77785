"""Tool calls on their way: what is in their arguments is treated as in any other text, and they stay JSON (RFC 8259).

Every string, number and name in the arguments is looked at, behind the name it stands under ("cvv": 123 is a card code
because of that name). A number that is hidden becomes a string. What is no JSON is looked at as one text. Arguments in
which nothing changes are left byte for byte as they were, unless a name stands twice in one object: readers disagree
about those.

Not here: calling a tool. That is done by the client's program or by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from chatwarden.bots.model import ToolCall
from chatwarden.classes import DataClass
from chatwarden.clock import Instant
from chatwarden.conversations.model import Conversation
from chatwarden.conversations.restore import Restorer
from chatwarden.detection.guard import Guard
from chatwarden.screening import Screening

Change = Callable[[str], str]
_DEPTH = 64


class _Number(str):
    """A number as it is written: no digit is lost."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """An object as it is written: in its order, with names that stand twice."""

    __slots__ = ()


def mapped(arguments: str, change: Change) -> str:
    """*arguments* with *change* applied to every value, behind its name where it has one, and to every name."""
    try:
        value = json.loads(
            arguments, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number
        )
        made = _written(value, "", change, _DEPTH)
    except (ValueError, RecursionError):
        return change(arguments)
    return arguments if made == _written(value, "", str, _DEPTH) and not _twice(value) else made


def _written(value: Any, name: str, change: Change, depth: int) -> str:
    if not depth:
        raise RecursionError
    if isinstance(value, _Pairs):
        pairs = (f"{_quoted(change(key))}:{_written(one, key, change, depth - 1)}" for key, one in value)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(one, name, change, depth - 1) for one in value) + "]"
    if isinstance(value, _Number):
        changed = _behind(name, str(value), change)
        return str(value) if changed == value else _quoted(changed)
    return _quoted(_behind(name, value, change)) if isinstance(value, str) else json.dumps(value)


def _behind(name: str, value: str, change: Change) -> str:
    before = f"{name}: " if name else ""
    changed = change(before + value)
    return changed.removeprefix(before) if changed.startswith(before) else change(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _twice(value: Any) -> bool:
    if isinstance(value, _Pairs):
        return len({key for key, _ in value}) < len(value) or any(_twice(one) for _, one in value)
    return isinstance(value, list) and any(_twice(one) for one in value)


def to_bot(screening: Screening, conversation: Conversation, arguments: str, now: Instant) -> str:
    """Arguments that a client sends along, as the bot may see them: in the conversation's placeholders."""
    return mapped(arguments, lambda text: screening.history(conversation, text, now))


class Treated(NamedTuple):
    """The calls of an answer as they may go on, the lines that the record holds of them, and what ends the answer."""

    calls: tuple[ToolCall, ...] = ()
    lines: str = ""
    blocked: DataClass | None = None


NONE = Treated()


def from_bot(screening: Screening, bot: str, guard: Guard, calls: Sequence[ToolCall], text: str) -> Treated:
    """The *calls* of an answer that says *text* beside them, which *guard* has released. Of the calls too it keeps what was
    hidden in them, and how long that may live.
    """
    blocked: DataClass | None = None

    def change(value: str) -> str:
        nonlocal blocked
        one = screening.guard(bot)
        made = one.whole(value)
        blocked = blocked or one.blocked
        return made

    made = tuple(replace(one, name=change(one.name), arguments=mapped(one.arguments, change)) for one in calls)
    written = "\n".join(f"{one.name}({one.arguments})" for one in calls)
    lines = guard.feed(("\n" if text else "") + written) + guard.finish() if calls else ""
    return Treated(made, lines, guard.blocked or blocked)


async def shown(
    restorer: Restorer, conversation: Conversation, calls: Sequence[ToolCall], now: Instant
) -> tuple[ToolCall, ...]:
    """The calls as the conversation's own person gets them: what their screen shows in the place of placeholders."""
    if not calls:
        return ()
    put_back = await restorer.putting_back(conversation, "\n".join(one.arguments for one in calls), now)
    return tuple(replace(one, arguments=mapped(one.arguments, put_back)) for one in calls)
