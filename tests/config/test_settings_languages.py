"""The rows of ``[languages]``."""

from __future__ import annotations

import pytest

from chatwarden.config.parse import parse
from chatwarden.config.settings_languages import LANGUAGES_SETTINGS
from chatwarden.errors import ConfigurationError


def test_each_row_says_what_it_is_for_and_waits_for_a_restart() -> None:
    assert [one.name for one in LANGUAGES_SETTINGS] == ["languages.default", "languages.folder"]
    assert all(one.meaning and not one.reload for one in LANGUAGES_SETTINGS)


@pytest.mark.parametrize("wrong", ["default = 1", 'default = "two words"', "folder = true", 'folder = ""'])
def test_what_is_no_name_and_no_folder_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(f"[languages]\n{wrong}\n")
