"""One door for signed tokens: what is right gets in, every known trick is refused."""

from __future__ import annotations

import contextlib
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world.forge import Signer, b64, claims, hostile, segment

from chatwarden.clock import MINUTE, SECOND, ManualClock
from chatwarden.errors import NotAccepted
from chatwarden.identity.jose import SKEW, Expected, unverified, verified
from chatwarden.identity.keys import from_jwks, from_pem

NOW = ManualClock().now()
SECONDS = NOW // SECOND
SITE, GATEWAY = "https://shop.example.org", "https://chat.example.org"
EXPECTED = Expected(
    issuer=SITE, audiences=(GATEWAY,), longest=5 * MINUTE, required=("sub", "iat", "jti"),
)  # fmt: skip
SIGNERS = {name: Signer.fresh(name) for name in ("EdDSA", "ES256", "RS256")}
SIGNER = SIGNERS["EdDSA"]
SOUND = claims(SITE, GATEWAY, SECONDS, subject="c-1042")
CORPUS = [
    (signer, token, reason, f"{name}, {trick}")
    for name, signer in SIGNERS.items()
    for trick, (token, reason) in hostile(signer, SOUND).items()
    if not (name == "RS256" and reason == "oversized" and "signature" not in trick)  # the same for every key
]


def refused(token: str, signer: Signer = SIGNER, expected: Expected = EXPECTED, now: int = NOW) -> str:
    with pytest.raises(NotAccepted) as error:
        verified(token, from_pem(signer.public_pem), expected, now)
    return error.value.reason


@pytest.mark.parametrize("signer", SIGNERS.values(), ids=SIGNERS.keys())
@pytest.mark.parametrize("source", ["pem", "jwks"])
def test_a_sound_token_is_taken(signer: Signer, source: str) -> None:
    keys = from_pem(signer.public_pem) if source == "pem" else from_jwks(signer.jwks)
    found = verified(signer.token(SOUND), keys, EXPECTED, NOW)
    assert (found.issuer, found.subject, found.id) == (SITE, "c-1042", SOUND["jti"])
    assert (found.issued_at, found.expires_at) == (NOW, NOW + 120 * SECOND)
    assert found.claims == SOUND


@pytest.mark.asvs("9.1.1", "9.1.2", "9.1.3", "9.2.3")
@pytest.mark.parametrize(("signer", "token", "reason"), [pytest.param(*one[:3], id=one[3]) for one in CORPUS])
def test_every_known_trick_is_refused(signer: Signer, token: str, reason: str) -> None:
    assert refused(token, signer) == reason


def test_both_names_of_the_algorithm_of_ed25519_are_taken() -> None:
    for name in ("EdDSA", "Ed25519"):
        token = dataclasses.replace(SIGNER, algorithm=name).token(SOUND)
        assert verified(token, from_pem(SIGNER.public_pem), EXPECTED, NOW).subject == "c-1042"


@pytest.mark.asvs("9.1.2")
def test_only_the_algorithms_of_the_purpose_are_taken() -> None:
    only = dataclasses.replace(EXPECTED, algorithms=("ES256",))
    assert refused(SIGNER.token(SOUND), expected=only) == "algorithm"
    assert refused(SIGNER.token(SOUND, alg="ES256"), expected=only) == "algorithm"  # the key cannot
    assert refused(SIGNERS["RS256"].token(SOUND, alg="PS256"), SIGNERS["RS256"]) == "signature"


@pytest.mark.asvs("9.1.3")
def test_a_key_id_picks_among_the_callers_keys_and_no_others() -> None:
    old, new = Signer.fresh(kid="old"), Signer.fresh(kid="new")
    keys = from_jwks(json.dumps({"keys": [old.jwk, new.jwk]}).encode())
    for signer in (old, new):
        assert verified(signer.token(SOUND), keys, EXPECTED, NOW).subject == "c-1042"
        assert verified(Signer(signer.key).token(SOUND), keys, EXPECTED, NOW).subject == "c-1042"  # no id: any
    for token, reason in (
        (Signer(old.key, kid="new").token(SOUND), "signature"),
        (Signer(old.key, kid="../../keys/record").token(SOUND), "unknown-key"),
    ):
        with pytest.raises(NotAccepted, match=reason):
            verified(token, keys, EXPECTED, NOW)


def test_without_a_key_nothing_is_taken() -> None:
    with pytest.raises(NotAccepted, match="unknown-key"):
        verified(SIGNER.token(SOUND), (), EXPECTED, NOW)


@pytest.mark.asvs("9.2.2")
def test_the_type_is_what_the_purpose_says() -> None:
    ours = dataclasses.replace(EXPECTED, types=("at+jwt",))
    keys = from_pem(SIGNER.public_pem)
    for typ in ("at+jwt", "AT+JWT", "application/at+jwt"):
        assert verified(SIGNER.token(SOUND, typ=typ), keys, ours, NOW).subject == "c-1042"
    for typ in ("JWT", "", "logout+jwt", "at+jwt ", "x/at+jwt"):
        assert refused(SIGNER.token(SOUND, typ=typ), expected=ours) == "type"
    bare = SIGNER.raw(segment({"alg": "EdDSA"}), segment(SOUND))
    assert refused(bare, expected=ours) == "type"
    assert verified(bare, keys, EXPECTED, NOW).subject == "c-1042"


@pytest.mark.asvs("9.2.1")
def test_the_last_instant_counts_and_the_next_does_not() -> None:
    token, keys = SIGNER.token(SOUND), from_pem(SIGNER.public_pem)
    end = NOW + 120 * SECOND
    assert verified(token, keys, EXPECTED, end - 1).expires_at == end
    assert refused(token, now=end) == "expired"


def test_a_clock_that_is_a_little_ahead_is_forgiven_and_no_more() -> None:
    skew = SKEW // SECOND
    keys = from_pem(SIGNER.public_pem)
    ahead = {**SOUND, "iat": SECONDS + skew, "nbf": SECONDS + skew, "exp": SECONDS + skew + 300}
    assert verified(SIGNER.token(ahead), keys, EXPECTED, NOW).subject == "c-1042"
    assert refused(SIGNER.token({**ahead, "iat": SECONDS + skew + 1})) == "not-yet"
    assert refused(SIGNER.token({**ahead, "nbf": SECONDS + skew + 0.5})) == "not-yet"
    assert refused(SIGNER.token({**ahead, "exp": SECONDS + skew + 301})) == "too-long"


def test_a_token_that_was_made_for_long_is_refused_also_near_its_end() -> None:
    assert refused(SIGNER.token({**SOUND, "iat": SECONDS - 3_600, "exp": SECONDS + 10})) == "too-long"


def test_an_audience_may_stand_alone_in_a_list() -> None:
    token = SIGNER.token({**SOUND, "aud": [GATEWAY]})
    assert verified(token, from_pem(SIGNER.public_pem), EXPECTED, NOW).subject == "c-1042"


def test_what_somebody_wrote_is_only_text() -> None:
    shown = unverified(SIGNER.token({"iss": SITE, "sub": 7}))
    assert (shown.text("iss"), shown.text("sub"), shown.text("jti")) == (SITE, "", "")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: f"{b64(data)}.{b64(data)}.{b64(data)}"))
def test_nonsense_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(NotAccepted):
        verified(text, from_pem(SIGNER.public_pem), EXPECTED, NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(["alg", "typ", "kid", "crit", "iss", "aud", "sub", "exp", "nbf", "iat", "jti"])


@given(st.dictionaries(_NAMES, _JSON, max_size=4), st.dictionaries(_NAMES, _JSON, max_size=4))
def test_whatever_is_signed_is_taken_or_refused(header: dict[str, object], changed: dict[str, object]) -> None:
    head = b64(json.dumps({**SIGNER.header(), **header}, ensure_ascii=True).encode())
    body = b64(json.dumps({**SOUND, **changed}, ensure_ascii=True).encode())
    with contextlib.suppress(NotAccepted):
        found = verified(SIGNER.raw(head, body), from_pem(SIGNER.public_pem), EXPECTED, NOW)
        assert (found.issuer, found.expires_at > NOW) == (SITE, True)
