"""Passkeys against an authenticator that is right, and then wrong in one thing at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fido2.cose import ES256, ES384, RS256, CoseKey, EdDSA
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import PublicKeyCredentialRpEntity
from hypothesis import given
from hypothesis import strategies as st
from tests.world.device import FLAG, PRESENT, SYNCED, VERIFIED, Authenticator

from chatwarden.identity.passkeys import (
    NotAccepted,
    Registered,
    RelyingParty,
    creation_options,
    presented,
    registered,
    request_options,
    verified,
)

RP = RelyingParty("chat.example.org", "Chat of Example", ("https://chat.example.org",))
FIRST, SECOND, OTHER = b"fac_the-first-question", b"chl_the-second-question", b"chl_another-question"


def set_up(authenticator: Authenticator, challenge: bytes = FIRST) -> Registered:
    """A new passkey of *authenticator*."""
    return registered(RP, challenge, authenticator.create(asked_to_create(challenge)))


def asked_to_create(challenge: bytes = FIRST) -> dict[str, Any]:
    return creation_options(RP, user_id="usr_1", user_name="anna", challenge=challenge, exclude=[])


# -- what is asked


def test_a_new_passkey_is_asked_to_be_discoverable_and_to_verify_its_user() -> None:
    options = creation_options(RP, user_id="usr_1", user_name="anna", challenge=FIRST, exclude=[b"have"])
    json.dumps(options)
    assert options["rp"] == {"id": "chat.example.org", "name": "Chat of Example"}
    assert options["user"] == {"id": websafe_encode(b"usr_1"), "name": "anna", "displayName": "anna"}
    assert options["challenge"] == websafe_encode(FIRST)
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options.get("attestation", "none") == "none"
    assert [one["id"] for one in options["excludeCredentials"]] == [websafe_encode(b"have")]


def test_a_login_asks_for_any_passkey_and_names_none() -> None:
    options = request_options(RP, SECOND)
    assert options["challenge"] == websafe_encode(SECOND)
    assert (options["rpId"], options["allowCredentials"], options["userVerification"]) == (RP.id, [], "required")


# -- what is right


@pytest.mark.parametrize("algorithm", [ES256, EdDSA, RS256])
def test_a_passkey_is_set_up_and_answers(algorithm: type[CoseKey]) -> None:
    authenticator = Authenticator(algorithm=algorithm)
    made = set_up(authenticator)
    assert (made.credential_id, made.sign_count) == (authenticator.passkeys[0].id, 1)
    assert (made.user_verified, made.backed_up) == (True, False)
    answer = authenticator.get(request_options(RP, SECOND))
    assert presented(answer) == (made.credential_id, b"usr_1")
    done = verified(RP, SECOND, answer, made.public_key, made.sign_count)
    assert (done.sign_count, done.user_verified, done.backed_up) == (2, True, False)


def test_the_server_of_another_maker_finds_the_same_answers_right() -> None:
    """Else the authenticator of these tests could be wrong in the way in which the code is."""
    server = Fido2Server(PublicKeyCredentialRpEntity(id=RP.id, name=RP.name))
    authenticator = Authenticator()
    created = authenticator.create(asked_to_create())
    data = server.register_complete({"challenge": websafe_encode(FIRST), "user_verification": "required"}, created)
    assert data.credential_data is not None
    answer = authenticator.get(request_options(RP, SECOND))
    state = {"challenge": websafe_encode(SECOND), "user_verification": "required"}
    assert server.authenticate_complete(state, [data.credential_data], answer) == data.credential_data


@pytest.mark.parametrize("flags", [VERIFIED, SYNCED, VERIFIED | FLAG.BE])
def test_synced_and_bound_passkeys_are_both_good_and_told_apart(flags: FLAG) -> None:
    authenticator = Authenticator(flags=flags, counting=0)
    made = set_up(authenticator)
    done = verified(RP, SECOND, authenticator.get(request_options(RP, SECOND)), made.public_key, 0)
    assert made.backed_up is done.backed_up is bool(flags & FLAG.BS)


@pytest.mark.asvs("6.5.7")
def test_who_was_only_present_is_not_said_to_be_verified() -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    authenticator.flags = PRESENT
    done = verified(RP, SECOND, authenticator.get(request_options(RP, SECOND)), made.public_key, made.sign_count)
    assert done.user_verified is False
    assert set_up(Authenticator(flags=PRESENT)).user_verified is False


def test_what_an_authenticator_adds_does_no_harm() -> None:
    authenticator = Authenticator(tail=cbor2.dumps({"credProtect": 3}))
    made = set_up(authenticator)
    verified(RP, SECOND, authenticator.get(request_options(RP, SECOND)), made.public_key, made.sign_count)


def test_a_counter_may_stay_at_nothing_and_may_jump() -> None:
    for counting in (0, 1000):
        authenticator = Authenticator(counting=counting)
        made = set_up(authenticator)
        count = made.sign_count
        for _ in range(3):
            answer = authenticator.get(request_options(RP, SECOND))
            done = verified(RP, SECOND, answer, made.public_key, count)
            assert done.sign_count == count + counting
            count = done.sign_count


# -- what is wrong

Bend = Callable[[Authenticator], None]


def bent(**fields: Any) -> Bend:
    def bend(authenticator: Authenticator) -> None:
        for name, value in fields.items():
            setattr(authenticator, name, value)

    return bend


def unfolding() -> bytes:
    """A map that is right and signed, with values by reference; a longer one would fill the memory."""
    twice = b"\xd8\x1c\x82\xd8\x1d\x00\xd8\x1d\x00"
    return b"\xa1\x61x\x82" + b"\xd8\x1c\x80" + twice


BENT = {
    "foreign challenge": bent(challenge=OTHER),
    "foreign origin": bent(origin="https://chat.example.org.evil.example"),
    "origin without tls": bent(origin="http://chat.example.org"),
    "origin with a port": bent(origin="https://chat.example.org:8443"),
    "origin of a part": bent(origin="https://evil.chat.example.org"),
    "framed by another page": bent(client={"cross_origin": True}),
    "foreign relying party": bent(rp_id="evil.example"),
    "domain above": bent(rp_id="example.org"),
    "another ceremony": bent(type="payment.get"),
    "nobody present": bent(flags=FLAG.UV),
    "backed up though it cannot be": bent(flags=VERIFIED | FLAG.BS),
    "values by reference": bent(tail=unfolding()),
    "a tag": bent(tail=b"\xa1\x61x\xc0\x60"),
    "bytes left over": bent(tail=cbor2.dumps({}) + b"\x00"),
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT.keys())
def test_a_bent_answer_is_refused(bend: Bend) -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    bend(authenticator)
    answer = authenticator.get(request_options(RP, SECOND))
    with pytest.raises(NotAccepted) as caught:
        verified(RP, SECOND, answer, made.public_key, made.sign_count)
    assert str(caught.value) == ""


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT.keys())
def test_a_bent_new_passkey_is_refused(bend: Bend) -> None:
    authenticator = Authenticator()
    bend(authenticator)
    with pytest.raises(NotAccepted):
        set_up(authenticator)


def test_what_answers_one_question_answers_no_other() -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    answer = authenticator.get(request_options(RP, SECOND))
    with pytest.raises(NotAccepted):
        verified(RP, OTHER, answer, made.public_key, made.sign_count)
    created = authenticator.create(asked_to_create())
    with pytest.raises(NotAccepted):
        registered(RP, OTHER, created)


def test_setting_up_is_no_answer_and_an_answer_sets_nothing_up() -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    authenticator.type = "webauthn.create"
    answer = authenticator.get(request_options(RP, SECOND))
    with pytest.raises(NotAccepted):
        verified(RP, SECOND, answer, made.public_key, made.sign_count)
    authenticator.type = "webauthn.get"
    with pytest.raises(NotAccepted):
        set_up(authenticator)


def test_a_bogus_signature_is_refused() -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    answer = authenticator.get(request_options(RP, SECOND))
    signature = bytearray(websafe_decode(answer["response"]["signature"]))
    for wrong in (b"", bytes(64), bytes(signature[:-1]), bytes([*signature[:-1], signature[-1] ^ 1])):
        bogus = copy.deepcopy(answer)
        bogus["response"]["signature"] = websafe_encode(wrong)
        with pytest.raises(NotAccepted):
            verified(RP, SECOND, bogus, made.public_key, made.sign_count)


def test_the_key_of_another_passkey_is_refused() -> None:
    authenticator, other = Authenticator(), Authenticator()
    set_up(authenticator)
    key = set_up(other).public_key
    with pytest.raises(NotAccepted):
        verified(RP, SECOND, authenticator.get(request_options(RP, SECOND)), key, 0)


def test_what_was_signed_cannot_be_changed_afterwards() -> None:
    authenticator = Authenticator(flags=PRESENT)
    made = set_up(authenticator)
    answer = authenticator.get(request_options(RP, SECOND))
    data = bytearray(websafe_decode(answer["response"]["authenticatorData"]))
    data[32] |= FLAG.UV
    answer["response"]["authenticatorData"] = websafe_encode(bytes(data))
    with pytest.raises(NotAccepted):
        verified(RP, SECOND, answer, made.public_key, made.sign_count)


# -- clones


def test_a_copied_passkey_is_noticed() -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    clone = copy.copy(authenticator.passkeys[0])
    count = made.sign_count
    for _ in range(2):
        answer = authenticator.get(request_options(RP, SECOND))
        count = verified(RP, SECOND, answer, made.public_key, count).sign_count
    with pytest.raises(NotAccepted, match=r"^cloned$"):
        verified(RP, SECOND, authenticator.get(request_options(RP, SECOND), clone), made.public_key, count)


@pytest.mark.parametrize(("known", "now"), [(7, 7), (7, 6), (7, 0)])
def test_a_counter_that_does_not_grow_is_a_copy(known: int, now: int) -> None:
    authenticator = Authenticator()
    made = set_up(authenticator)
    authenticator.passkeys[0].count, authenticator.counting = now, 0
    with pytest.raises(NotAccepted, match=r"^cloned$"):
        verified(RP, SECOND, authenticator.get(request_options(RP, SECOND)), made.public_key, known)


def test_only_who_has_the_key_can_say_that_it_was_copied() -> None:
    """Else a stranger could make people distrust a good passkey."""
    authenticator = Authenticator()
    made = set_up(authenticator)
    stranger = Authenticator(passkeys=[copy.copy(authenticator.passkeys[0])], counting=0)
    stranger.passkeys[0].private = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(NotAccepted) as caught:
        verified(RP, SECOND, stranger.get(request_options(RP, SECOND)), made.public_key, 7)
    assert str(caught.value) == ""


# -- keys that would never work, or are weak


def coordinates(curve: ec.EllipticCurve) -> dict[int, Any]:
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    return {-2: numbers.x.to_bytes(size, "big"), -3: numbers.y.to_bytes(size, "big")}


@pytest.mark.parametrize(
    "cose",
    [
        {-2: bytes(32), -3: bytes(32)},  # no point of the curve
        {-2: b"", -3: b""},
        {-1: 2, **coordinates(ec.SECP384R1())},  # another curve than the algorithm's
        {3: -8},  # the algorithm of another kind of key
        {1: 3},  # a kind of key without what it needs
    ],
)
def test_a_key_that_could_not_be_used_is_not_set_up(cose: dict[int, Any]) -> None:
    with pytest.raises(NotAccepted):
        set_up(Authenticator(cose=cose))


def test_a_weak_key_is_not_set_up() -> None:
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    with pytest.raises(NotAccepted):
        set_up(Authenticator(algorithm=RS256, cose={-1: numbers.n.to_bytes(128, "big")}))


def test_an_algorithm_that_was_not_asked_for_is_not_set_up() -> None:
    with pytest.raises(NotAccepted):
        set_up(Authenticator(algorithm=ES384))


def test_an_id_has_at_most_1023_bytes() -> None:
    assert len(set_up(Authenticator(id_size=1023)).credential_id) == 1023
    with pytest.raises(NotAccepted):
        set_up(Authenticator(id_size=1024))


def test_what_is_attested_must_be_in_order() -> None:
    for statement in (("none", {"sig": b"1"}), ("packed", {"alg": -7, "sig": b"1"}), ("mine", {}), ("packed", {})):
        with pytest.raises(NotAccepted):
            set_up(Authenticator(statement=statement))


# -- what is no credential


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"rawId": None},
        {"rawId": 5},
        {"rawId": "é"},
        {"rawId": "A"},
        {"rawId": "AAAA", "response": {"userHandle": 5}},
        {"rawId": "AAAA", "response": {"userHandle": "é"}},
        {"rawId": "AAAA", "more": "x" * 20_000},
        {"rawId": "AAAA", "more": float("nan")},
    ],
)
def test_what_is_no_credential_presents_nothing(credential: dict[str, Any]) -> None:
    with pytest.raises(NotAccepted):
        presented(credential)


def test_a_credential_may_present_no_person() -> None:
    assert presented({"rawId": "AAAA"}) == (b"\0\0\0", None)
    assert presented({"rawId": "AAAA", "response": []}) == (b"\0\0\0", None)


def deep() -> Any:
    inner: Any = []
    for _ in range(100_000):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "more", ["x" * 20_000, deep(), float("inf"), b"bytes"], ids=["long", "deep", "endless", "bytes"]
)
def test_what_is_too_much_is_refused_though_all_else_is_right(more: Any) -> None:
    authenticator = Authenticator()
    created = authenticator.create(asked_to_create())
    made = registered(RP, FIRST, created)
    answer = authenticator.get(request_options(RP, SECOND))
    for attempt in (
        lambda: registered(RP, FIRST, {**created, "clientExtensionResults": {"x": more}}),
        lambda: verified(RP, SECOND, {**answer, "clientExtensionResults": {"x": more}}, made.public_key, 1),
    ):
        with pytest.raises(NotAccepted):
            attempt()


KNOWN = Authenticator()
CREATED = KNOWN.create(asked_to_create())
MADE = registered(RP, FIRST, CREATED)
ANSWER = KNOWN.get(request_options(RP, SECOND))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)
INSIDE = st.sampled_from(["clientDataJSON", "attestationObject", "authenticatorData", "signature"])


@given(st.sampled_from(["id", "rawId", "type", "response"]), ANY)
def test_any_json_in_the_place_of_a_part_is_refused(part: str, value: Any) -> None:
    for attempt in (
        lambda: registered(RP, FIRST, {**CREATED, part: value}),
        lambda: verified(RP, SECOND, {**ANSWER, part: value}, MADE.public_key, 1),
    ):
        with pytest.raises(NotAccepted):
            attempt()


@given(INSIDE, st.binary(max_size=300) | st.text(max_size=50) | ANY)
def test_any_bytes_in_the_place_of_what_was_said_are_refused(part: str, value: Any) -> None:
    written = websafe_encode(value) if isinstance(value, bytes) else value
    if part in {"clientDataJSON", "attestationObject"}:
        with pytest.raises(NotAccepted):
            registered(RP, FIRST, {**CREATED, "response": {**CREATED["response"], part: written}})
    if part != "attestationObject":
        with pytest.raises(NotAccepted):
            verified(RP, SECOND, {**ANSWER, "response": {**ANSWER["response"], part: written}}, MADE.public_key, 1)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_of_an_answer_goes_unnoticed(at: int, change: int) -> None:
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        said = bytearray(websafe_decode(ANSWER["response"][part]))
        said[at % len(said)] ^= change
        response = {**ANSWER["response"], part: websafe_encode(bytes(said))}
        with pytest.raises(NotAccepted):
            verified(RP, SECOND, {**ANSWER, "response": response}, MADE.public_key, 1)
