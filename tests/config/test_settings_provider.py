"""The rows of clients and websites: what may be written there."""

from __future__ import annotations

import pytest

from chatwarden.config.parse import parse
from chatwarden.config.settings_provider import PROVIDER_SETTINGS, services, some_of
from chatwarden.errors import ConfigurationError


def test_all_of_them_are_taken_over_by_a_reload() -> None:
    assert all(setting.reload for setting in PROVIDER_SETTINGS)


@pytest.mark.parametrize("value", ["a", [1], ["https://a.example "], [""], ["x" * 256], ["a"] * 33, None])
def test_a_service_is_a_name_without_spaces(value: object) -> None:
    with pytest.raises(ValueError, match="list of names"):
        services(value)


def test_a_word_counts_once() -> None:
    assert services(["b", "a", "b"]) == ("b", "a")
    assert some_of("a", "b")(["b", "b"]) == ("b",)


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("[clients.a]\ngrants = ['password']\n", 2),
        ("[clients.a]\ngrants = 'token-exchange'\n", 2),
        ("[clients.a]\nscopes = ['two words']\n", 2),
        ("[clients.a]\nsecret = 'abc'\n", 2),
        ("[clients.A]\nsecret_file = 's'\n", 2),
        ("[sites.a]\nissuer = 'two words'\n", 2),
        ("[sites.a]\nissuer = 'i'\nrole = 'admin'\n", 3),
        ("[oauth]\nalgorithm = 'HS256'\n", 2),
        ("[oauth]\nrotate = '1s'\n", 2),
    ],
)
def test_what_may_not_be_written_is_refused_with_its_line(toml: str, line: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(toml)
    assert refused.value.line == line
