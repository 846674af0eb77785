"""The rows of bots' accounts: what may be written there."""

from __future__ import annotations

import pytest

from chatwarden.config.parse import parse
from chatwarden.config.settings_accounts import ACCOUNT_SETTINGS
from chatwarden.errors import ConfigurationError


def test_all_of_them_are_taken_over_by_a_reload() -> None:
    assert all(setting.reload for setting in ACCOUNT_SETTINGS)


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("[bots]\nunused_after = '59m'\n", 2),
        ("[bots]\nunused_after = 'never'\n", 2),
        ("[bots]\nwarn_before = 'off'\n", 2),
        ("[bots]\nunused = '30d'\n", 2),
        ("[levels.reader]\nrights = ['Two Words']\n", 2),
        ("[levels.reader]\nright = ['a']\n", 2),
        ("[levels.Reader]\nrights = ['a']\n", 2),
    ],
)
def test_what_is_wrong_refuses_with_its_line(toml: str, line: int) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse(toml)
    assert error.value.line == line
