"""A conversation in two lanes, as text."""

from __future__ import annotations

from typing import Any

from chatwarden.cli.lanes import drawn


def step(index: int, lane: str, event: str, caused_by: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "index": index, "at": f"2026-11-28T15:00:{index:02}.000Z", "lane": lane, "event": event, "act": [],
        "resource": "", "reason": "", "decision": "allow", "caused_by": caused_by,
    } | more  # fmt: skip


def view(*entries: dict[str, Any], truncated: bool = False) -> dict[str, Any]:
    return {
        "conversation": "cnv_1", "bot": "shop", "opened_at": "2026-11-28T15:00:00.000Z", "entries": list(entries),
        "truncated": truncated,
    }  # fmt: skip


def test_the_person_is_on_the_left_the_bot_on_the_right_and_causes_are_lines() -> None:
    lines = drawn(view(
        step(1, "client", "conversation:opened"),
        step(2, "client", "message:received", reason="email"),
        step(4, "bot", "broker:called", 1, resource="app:crm", act=["usr_0123456789abcdef"]),
        step(5, "bot", "broker:answered", 2),
        step(6, "bot", "message:answered", 1),
        step(7, "system", "message:destroyed", reason="expired"),
    ))  # fmt: skip
    assert lines[0] == "cnv_1 with shop, opened 2026-11-28T15:00:00.000Z: 6 entries"
    assert lines[2].split() == ["client,", "staff,", "system", "bot"]
    body = lines[3:]
    assert body[1].rstrip().endswith("┐")
    assert "▶    4 15:00:04.000 broker:called app:crm for usr_01234567 ← 2" in body[2]
    assert "└" in body[3]
    assert "▶    5 15:00:05.000 broker:answered ← 4" in body[3]
    assert "└" in body[4]
    assert "▶    6 15:00:06.000 message:answered ← 2" in body[4]
    assert body[5].startswith("   7 15:00:07.000 message:destroyed [system] expired")


def test_a_line_goes_back_to_the_left_where_the_effect_is_there() -> None:
    lines = drawn(view(step(1, "bot", "message:answered"), step(2, "system", "conversation:handoff-offered", 0)))
    assert "┌" in lines[3]
    assert "◀" in lines[4]
    assert "┘" in lines[4]


def test_a_long_line_goes_on_below_and_the_lines_of_causes_with_it() -> None:
    reason = "payment-card email phone iban national-id passport postal-address"
    lines = drawn(view(step(1, "client", "message:received", reason=reason), step(2, "bot", "message:answered", 0)))
    assert [line.rstrip()[-1] for line in lines[3:-1]] == ["┐", "│"]
    assert " ".join(" ".join(lines[3:-1]).replace("─┐", "").replace("│", "").split()).endswith(reason)


def test_another_day_is_said() -> None:
    later = step(2, "client", "message:received") | {"at": "2026-11-29T08:00:00.000Z"}
    assert "2026-11-29 08:00:00.000" in drawn(view(step(1, "client", "message:received"), later))[4]


def test_a_refusal_and_an_end_are_told() -> None:
    lines = drawn(view(step(1, "bot", "broker:refused", decision="deny", reason="person-right"), truncated=True))
    assert "broker:refused DENY person-right" in lines[3]
    assert "there is more" in lines[4]


def test_more_lines_than_can_be_told_apart_are_still_said_in_numbers() -> None:
    causes = [step(n, "client", "message:received") for n in range(20)]
    effects = [step(20 + n, "bot", "message:answered", 19 - n) for n in range(20)]
    lines = drawn(view(*causes, *effects))
    assert all(f"← {19 - n}" in line for n, line in enumerate(lines[23:]))
    assert max(map(len, lines)) < 140
