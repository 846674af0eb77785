"""A private certificate authority and the server certificate it issues, or the operator's own.

The chain passes strict verifiers (RFC 5280; Python's VERIFY_X509_STRICT; ``openssl verify -x509_strict``): critical
basic constraints and key usage, key identifiers, names as subject alternative names. A certificate lives 90 days and is
replaced when a third of that is left.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chatwarden.clock import SECOND, Instant
from chatwarden.config.home import Home, write_private
from chatwarden.config.model import Config
from chatwarden.errors import ConfigurationError

AUTHORITY_DAYS = 3650
SERVER_DAYS = 90
_BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pair:
    """Files with a certificate chain and its private key."""

    chain: Path
    key: Path


def current(home: Home, config: Config, now: Instant) -> Pair:
    """The pair to serve at *now*: the operator's own, or ours, issued anew when it is due or its names changed."""
    if config.tls.certificate_file is not None and config.tls.key_file is not None:
        return Pair(home.path / config.tls.certificate_file, home.path / config.tls.key_file)
    names = names_of(config)
    pair = Pair(home.tls / "server.pem", home.tls / "server.key")
    authority, authority_key = _authority(home, now)
    if not pair.chain.exists() or not pair.key.exists() or due(pair.chain.read_bytes(), names, now):
        chain, key = issue(authority, authority_key, names, now)
        write_private(pair.key, key)
        write_private(pair.chain, chain)
    return pair


def load_pair(context: ssl.SSLContext, chain: Path, key: Path, *, setting: str = "certificate_file") -> None:
    """Makes *context* show *chain*. Raises ConfigurationError when a file cannot be read or the two do not fit; then
    the certificate in *context* may be either.
    """
    try:
        context.load_cert_chain(chain, key, password=_refuse_passphrase)
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"certificate {chain} and key {key} cannot be used: {(error.reason or str(error)).lower().replace('_', ' ')}",
            hint="both must be PEM, and the key must belong to the first certificate in the file", setting=setting,
        ) from error  # fmt: skip
    except OSError as error:
        raise ConfigurationError(
            f"cannot read certificate {chain} or key {key}: {error.strerror}",
            hint="check the paths and that the gateway's user may read them", setting=setting,
        ) from error  # fmt: skip


def _refuse_passphrase() -> str:
    raise ConfigurationError(
        "the private key is encrypted with a passphrase",
        hint="store it without one in a file that only the gateway's user can read",
    )


def check_validity(chain: Path, now: Instant, *, setting: str = "certificate_file") -> None:
    """Raises ConfigurationError when a certificate in *chain* is not valid at *now*, or none is there."""
    try:
        certificates = x509.load_pem_x509_certificates(chain.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read certificate {chain}: {error.strerror}", setting=setting) from error
    except ValueError as error:
        raise ConfigurationError(f"{chain} holds no certificate", hint="PEM is expected", setting=setting) from error
    for one in certificates:
        if _time(now) >= one.not_valid_after_utc:
            raise ConfigurationError(
                f"the certificate in {chain} ended on {one.not_valid_after_utc:%Y-%m-%d}",
                hint="have it renewed; a reload (SIGHUP) takes the new one over", setting=setting,
            )  # fmt: skip
        if _time(now) < one.not_valid_before_utc:
            raise ConfigurationError(
                f"the certificate in {chain} begins on {one.not_valid_before_utc:%Y-%m-%d}",
                hint="check the clock of this machine", setting=setting,
            )  # fmt: skip


def end_of(chain: Path) -> Instant:
    """When the first of the certificates in *chain* to end does. Raises OSError or ValueError."""
    found = x509.load_pem_x509_certificates(chain.read_bytes())
    return int(min(one.not_valid_after_utc for one in found).timestamp()) * SECOND


def names_of(config: Config) -> list[str]:
    """The names and addresses by which clients reach the gateway."""
    names = [config.server.host, "localhost", "127.0.0.1", "::1", socket.gethostname()]
    if config.server.public_url:
        names.insert(0, urlsplit(config.server.public_url).hostname or "")
    return [name for name in dict.fromkeys(names) if name and name not in {"0.0.0.0", "::"}]  # noqa: S104


def due(chain: bytes, names: list[str], now: Instant) -> bool:
    """Whether a certificate should be replaced: a third of its life is left, or a name is missing."""
    certificate = x509.load_pem_x509_certificate(chain)
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _time(now) > certificate.not_valid_after_utc - life / 3 or set(_alternatives(names)) - set(covered) != set()


def _authority(home: Home, now: Instant) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate_file, key_file = home.tls / "ca.pem", home.tls / "ca.key"
    if not certificate_file.exists() or not key_file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, f"Chatwarden CA {x509.random_serial_number() >> 128:x}")]
        )
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        certificate = (
            _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
            .sign(key, hashes.SHA256())
        )
        write_private(key_file, _key_bytes(key))
        write_private(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
    loaded = serialization.load_pem_private_key(key_file.read_bytes(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate(certificate_file.read_bytes()), loaded


def issue(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, names: list[str], now: Instant
) -> tuple[bytes, bytes]:
    """A new server certificate for *names* and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Chatwarden")])
    issuer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _builder(subject, authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), _key_bytes(key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: Instant, days: int
) -> x509.CertificateBuilder:
    begin = _time(now) - _BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=sign_certificates, crl_sign=sign_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _alternatives(names: list[str]) -> list[x509.GeneralName]:
    made: list[x509.GeneralName] = []
    for name in names:
        try:
            made.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            made.append(x509.DNSName(name))
    return made


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _time(now: Instant) -> datetime:
    return datetime.fromtimestamp(now // SECOND, UTC)
