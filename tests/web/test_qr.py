"""The picture of a key: what a camera needs is there, and a text too long for it is no fault."""

from __future__ import annotations

from chatwarden.identity import totp
from chatwarden.web import qr

FINDER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]  # ISO/IEC 18004, section 6.3.3


def _corner(rows: list[str], top: bool, left: bool) -> list[str]:
    return [row[:7] if left else row[-7:] for row in (rows[:7] if top else rows[-7:])]


def test_a_key_becomes_a_square_with_the_three_marks_a_camera_looks_for() -> None:
    rows = qr.rows(totp.uri(b"s" * 20, "anna", "Chatwarden"))
    assert {len(row) for row in rows} == {len(rows)}
    assert (len(rows) - 17) % 4 == 0
    assert set("".join(rows)) == {"0", "1"}
    assert _corner(rows, top=True, left=True) == FINDER
    assert _corner(rows, top=True, left=False) == FINDER
    assert _corner(rows, top=False, left=True) == FINDER
    assert _corner(rows, top=False, left=False) != FINDER


def test_another_key_is_another_picture() -> None:
    one, other = (qr.rows(totp.uri(key * 20, "anna", "Chatwarden")) for key in (b"s", b"t"))
    assert one != other


def test_a_text_too_long_for_a_picture_has_none() -> None:
    assert qr.rows("x" * 5_000) == []
