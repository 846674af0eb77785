import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from chatwarden.clock import DAY, SECOND, SystemClock
from chatwarden.config.certificates import current, due, end_of, names_of
from chatwarden.config.home import Home
from chatwarden.config.model import Config, ServerConfig, TlsConfig

NOW = SystemClock().now()
CONFIG = Config(server=ServerConfig(public_url="https://chat.example.org"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_openssl_accepts_the_chain_under_its_strict_rules(home: Home) -> None:
    pair = current(home, CONFIG, NOW)
    for name in (
        "-verify_ip 127.0.0.1",
        "-verify_ip ::1",
        "-verify_hostname localhost",
        "-verify_hostname chat.example.org",
    ):
        command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(home.tls / "ca.pem")]
        done = subprocess.run(
            [*command, *name.split(), str(pair.chain)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_a_strict_python_client_completes_a_handshake(home: Home) -> None:
    pair = current(home, CONFIG, NOW)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pair.chain, pair.key)
    client = ssl.create_default_context(cafile=str(home.tls / "ca.pem"))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(down, up, server_hostname="127.0.0.1")
    two = server.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (one, two):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert one.version() == "TLSv1.3"


def test_a_certificate_is_kept_until_a_third_of_its_life_is_left(home: Home) -> None:
    pair = current(home, CONFIG, NOW)
    first = pair.chain.read_bytes()
    current(home, CONFIG, NOW + 59 * DAY)
    assert pair.chain.read_bytes() == first
    authority = (home.tls / "ca.pem").read_bytes()
    current(home, CONFIG, NOW + 61 * DAY)
    assert pair.chain.read_bytes() != first
    assert (home.tls / "ca.pem").read_bytes() == authority


def test_a_new_name_brings_a_new_certificate(home: Home) -> None:
    chain = current(home, CONFIG, NOW).chain.read_bytes()
    assert not due(chain, names_of(CONFIG), NOW)
    other = replace(CONFIG, server=ServerConfig(public_url="https://other.example.org"))
    assert due(chain, names_of(other), NOW)


def test_two_certificates_never_share_a_serial_number_or_a_key(home: Home) -> None:
    one = x509.load_pem_x509_certificate(current(home, CONFIG, NOW).chain.read_bytes())
    two = x509.load_pem_x509_certificate(current(home, CONFIG, NOW + 80 * DAY).chain.read_bytes())
    assert one.serial_number != two.serial_number
    assert one.public_key() != two.public_key()


def test_keys_are_private_files(home: Home) -> None:
    pair = current(home, CONFIG, NOW)
    assert {path.stat().st_mode & 0o777 for path in (pair.key, home.tls / "ca.key")} == {0o600}


def test_the_operators_own_certificate_goes_before_ours(home: Home) -> None:
    own = TlsConfig(Path("/own/chain.pem"), Path("/own/key.pem"))
    pair = current(home, replace(CONFIG, tls=own), NOW + SECOND)
    assert (pair.chain, pair.key) == (own.certificate_file, own.key_file)
    assert not (home.tls / "server.pem").exists()


def test_the_end_of_a_chain_is_that_of_its_first_part_to_end(home: Home) -> None:
    pair = current(home, CONFIG, NOW)
    leaf = end_of(pair.chain)
    assert 89 * DAY < leaf - NOW <= 90 * DAY
    both = home.path / "both.pem"
    both.write_bytes((home.tls / "ca.pem").read_bytes() + pair.chain.read_bytes())
    assert end_of(both) == leaf < end_of(home.tls / "ca.pem")
