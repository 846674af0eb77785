"""One SQL text for every engine, and errors that quote no value."""

from __future__ import annotations

from chatwarden.config.model import DatabaseServer
from chatwarden.storage.postgresql_reader import numbered, parameters, reason


def test_question_marks_become_numbers() -> None:
    assert numbered("SELECT a FROM b WHERE c = ? AND d = ?") == "SELECT a FROM b WHERE c = $1 AND d = $2"
    assert numbered("SELECT 1") == "SELECT 1"


def test_a_reason_has_no_value_in_it() -> None:
    assert reason(ValueError("4111 1111 1111 1111")) == "ValueError"
    assert reason(OSError(28, "No space left on device")) == "No space left on device"


def test_without_a_certificate_authority_there_is_no_tls() -> None:
    assert parameters(DatabaseServer("127.0.0.1", 5432, "u", "d"), None, None)["ssl"] is False
