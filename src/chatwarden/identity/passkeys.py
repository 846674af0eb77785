"""Passkeys (WebAuthn Level 3) over py_webauthn: every key is discoverable and asks for its user (NIST SP 800-63B-4, App. B).

The challenge is the id of the question that is answered, so that an answer fits no other. What is wrong raises one error
and says no more: which check failed is nobody's business outside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_cbor,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chatwarden.errors import ChatwardenError
from chatwarden.identity.cbor import must_be_plain

ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TIMEOUT = 120_000  # milliseconds that a browser waits
_CREDENTIAL_MAX = 16_384
_ID_MAX = 1_023  # WebAuthn, section 4
_RSA_BITS_MIN = 2_048

# Authenticator data (WebAuthn, section 6.1): 32 bytes of hash, one of flags, four of counter, then what the flags say.
_FLAGS, _FIXED, _AAGUID, _HAS_CREDENTIAL = 32, 37, 16, 0x40


class NotAccepted(ChatwardenError):
    """Not a credential, or not the right one."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: ``id`` is a domain name, ``origins`` are the pages from which an answer may come."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    user_verified: bool
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """A right answer."""

    sign_count: int
    user_verified: bool
    backed_up: bool


def creation_options(
    rp: RelyingParty, *, user_id: str, user_name: str, challenge: bytes, exclude: Sequence[bytes]
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON for navigator.credentials.create."""
    options = webauthn.generate_registration_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user_id=user_id.encode(),
        user_name=user_name,
        user_display_name=user_name,
        challenge=challenge,
        timeout=_TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in exclude],
        supported_pub_key_algs=ALGORITHMS,
    )
    return dict(options_to_json_dict(options))


def registered(rp: RelyingParty, challenge: bytes, credential: Mapping[str, Any]) -> Registered:
    """The passkey that *credential* sets up. Raises NotAccepted. Who made the authenticator is not asked: what it attests
    must be in order, and is believed no more than what it says without.
    """
    text = _bounded(credential)
    try:
        attestation = base64url_to_bytes(credential["response"]["attestationObject"])
        must_be_plain(attestation)
        _must_be_plain_inside(parse_cbor(attestation)["authData"])
        done = webauthn.verify_registration_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            supported_pub_key_algs=ALGORITHMS,
        )
        usable = _usable(done.credential_public_key) and len(done.credential_id) <= _ID_MAX and _same_origin(credential)
    except Exception as error:  # the library lets more than its own errors through on malformed input
        raise NotAccepted from error
    if not usable:
        raise NotAccepted
    return Registered(
        done.credential_id, done.credential_public_key, done.sign_count, done.user_verified, done.credential_backed_up
    )


def request_options(rp: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON for navigator.credentials.get: any passkey of this relying party."""
    return {
        "challenge": bytes_to_base64url(challenge),
        "timeout": _TIMEOUT,
        "rpId": rp.id,
        "allowCredentials": [],
        "userVerification": "required",
    }


def presented(credential: Mapping[str, Any]) -> tuple[bytes, bytes | None]:
    """Credential id and user handle that *credential* claims; nothing is verified. Raises NotAccepted."""
    _bounded(credential)
    response = credential.get("response")
    handle = response.get("userHandle") if isinstance(response, Mapping) else None
    return _decoded(credential.get("rawId")), None if handle is None else _decoded(handle)


def verified(
    rp: RelyingParty, challenge: bytes, credential: Mapping[str, Any], public_key: bytes, sign_count: int
) -> Verified:
    """What *credential* proves of the passkey with this key and counter. Raises NotAccepted, with the word ``cloned`` where
    all is right but the counter, which did not grow: then the passkey exists twice (WebAuthn, section 6.1.1).
    """
    text = _bounded(credential)
    try:
        _must_be_plain_inside(base64url_to_bytes(credential["response"]["authenticatorData"]))
        done = webauthn.verify_authentication_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            credential_public_key=public_key,
            # The library compares counters before it looks at the signature. A stranger could then say "cloned".
            credential_current_sign_count=0,
        )
        own = _same_origin(credential)
    except Exception as error:  # as above
        raise NotAccepted from error
    if not own:
        raise NotAccepted
    if done.new_sign_count <= sign_count and max(done.new_sign_count, sign_count) > 0:
        raise NotAccepted("cloned")
    return Verified(done.new_sign_count, done.user_verified, done.credential_backed_up)


def _must_be_plain_inside(authenticator_data: bytes) -> None:
    """Raises an error for CBOR that could unfold in what the authenticator says (WebAuthn, section 6.1). The library would
    unfold it, and checks the signature only then.
    """
    start = _FIXED
    if authenticator_data[_FLAGS] & _HAS_CREDENTIAL:
        id_at = start + _AAGUID + 2
        start = id_at + int.from_bytes(authenticator_data[id_at - 2 : id_at], "big")
    must_be_plain(authenticator_data, start)


def _usable(public_key: bytes) -> bool:
    """Whether this is a key of one of our algorithms: one that the library could not use would lock its person out."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    match decoded.alg:
        case COSEAlgorithmIdentifier.EDDSA:
            return isinstance(key, Ed25519PublicKey)
        case COSEAlgorithmIdentifier.ECDSA_SHA_256:
            return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
        case _:
            return isinstance(key, RSAPublicKey) and key.key_size >= _RSA_BITS_MIN


def _same_origin(credential: Mapping[str, Any]) -> bool:
    """Whether the page that asked was not framed by another's (WebAuthn, section 7.1, step 10): ours may never be."""
    client = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return not client.cross_origin


def _bounded(credential: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(credential, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise NotAccepted from None
    if len(text) > _CREDENTIAL_MAX:
        raise NotAccepted
    return text


def _decoded(value: object) -> bytes:
    if not isinstance(value, str):
        raise NotAccepted
    try:
        return base64url_to_bytes(value)
    except ValueError:
        raise NotAccepted from None
