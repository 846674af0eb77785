"""The road to applications is joined to the house: the broker's place follows the configuration."""

from __future__ import annotations

from pathlib import Path

from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.joints import _broker


def test_a_lab_waits_seconds_where_others_wait_minutes(tmp_path: Path) -> None:
    lab, real = (_broker(Home(tmp_path), parse(f"[server]\nlab = {word}\n")) for word in ("true", "false"))
    assert (lab._idle, lab._retry) == (2.0, 0.05)
    assert (real._idle, real._retry) == (600.0, 10.0)
    assert real._path == tmp_path / "run" / "broker.sock"


def test_a_broker_that_is_a_service_is_where_the_configuration_says(tmp_path: Path) -> None:
    made = _broker(Home(tmp_path), parse('[broker]\nsocket = "/run/b/broker.sock"\nuser = "chatwarden-broker"\n'))
    assert (made._path, made._user, made.used) == (Path("/run/b/broker.sock"), "chatwarden-broker", True)
