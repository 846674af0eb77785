"""``[bots]`` itself and the access levels: what is written is what is meant, and a level has rights."""

from __future__ import annotations

import tomllib

import pytest

from chatwarden.clock import DAY
from chatwarden.config.accounts import accounts, levels
from chatwarden.config.model import AccountsConfig
from chatwarden.config.parse import parse
from chatwarden.config.written import Written
from chatwarden.errors import ConfigurationError


def read(toml: str) -> Written:
    return Written(toml, tomllib.loads(toml))


def test_what_is_written_is_what_is_meant() -> None:
    written = read('[bots]\nunused_after = "7d"\nwarn_before = "3d"\n[levels.reader]\nrights = ["orders:read"]\n')
    assert accounts(written) == AccountsConfig(7 * DAY, 3 * DAY)
    assert levels(written) == {"reader": ("orders:read",)}
    assert (accounts(read("")), levels(read(""))) == (AccountsConfig(), {})


def test_a_setting_of_all_bots_is_no_bot() -> None:
    assert list(parse('[bots]\nunused_after = "off"\n').bots) == ["helpdesk"]


@pytest.mark.parametrize("rights", ["", "rights = []\n"])
def test_a_level_without_rights_is_refused_with_its_line(rights: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse(f"[server]\n[levels.reader]\n{rights}")
    assert (error.value.line, str(error.value)) == (2, "levels.reader needs rights")
