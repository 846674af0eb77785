"""A mail server of the house: aiosmtpd, with the certificate of a private authority and an account that may send."""

from __future__ import annotations

import asyncio
import contextlib
import email
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from chatwarden.clock import SystemClock
from chatwarden.config import certificates
from chatwarden.config.home import Home
from chatwarden.config.parse import parse

USER, PASSWORD = "gateway", "a password of the gateway"


@dataclass
class Authority:
    """A private authority, and the certificate it gave to this machine."""

    ca: Path
    pair: certificates.Pair

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pair.chain, self.pair.key)
        return context


def authority(folder: Path) -> Authority:
    home = Home(folder)
    home.prepare()
    return Authority(home.tls / "ca.pem", certificates.current(home, parse(""), SystemClock().now()))


@dataclass(frozen=True)
class Letter:
    """One mail as it was taken."""

    sender: str
    to: list[str]
    raw: bytes
    greeting: str | None
    encrypted: bool
    user: bytes | None

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class Mailbox:
    """What came, and what is said to whom. ``refuses`` are answers to recipients."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    password: str = PASSWORD

    def to(self, address: str) -> list[Letter]:
        return [one for one in self.letters if one.to == [address]]

    # aiosmtpd calls these

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: list[str]
    ) -> str:
        refusal = self.refuses.get(to)
        if refusal is None:
            envelope.rcpt_tos.append(to)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        user = session.auth_data.login if isinstance(session.auth_data, LoginPassword) else None
        self.letters.append(
            Letter(
                envelope.mail_from or "", envelope.rcpt_tos, envelope.content, session.host_name,
                server.transport is not None and server.transport.get_extra_info("sslcontext") is not None, user,
            )
        )  # fmt: skip
        return "250 taken"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        right = LoginPassword(USER.encode(), self.password.encode())
        return AuthResult(success=data == right, handled=False, auth_data=data)


@contextlib.asynccontextmanager
async def serving_mail(
    box: Mailbox,
    tls: ssl.SSLContext | None = None,
    *,
    implicit: bool = False,
    login: bool = False,
    host: str = "127.0.0.1",
) -> AsyncIterator[Mailbox]:
    """Serves *box* until the block is left; the next time on the same port. *tls* is offered by STARTTLS and
    then demanded, or is there from the first byte (*implicit*).
    """
    loop = asyncio.get_running_loop()
    connections: set[SMTP] = set()

    def connected() -> SMTP:
        with warnings.catch_warnings():
            # It does not see the TLS that is there from the first byte.
            warnings.simplefilter("ignore", UserWarning)
            made = SMTP(
                box, tls_context=None if implicit else tls, require_starttls=tls is not None and not implicit,
                auth_required=login, auth_require_tls=not implicit, authenticator=box.authenticate,
                hostname="mail.test", loop=loop,
            )  # fmt: skip
        connections.add(made)
        return made

    server = await loop.create_server(connected, host, box.port, ssl=tls if implicit else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for one in connections:
            if one.transport is not None and not one.transport.is_closing():
                one.transport.close()
        await server.wait_closed()
