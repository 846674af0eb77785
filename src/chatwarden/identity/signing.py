"""The keys with which this gateway signs tokens for other services: one current, earlier ones known until what they
signed is over.

A key is a file of its own in ``HOME/keys/oauth/``: PKCS#8 in PEM, named after the instant at which it was made. The newest
is the current one. An earlier one was replaced when the next was made, and is forgotten, file and all, once the longest
token that it can have signed is over. Its ``kid`` is its thumbprint (RFC 7638). The first is made when one is needed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import MINUTE, Duration, Instant
from chatwarden.config.home import write_private
from chatwarden.errors import CannotRun
from chatwarden.identity import jose
from chatwarden.identity.keys import Keys, VerificationKey, of
from chatwarden.storage.model import Database, StorageFailed, Transaction

LONGEST: Duration = 5 * MINUTE  # no token is signed for longer
_MARGIN: Duration = 5 * MINUTE  # for clocks of others that are late
_RSA_BITS = 3_072

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_MAKE: dict[str, Callable[[], Private]] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65_537, _RSA_BITS),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key, since when, and the one algorithm that it is used with."""

    made_at: Instant
    algorithm: str
    kid: str
    key: RSAKey | ECKey | OKPKey
    public: VerificationKey

    @property
    def jwk(self) -> dict[str, Any]:
        """Its public half as it is published (RFC 7517)."""
        return {**self.key.as_dict(private=False), "use": "sig", "alg": self.algorithm, "kid": self.kid}


class SigningKeys:
    """Signs and publishes. Raises CannotRun for a key file that cannot be read, and later StorageFailed where one cannot
    be written or deleted.
    """

    def __init__(self, folder: Path, database: Database, audit: AuditLog, *, algorithm: str, age: Duration) -> None:
        self._folder = folder
        self._database = database
        self._audit = audit
        self.algorithm = algorithm
        self.age = age
        self._turning = asyncio.Lock()
        self._keys = [_read(path) for path in sorted(folder.glob("*.pem"), reverse=True)]

    async def sign(self, claims: dict[str, Any], *, typ: str, now: Instant) -> str:
        """A JWT under the current key."""
        key = await self.current(now)
        header = {"alg": key.algorithm, "typ": typ, "kid": key.kid}
        return jws.serialize_compact(header, json.dumps(claims), key.key, registry=jose.registry(key.algorithm))

    async def current(self, now: Instant) -> SigningKey:
        """The key that signs; made, or replaced because of its age, if need be."""
        async with self._turning:
            if not self._keys:
                return await self._turn(now, "first", "system")
            if self._keys[0].algorithm != self.algorithm:
                return await self._turn(now, "algorithm", "system")
            if now - self._keys[0].made_at >= self.age:
                return await self._turn(now, "age", "system")
            return self._keys[0]

    def public(self, now: Instant) -> Keys:
        """Every key whose signature still counts at *now*."""
        return tuple(key.public for key in self._living(now))

    async def published(self, now: Instant) -> list[dict[str, Any]]:
        """The JWK Set's keys, the current one first."""
        await self.current(now)
        return [key.jwk for key in self._living(now)]

    async def rotate(self, now: Instant, *, actor: str, forget: bool = False) -> str:
        """Makes a new current key and returns its id. With *forget* every earlier one is worth nothing from now on, and
        with them what they signed: for keys that somebody may have seen.
        """
        async with self._turning:
            key = await self._turn(now, "compromised" if forget else "asked", actor)
            if forget:
                await self._forget(self._keys[1:])
            return key.kid

    async def tend(self, now: Instant) -> None:
        """As time passes: a new key for an old one, and away with those whose signatures are over."""
        if self._keys:
            await self.current(now)
            async with self._turning:
                living = self._living(now)
                await self._forget([key for key in self._keys if key not in living])

    def _living(self, now: Instant) -> list[SigningKey]:
        """A key counts until the last token that it can have signed before its successor came is over."""
        found = self._keys[:1]
        for newer, key in zip(self._keys, self._keys[1:], strict=False):
            if now < newer.made_at + LONGEST + _MARGIN:
                found.append(key)
        return found

    async def _turn(self, now: Instant, reason: str, actor: str) -> SigningKey:
        native = await asyncio.to_thread(_MAKE[self.algorithm])
        # Never before the newest: the order of the names is the order of the keys.
        made = _signing(native, max(now, self._keys[0].made_at + 1 if self._keys else 0))
        tx = Transaction()
        self._audit.append(
            tx, Event.KEY_MADE, lane=Lane.SYSTEM if actor == "system" else Lane.STAFF, actor=actor, at=now,
            object=made.kid, reason=reason,
        )  # fmt: skip
        await self._database.commit(tx)
        try:
            await asyncio.to_thread(self._write, made.made_at, native)
        except OSError as error:
            raise StorageFailed("the signing key cannot be written") from error
        self._keys.insert(0, made)
        return made

    def _write(self, made_at: Instant, key: Private) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_private(self._path(made_at), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    async def _forget(self, keys: list[SigningKey]) -> None:
        self._keys = [key for key in self._keys if key not in keys]
        try:
            for key in keys:
                await asyncio.to_thread(self._path(key.made_at).unlink, missing_ok=True)
        except OSError as error:
            raise StorageFailed("an earlier signing key cannot be deleted") from error

    def _path(self, made_at: Instant) -> Path:
        return self._folder / f"{made_at:020}.pem"


def _read(path: Path) -> SigningKey:
    try:
        native = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(native, Private) or not path.stem.isdecimal():
            raise ValueError(path.stem)  # noqa: TRY301  one answer for all that is wrong with it
        return _signing(native, int(path.stem))
    except (ValueError, TypeError, OSError) as error:
        raise CannotRun(
            f"the key file {path} is damaged",
            hint="restore it from a backup of the home, or delete it: what it signed is over after five minutes",
        ) from error


def _signing(native: Private, made_at: Instant) -> SigningKey:
    key: RSAKey | ECKey | OKPKey
    if isinstance(native, rsa.RSAPrivateKey):
        key, algorithm = RSAKey.import_key(native), "RS256"
    elif isinstance(native, ec.EllipticCurvePrivateKey):
        key, algorithm = ECKey.import_key(native), "ES256"
    else:
        key, algorithm = OKPKey.import_key(native), "EdDSA"
    kid = key.thumbprint()
    return SigningKey(made_at, algorithm, kid, key, of(native.public_key(), kid, algorithm))
