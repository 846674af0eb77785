"""The nouns are frozen: what was decided on is what was asked."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from chatwarden.bots.broker.model import METHODS, Grant


def test_a_grant_cannot_be_changed_behind_its_back() -> None:
    grant = Grant("gnt_1", "shop", "crm", "https://crm.example.org:443", "orders:read", ("GET",), ("/orders",))
    with pytest.raises(FrozenInstanceError):
        grant.methods = METHODS  # type: ignore[misc]


def test_by_default_a_grant_restores_nothing() -> None:
    grant = Grant("gnt_1", "shop", "crm", "https://crm.example.org:443", "orders:read", ("GET",), ("/orders",))
    assert grant.classes == frozenset()
