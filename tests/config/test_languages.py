"""``[languages]`` in a whole configuration."""

from __future__ import annotations

from pathlib import Path

from chatwarden.config.languages import LanguagesConfig
from chatwarden.config.parse import parse


def test_without_a_word_pages_are_english_and_nothing_is_added() -> None:
    assert parse("").languages == LanguagesConfig("en", None) == LanguagesConfig()


def test_a_default_and_a_folder_are_what_is_written() -> None:
    found = parse('[languages]\ndefault = "de"\nfolder = "words"\n').languages
    assert found == LanguagesConfig("de", Path("words"))
