from chatwarden.clock import MINUTE
from chatwarden.config import values as v
from chatwarden.config.setting import LIMIT, row


def test_a_row_says_whether_it_is_a_duration() -> None:
    assert row("a.idle", v.duration, MINUTE, "…").is_duration
    assert row("a.life", v.lifetime, 0, "…").is_duration
    assert row("a.wait", LIMIT, MINUTE, "…").is_duration
    assert not row("a.name", v.text, "", "…").is_duration


def test_a_row_needs_a_restart_and_has_no_floor_unless_it_says_so() -> None:
    plain = row("a.b", v.boolean, False, "…")
    assert (plain.reload, plain.floor) == (False, 0)
