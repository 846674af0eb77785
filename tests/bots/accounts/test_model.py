"""What is shown of secrets when a noun is printed: nothing."""

from __future__ import annotations

from chatwarden.bots.accounts.model import Account, Credential, Instance, Issued, Method, SignedIn, State


def test_a_secret_is_in_no_text_about_its_noun() -> None:
    credential = Credential(1, Method.SECRET, b"material", 0, 0, 1)
    instance = Instance("bin_1", "bot_1", "main", False, State.ENABLED, "", 0, 0, None, (credential,))
    issued = Issued(Account("bot_1", "a", "b", State.ENABLED, 0), instance, credential, "cwk_secret")
    told = f"{credential} {instance} {issued} {SignedIn('cwb_token', 1, 1, ())!r}"
    assert "bin_1" in told
    assert not any(word in told for word in ("material", "cwk_secret", "cwb_token"))
