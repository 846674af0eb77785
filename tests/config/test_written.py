"""What was written is found with its place, and what is no setting is refused with its line."""

import tomllib

import pytest

from chatwarden.clock import MINUTE
from chatwarden.config.written import Written
from chatwarden.errors import ConfigurationError


def written(toml: str) -> Written:
    return Written(toml, tomllib.loads(toml))


def test_values_stand_under_their_places() -> None:
    found = written('[session]\nidle = "5m"\nprofile = "bank"\n[session.agent]\nidle = "2m"\n')
    assert found.table("session") == {"idle": 5 * MINUTE}
    assert found.table("session", "agent") == {"idle": 2 * MINUTE}
    assert found.values[("session", "profile")] == "bank"


def test_names_that_the_operator_chose_come_in_the_order_written_also_without_settings() -> None:
    found = written('[bots.b]\nconnector = "rasa"\n[bots.a]\n')
    assert found.names("bots") == ["b", "a"]


def test_an_error_knows_the_line_of_its_setting() -> None:
    assert written("[server]\n\nport = 1\n").error(("server", "port"), "no").line == 3


@pytest.mark.parametrize(
    ("toml", "line", "says"),
    [
        ('[bots.B]\nconnector = "rasa"\n', 2, "a bot's name"),
        ("[bots.b]\npassword = 'x'\n", 2, "a secret never stands in this file"),
        ('[session]\nidle = "1s"\n', 2, "below its floor"),
        ("[nothing]\n", 1, "there is no table"),
    ],
)
def test_what_is_no_setting_is_refused(toml: str, line: int, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        written(toml)
    assert refused.value.line == line
