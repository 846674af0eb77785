"""``[broker]``: a service of its own has a socket and a user, or there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.config.model import BrokerConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError


def test_without_the_table_the_gateway_starts_its_own() -> None:
    assert parse("").broker == BrokerConfig(None, "")


def test_a_service_has_both() -> None:
    found = parse('[broker]\nsocket = "/run/b/broker.sock"\nuser = "chatwarden-broker"\n').broker
    assert found == BrokerConfig(Path("/run/b/broker.sock"), "chatwarden-broker")


@pytest.mark.parametrize("line", ['socket = "/run/b.sock"', 'user = "chatwarden-broker"'])
def test_one_without_the_other_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(ConfigurationError, match="both socket and user") as refused:
        parse(f"[broker]\n{line}\n")
    assert refused.value.line == 1
