"""A bot's table: what its connector needs, what means nothing to it, what would be unsafe. Each with its line."""

import tomllib

import pytest

from chatwarden.config.bots import bots
from chatwarden.config.written import Written
from chatwarden.errors import ConfigurationError


def read(toml: str) -> Written:
    return Written(toml, tomllib.loads(toml))


def test_the_built_in_bot_is_there_unless_it_is_switched_off() -> None:
    assert list(bots(read(""))) == ["helpdesk"]
    assert bots(read("[bots.helpdesk]\nenabled = false\n")) == {}


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[bots.a]\nmodel = 'm'\n", "needs a connector"),
        ("[bots.a]\nconnector = 'openai'\nmodel = 'm'\n", "needs url"),
        ("[bots.a]\nconnector = 'rasa'\nurl = 'https://b.example'\nmodel = 'm'\n", "means nothing"),
        ("[bots.a]\nconnector = 'rasa'\nurl = 'http://b.example'\n", "plain http"),
        ("[bots.a]\nconnector = 'rasa'\nurl = 'https://b.example'\nclient_key_file = 'k'\n", "needs both"),
        ("[bots.a]\nconnector = 'rasa'\nurl = 'https://b.example'\n[bots.a.token]\nclient = 'g'\n", "token needs url"),
        ("[bots.helpdesk.keep]\ncard-code = '1d'\n", "never written"),
    ],
)
def test_an_impossible_bot_is_refused_with_its_line(toml: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        bots(read(toml))
    assert refused.value.line
