"""How sure we are, in the words of others."""

from __future__ import annotations

import pytest

from chatwarden.assurance import NONE, ONE, TWO, acr, amr


@pytest.mark.parametrize(
    ("factors", "methods", "level"),
    [
        ((), [], NONE),
        (("assertion",), [], ONE),
        (("company",), [], ONE),
        (("password",), ["pwd"], ONE),
        (("password", "password"), ["pwd"], ONE),
        (("passkey-presence",), ["pop", "user"], ONE),
        (("password", "totp"), ["pwd", "otp", "mfa"], TWO),
        (("password", "recovery"), ["pwd", "otp", "mfa"], TWO),
        (("passkey",), ["pop", "user", "mfa"], TWO),
        (("password", "passkey", "totp"), ["pwd", "pop", "user", "otp", "mfa"], TWO),
    ],
)
def test_factors_are_told_as_methods_and_as_a_level(factors: tuple[str, ...], methods: list[str], level: str) -> None:
    assert (amr(factors), acr(factors)) == (methods, level)
