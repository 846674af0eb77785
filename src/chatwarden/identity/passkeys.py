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
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chatwarden.errors import ChatwardenError

ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TIMEOUT = 120_000  # milliseconds that a browser waits
_CREDENTIAL_MAX = 16_384
_ID_MAX = 1_023  # WebAuthn, section 4


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
    """The passkey that *credential* sets up. Raises NotAccepted."""
    text = _bounded(credential)
    try:
        done = webauthn.verify_registration_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            supported_pub_key_algs=ALGORITHMS,
        )
    except Exception as error:  # the library lets more than its own errors through on malformed input
        raise NotAccepted from error
    if len(done.credential_id) > _ID_MAX:
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
    handle = credential.get("response")
    handle = handle.get("userHandle") if isinstance(handle, Mapping) else None
    return _decoded(credential.get("rawId")), None if handle is None else _decoded(handle)


def verified(
    rp: RelyingParty, challenge: bytes, credential: Mapping[str, Any], public_key: bytes, sign_count: int
) -> Verified:
    """What *credential* proves of the passkey with this key and counter. Raises NotAccepted, also for a counter that
    does not grow: the passkey was copied (WebAuthn, section 6.1.1).
    """
    text = _bounded(credential)
    try:
        done = webauthn.verify_authentication_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except Exception as error:  # as above
        raise NotAccepted from error
    if done.credential_backed_up and done.credential_device_type is CredentialDeviceType.SINGLE_DEVICE:
        raise NotAccepted  # WebAuthn, section 7.2, step 18
    return Verified(done.new_sign_count, done.user_verified, done.credential_backed_up)


def _bounded(credential: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(credential, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise NotAccepted from None
    if len(text) > _CREDENTIAL_MAX:
        raise NotAccepted
    return text


def _decoded(value: object) -> bytes:
    try:
        return base64url_to_bytes(value) if isinstance(value, str) else b""
    except ValueError:
        raise NotAccepted from None
