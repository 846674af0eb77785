"""Whoever comes by a company comes by no other way: the company may have let them go since."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from tests.world.people import HERE, RP, Office, office

from chatwarden.audit.model import Event
from chatwarden.audit.service import AuditLog
from chatwarden.clock import ManualClock
from chatwarden.errors import InvalidCredentials
from chatwarden.identity.identities import Identities
from chatwarden.identity.logins import Logins
from chatwarden.identity.model import User
from chatwarden.identity.passkeys import request_options
from chatwarden.principal import Role
from chatwarden.storage.model import Database

PASSWORD = "a long and quiet afternoon"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Key:
    """A passkey of ES256 that verified its user."""

    id: bytes = b"a passkey of this test"
    owner: str = ""
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": RP.origins[0]}).encode()

    def _data(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(RP.id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _shown(self, response: dict[str, str]) -> dict[str, Any]:
        return {
            "id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "clientExtensionResults": {},
            "response": response,
        }  # fmt: skip

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        self.owner = options["user"]["id"]
        cose = cbor.encode(ES256.from_cryptography_key(self.private.public_key()))  # type: ignore[no-untyped-call]
        data = self._data(0x45) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        attested = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"])
        return self._shown({"clientDataJSON": b64(said), "attestationObject": b64(attested)})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        data, said = self._data(0x05), self._said("webauthn.get", options["challenge"])
        signature = self.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._shown({
            "clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(signature),
            "userHandle": self.owner,
        })  # fmt: skip


@dataclass
class Door:
    office: Office
    logins: Logins
    clock: ManualClock

    async def with_passkey(self, user: User) -> Key:
        key, now = Key(), self.clock.now()
        begun = await self.office.factors.begin_passkey(user, "", RP, now)
        await self.office.factors.confirm(user, begun["id"], key.create(begun["options"]), RP, now)
        return key

    async def by_passkey(self, key: Key) -> User:
        challenge = self.logins.passkey(self.clock.now())
        options = request_options(RP, challenge.id.encode())
        return (await self.logins.answer(challenge.id, "", key.get(options), RP, self.clock.now())).user


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    made = office(database)
    logins = Logins(
        made.identity, made.factors, database, AuditLog(database), lambda _key, _now: 0, lambda _key: None
    )  # fmt: skip
    yield Door(made, logins, ManualClock())
    made.close()


async def test_a_passkey_alone_does_not_stand_in_for_the_company(door: Door) -> None:
    database, now = door.office.database, door.clock.now()
    identities = Identities(database, AuditLog(database))
    vouched = await identities.account(
        "https://acme.example", "1", prefix="acme", role=Role.AGENT, now=now, actor="company:acme"
    )
    own = await door.office.identity.add("anna", Role.CUSTOMER, now, actor="control", password=PASSWORD)
    assert await door.by_passkey(await door.with_passkey(own)) == own
    await door.office.factors.remove(own, (await door.office.factors.of(own.id))[0].id, now)
    key = await door.with_passkey(vouched)
    with pytest.raises(InvalidCredentials):
        await door.by_passkey(key)
    entries = [entry async for _, entry in AuditLog(database).read() if entry.event is Event.LOGIN_FACTOR_REFUSED]
    assert [(entry.actor, entry.reason) for entry in entries] == [(vouched.id, "vouched")]


async def test_nor_does_a_password(door: Door) -> None:
    database, now = door.office.database, door.clock.now()
    own = await door.office.identity.add("anna", Role.CUSTOMER, now, actor="control", password=PASSWORD)
    assert (await door.logins.password("anna", PASSWORD, HERE, now)).user == own
    vouched = await Identities(database, AuditLog(database)).account(
        "https://acme.example", "1", prefix="acme", role=Role.AGENT, now=now, actor="company:acme"
    )
    for password in ("", PASSWORD):
        with pytest.raises(InvalidCredentials):
            await door.logins.password(vouched.name, password, HERE, now)
