"""The rows of ``[languages]``."""

from __future__ import annotations

from chatwarden.config import values as v
from chatwarden.config.languages import LanguagesConfig
from chatwarden.config.setting import Setting, row

_LANGUAGES = LanguagesConfig()

LANGUAGES_SETTINGS: tuple[Setting, ...] = (
    row("languages.default", v.word, _LANGUAGES.default,
        "the language of the pages for whoever asks for none that is there: en, de, or one of languages.folder"),
    row("languages.folder", v.path, _LANGUAGES.folder,
        "a folder with more languages, LANGUAGE/AREA.json, or with others in the place of those that ship"),
)  # fmt: skip
