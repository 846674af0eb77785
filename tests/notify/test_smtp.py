"""Mail to a real server: TLS or nothing, one recipient, and never longer than it may take."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.world.mailbox import USER, Authority, Mailbox, serving_mail

from chatwarden.clock import SECOND
from chatwarden.config.model import NotifyConfig
from chatwarden.errors import ConfigurationError
from chatwarden.notify.model import NotSent
from chatwarden.notify.smtp import MailServer, letter

TO = "ada@example.org"
AT = 1_800_000_000 * SECOND
Configured = Callable[[str], NotifyConfig]


def mail(text: str = "Good day.\n", **more: str) -> EmailMessage:
    given = {"title": "Chatwarden", "sender": "chat@example.org", "to": TO, "subject": "test", "name": "ntc_1.person"}
    return letter(**{**given, **more}, text=text, at=AT)


def test_a_letter_says_who_what_and_when_and_the_same_at_every_try() -> None:
    one = mail()
    assert bytes(one) == bytes(mail())
    assert dict(one.items()) == {
        "From": "Chatwarden <chat@example.org>", "To": TO, "Subject": "Chatwarden: test",
        "Date": "Fri, 15 Jan 2027 08:00:00 +0000", "Message-ID": "<ntc_1.person@example.org>",
        "Auto-Submitted": "auto-generated", "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit", "MIME-Version": "1.0",
    }  # fmt: skip


@pytest.mark.parametrize("where", ["sender", "to", "subject", "name"])
@pytest.mark.parametrize("ends", ["\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\rX: y"])
def test_no_word_becomes_a_line_of_the_header(where: str, ends: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|CR or LF|[Ii]nvalid"):
        mail(**{where: "chat@example.org" + ends})


def test_a_title_of_several_lines_becomes_one() -> None:
    one = mail(title="My\r\nBcc: eve@example.org")
    assert one["Bcc"] is None
    assert bytes(one).count(b"\r\nBcc") == 0
    assert one["Subject"] == "My Bcc: eve@example.org: test"


def test_what_is_not_ascii_is_wrapped_so_that_every_server_takes_it() -> None:
    one = mail("Gr\u00fc\u00dfe\n", title="Stra\u00dfe")
    assert bytes(one).isascii()
    assert one["From"] == "Stra\u00dfe <chat@example.org>"
    assert one.get_content() == "Gr\u00fc\u00dfe\r\n"


async def test_mail_goes_over_starttls_with_a_login(configured: Configured, house_authority: Authority) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        await MailServer(configured(f'smtp = "127.0.0.1:{box.port}"\n%mail'), Path("/")).send(mail(), TO)
    [taken] = box.letters
    assert (taken.sender, taken.to, taken.text) == ("chat@example.org", [TO], "Good day.\r\n")
    assert (taken.encrypted, taken.user, taken.greeting) == (True, USER.encode(), "example.org")
    assert taken.message["Subject"] == "Chatwarden: test"


async def test_mail_goes_over_tls_from_the_first_byte(configured: Configured, house_authority: Authority) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), implicit=True, login=True) as box:
        config = configured(f'smtp = "localhost:{box.port}"\nsmtp_tls = "tls"\n%mail')
        await MailServer(config, Path("/")).send(mail(), TO)
    assert [(one.to, one.encrypted) for one in box.letters] == [([TO], True)]


async def test_mail_to_this_machine_may_go_without_tls(configured: Configured) -> None:
    async with serving_mail(Mailbox()) as box:
        toml = f'smtp = "127.0.0.1:{box.port}"\nsmtp_tls = "off"\nfrom = "chat@example.org"\nto = "{TO}"'
        await MailServer(configured(toml), Path("/")).send(mail(), TO)
    assert [one.encrypted for one in box.letters] == [False]


async def refused(server: MailServer) -> NotSent:
    with pytest.raises(NotSent) as failure:
        await server.send(mail(), TO)
    return failure.value


async def test_a_server_without_tls_is_told_nothing(configured: Configured) -> None:
    async with serving_mail(Mailbox()) as box:
        failure = await refused(MailServer(configured(f'smtp = "127.0.0.1:{box.port}"\n%mail'), Path("/")))
    assert (failure.reason, failure.for_good, failure.alone) == ("no-tls", False, False)
    assert box.letters == []


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_certificate_of_nobody_known_or_of_another_name_is_not_believed(
    configured: Configured, house_authority: Authority, *, implicit: bool
) -> None:
    how = 'smtp_tls = "tls"\n' if implicit else ""
    async with serving_mail(Mailbox(), house_authority.server(), implicit=implicit) as box:
        config = configured(f'smtp = "127.0.0.1:{box.port}"\n{how}%mail')
        assert (await refused(MailServer(replace(config, ca_file=None), Path("/")))).reason == "certificate"
    # An address of this machine that the certificate does not name.
    async with serving_mail(Mailbox(), house_authority.server(), implicit=implicit, host="127.0.0.2") as other:
        config = configured(f'smtp = "127.0.0.2:{other.port}"\n{how}%mail')
        assert (await refused(MailServer(config, Path("/")))).reason == "certificate"
    assert other.letters == []
    assert box.letters == []


async def test_a_wrong_password_is_told_as_such(configured: Configured, house_authority: Authority) -> None:
    async with serving_mail(Mailbox(password="another"), house_authority.server(), login=True) as box:
        failure = await refused(MailServer(configured(f'smtp = "127.0.0.1:{box.port}"\n%mail'), Path("/")))
    assert (failure.reason, failure.code, failure.for_good) == ("login", "535 5.7.8", False)


@pytest.mark.parametrize(
    ("answer", "code", "for_good"),
    [("550 5.1.1 ada@example.org is nobody", "550 5.1.1", True), ("452 4.2.2 mailbox full", "452 4.2.2", False),
     ("450 grey", "450", False)],
)  # fmt: skip
async def test_a_recipient_is_refused_for_good_or_for_now(
    configured: Configured, house_authority: Authority, answer: str, code: str, *, for_good: bool
) -> None:
    box = Mailbox(refuses={TO: answer})
    async with serving_mail(box, house_authority.server(), login=True):
        failure = await refused(MailServer(configured(f'smtp = "127.0.0.1:{box.port}"\n%mail'), Path("/")))
    assert (failure.reason, failure.code, failure.for_good, failure.alone) == ("recipient", code, for_good, True)


async def test_nobody_there_is_unreachable(configured: Configured) -> None:
    failure = await refused(MailServer(configured('smtp = "127.0.0.1:1"\n%mail'), Path("/")))
    assert (failure.reason, failure.alone) == ("unreachable", False)


Says = Callable[[asyncio.StreamReader, asyncio.StreamWriter], "asyncio.Future[None]"]


@contextlib.asynccontextmanager
async def saying(*pieces: bytes, gap: float = 0, hang: bool = True) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A server that says these pieces and then nothing; and when the other side went away."""
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(gap)
            if hang:
                await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], gone


async def test_a_server_that_trickles_is_left_after_the_whole_time(configured: Configured) -> None:
    async with saying(*[b"2"] * 10_000, gap=0.01) as (port, gone):
        server = MailServer(configured(f'smtp = "127.0.0.1:{port}"\n%mail'), Path("/"), wait=0.3)
        assert (await refused(server)).reason == "no-answer-in-time"
        async with asyncio.timeout(10):
            await gone.wait()


@pytest.mark.parametrize(
    ("said", "reason", "code"),
    [(b"554 5.7.1 go away\r\n", "refused", "554 5.7.1"), (b"not a mail server\r\n", "refused", ""),
     (b"220 hello\r\n", "unreachable", "")],
)  # fmt: skip
async def test_a_server_that_does_not_want_or_is_none(
    configured: Configured, said: bytes, reason: str, code: str
) -> None:
    async with saying(said, hang=False) as (port, _):
        failure = await refused(MailServer(configured(f'smtp = "127.0.0.1:{port}"\n%mail'), Path("/")))
    assert (failure.reason, failure.code) == (reason, code)


@pytest.mark.parametrize("held", [b"", b"one\ntwo\n", b"caf\xe9\n"])
def test_a_password_file_holds_one_line(configured: Configured, tmp_path: Path, held: bytes) -> None:
    config = configured('smtp = "127.0.0.1:1"\n%mail')
    (tmp_path / "mail").write_bytes(held)
    with pytest.raises(ConfigurationError, match="does not hold one password") as refusal:
        MailServer(config, Path("/"))
    assert refusal.value.setting == "smtp_password_file"


def test_a_password_that_others_can_read_and_an_authority_that_is_none_are_refused(
    configured: Configured, tmp_path: Path
) -> None:
    config = configured('smtp = "127.0.0.1:1"\n%mail')
    with pytest.raises(ConfigurationError, match="cannot use the authority"):
        MailServer(replace(config, ca_file=tmp_path / "mail"), Path("/"))
    (tmp_path / "mail").chmod(0o644)
    with pytest.raises(ConfigurationError, match="read by others"):
        MailServer(config, Path("/"))
