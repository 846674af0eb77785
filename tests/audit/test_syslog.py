"""Messages of RFC 5424 over TLS, and what counts as taken."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world.log import AT, record
from tests.world.mailbox import Authority, authority
from tests.world.syslog import rsyslog

from chatwarden.audit.formats.ocsf import ocsf
from chatwarden.audit.syslog import NotTaken, Receiver, framed, message
from chatwarden.config.alarms import SyslogConfig
from chatwarden.errors import ConfigurationError

# RFC 5424, section 6.
_RFC_5424 = re.compile(
    rb"<(?P<pri>\d{1,3})>1 (?P<at>\S+) (?P<host>\S{1,255}) (?P<app>\S{1,48}) (?P<proc>\S{1,128}) (?P<id>[!-~]{1,32}) "
    rb'(?P<sd>(?:\[\S+(?: \S+="(?:\\.|[^"\\\]])*")*\])+) (?P<msg>.*)',
    re.DOTALL,
)


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("siem") / "home")


def config(port: int, trusted: Authority) -> SyslogConfig:
    return SyslogConfig(
        host="localhost", port=port, ca_file=trusted.ca, certificate_file=trusted.pair.chain, key_file=trusted.pair.key
    )


def said(text: bytes = b"hello", number: int = 1, *, denied: bool = False) -> bytes:
    return message(
        host="chat.example.org",
        at=AT,
        event="session:confirmation-refused-by-x",
        denied=denied,
        number=number,
        text=text,
    )


def test_a_message_has_the_form_of_the_rfc() -> None:
    match = _RFC_5424.fullmatch(said(number=7))
    assert match is not None
    assert (match["pri"], match["at"], match["host"], match["app"]) == (
        b"110", b"2026-11-28T15:00:00.123Z", b"chat.example.org", b"chatwarden",
    )  # fmt: skip
    assert len(match["id"]) == 32
    assert b'[meta sequenceId="7"]' in match["sd"]
    assert said(denied=True).startswith(b"<108>1 ")


@pytest.mark.parametrize(("number", "shown"), [(1, 1), (2**31 - 1, 2**31 - 1), (2**31, 1), (2**32, 2)])
def test_a_sequence_begins_again_where_the_rfc_says(number: int, shown: int) -> None:
    assert b'sequenceId="%d"' % shown in said(number=number)


@given(st.lists(st.binary(max_size=300)))
def test_octets_are_counted_whatever_they_are(texts: list[bytes]) -> None:
    wire, found = framed(texts), []
    while wire:
        length, _, rest = wire.partition(b" ")
        found.append(rest[: int(length)])
        wire = rest[int(length) :]
    assert found == texts


async def test_rsyslog_takes_what_it_is_sent_and_knows_us_by_our_certificate(
    trusted: Authority, tmp_path: Path
) -> None:
    lines = [ocsf(record(number=n, reason="x" * 3_000)) for n in range(1, 301)]
    with rsyslog(tmp_path / "siem", trusted) as siem:
        receiver = Receiver(config(siem.port, trusted), tmp_path)
        await receiver.take([said(text, number) for number, text in enumerate(lines, start=1)])
        assert siem.lines == [line.decode() for line in lines]
        assert all(json.loads(line)["class_uid"] == 6003 for line in siem.lines)
        stranger = Receiver(replace(receiver.config, certificate_file=None, key_file=None), tmp_path)
        with pytest.raises(NotTaken):
            await stranger.take([said(b"stranger")])
        assert len(siem.lines) == 300


async def test_a_receiver_that_is_away_or_is_somebody_else_takes_nothing(trusted: Authority, tmp_path: Path) -> None:
    other = authority(tmp_path / "other")
    with rsyslog(tmp_path / "siem", trusted) as siem:
        with pytest.raises(NotTaken, match="certificate"):
            await Receiver(replace(config(siem.port, trusted), ca_file=other.ca), tmp_path).take([said()])
        siem.stop()
        with pytest.raises(NotTaken, match="unreachable"):
            await Receiver(config(siem.port, trusted), tmp_path).take([said()])
        assert siem.lines == []


@contextmanager
def liar(trusted: Authority, behave: Callable[[ssl.SSLSocket], None]) -> Iterator[int]:
    """A receiver that does what it should not, on one connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = trusted.server()

    def serve() -> None:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as connection:
            behave(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(20)
        listener.close()


def reads_some_and_dies(connection: ssl.SSLSocket) -> None:
    connection.recv(100)
    socket.socket(fileno=connection.detach()).close()  # with bytes unread: the kernel resets


def stops_with_a_word(connection: ssl.SSLSocket) -> None:
    connection.setblocking(False)
    with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLError):
        connection.unwrap()  # says its close_notify, and does not wait for ours
    socket.socket(fileno=connection.detach()).close()


def reads_some_and_stops_with_a_word(connection: ssl.SSLSocket) -> None:
    connection.recv(100)
    stops_with_a_word(connection)


def closes_its_side_only(connection: ssl.SSLSocket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("size", [5, 60_000])
@pytest.mark.parametrize(
    "behave", [reads_some_and_dies, stops_with_a_word, reads_some_and_stops_with_a_word, closes_its_side_only]
)
async def test_what_a_receiver_did_not_read_to_the_end_is_not_taken(
    trusted: Authority, tmp_path: Path, behave: Callable[[ssl.SSLSocket], None], size: int
) -> None:
    with liar(trusted, behave) as port, pytest.raises(NotTaken):
        await Receiver(config(port, trusted), tmp_path).take([said(b"x" * size, n) for n in range(1, 100)])


async def test_a_receiver_that_does_not_read_is_left_after_a_while(trusted: Authority, tmp_path: Path) -> None:
    over = threading.Event()
    with liar(trusted, lambda _: (over.wait(20), None)[1]) as port:
        with pytest.raises(NotTaken, match="no-answer-in-time"):
            await Receiver(config(port, trusted), tmp_path, wait=0.3).take([said(b"x" * 60_000) for _ in range(200)])
        over.set()


async def test_a_receiver_that_answers_as_the_rfc_wants_is_believed(trusted: Authority, tmp_path: Path) -> None:
    got: list[bytes] = []

    def sound(connection: ssl.SSLSocket) -> None:
        while data := connection.recv(65_536):
            got.append(data)
        connection.unwrap()

    with liar(trusted, sound) as port:
        await Receiver(config(port, trusted), tmp_path).take([said(b"one"), said(b"two")])
    assert b"".join(got) == framed([said(b"one"), said(b"two")])


def test_files_that_cannot_be_used_are_named(trusted: Authority, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot use the certificate"):
        Receiver(replace(config(1, trusted), key_file=trusted.ca), tmp_path)
    with pytest.raises(ConfigurationError, match="cannot use the authority"):
        Receiver(replace(config(1, trusted), ca_file=Path("absent.pem")), tmp_path)
