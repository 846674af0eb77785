"""Who only looks on."""

from __future__ import annotations

from chatwarden.detection.guard import Onlooker


def test_who_looks_on_holds_nothing_back_and_ends_nothing() -> None:
    guard = Onlooker()
    assert [guard.feed("4111 1111 "), guard.feed("1111 1111"), guard.finish()] == ["4111 1111 ", "1111 1111", ""]
    assert guard.whole("4111 1111 1111 1111") == "4111 1111 1111 1111"
    assert guard.blocked is None
