"""The rows of ``[broker]``."""

from __future__ import annotations

import pytest

from chatwarden.config.settings_broker import BROKER_SETTINGS, user


@pytest.mark.parametrize("name", ["", "chatwarden-broker", "_broker"])
def test_names_of_users_are_taken(name: str) -> None:
    assert user(name) == name


@pytest.mark.parametrize("name", ["Root User", "-x", 5, "a" * 40, "a/b"])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(ValueError, match="name of a user"):
        user(name)


def test_where_the_broker_listens_is_settled_at_the_start() -> None:
    assert not any(row.reload for row in BROKER_SETTINGS)
