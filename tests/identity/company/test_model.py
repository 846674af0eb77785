"""What a browser carries is read as strictly as it was written."""

from __future__ import annotations

import msgspec
import pytest

from chatwarden.identity.company.model import Attempt

AWAY = Attempt("acme", "state", "nonce", "verifier", "challenge", "/demo", 1_800_000_000_000_000)


def test_an_attempt_comes_back_as_it_went() -> None:
    assert msgspec.json.decode(msgspec.json.encode(AWAY), type=Attempt) == AWAY


@pytest.mark.parametrize("name", Attempt.__struct_fields__)
def test_an_attempt_without_a_field_or_with_a_wrong_one_is_none(name: str) -> None:
    whole = msgspec.to_builtins(AWAY)
    for wrong in ({key: value for key, value in whole.items() if key != name}, {**whole, name: [1]}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Attempt)
