"""Mail to the house's mail server: SMTP (RFC 5321) over verified TLS, by STARTTLS (RFC 3207) or from the first byte.

One recipient in the envelope and in the header. A server that offers no TLS is told nothing. The whole exchange has a
deadline, however slowly the server speaks.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from chatwarden.clock import SECOND, Instant
from chatwarden.config.files import private_lines
from chatwarden.config.mail import host_and_port
from chatwarden.config.model import NotifyConfig
from chatwarden.errors import ConfigurationError
from chatwarden.notify.model import NotSent
from chatwarden.outgoing import Line, in_thread, trusting

_WHOLE = 30.0
_STEP = 10.0
_TITLE_MAX = 64
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463; the words beside it may hold anything
# Lines are short as they are. 7 bit: a server need not know anything else.
_POLICY = policy.SMTP.clone(max_line_length=998, cte_type="7bit")


def letter(
    *, title: str, sender: str, to: str, subject: str, text: str, name: str, at: Instant
) -> EmailMessage:  # fmt: skip
    """A mail in plain text. *name* makes its Message-ID, the same at every try. Raises ValueError for what would be more
    than one line of a header.
    """
    title = " ".join(title.split())[:_TITLE_MAX]
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(display_name=title, addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = f"{title}: {subject}"
    message["Date"] = format_datetime(datetime.fromtimestamp(at // SECOND, UTC))
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    message.set_content(text)
    return message


class MailServer:
    """The house's mail server. Raises ConfigurationError. Nobody waits longer than *wait* seconds for it."""

    def __init__(self, config: NotifyConfig, home: Path, wait: float = _WHOLE) -> None:
        self._host, self._port = host_and_port(config.smtp)
        self._mode = config.smtp_tls
        self._context = trusting(None if config.ca_file is None else home / config.ca_file)
        self._user = config.smtp_user
        self._password = "" if config.smtp_password_file is None else _password(home / config.smtp_password_file)
        self._sender = config.sender
        self._wait = wait

    async def send(self, message: EmailMessage, to: str) -> None:
        """Returns when the server has taken the mail. Raises NotSent."""
        try:
            await in_thread(lambda line: self._say(line, message, to), self._wait)
        except TimeoutError:
            raise NotSent("no-answer-in-time") from None

    def _say(self, line: Line, message: EmailMessage, to: str) -> None:
        connection = _Connection(line, self._host, self._sender, self._context if self._mode == "tls" else None)
        try:
            code, said = connection.connect(self._host, self._port)
            if code != 220:
                raise NotSent("refused", _code(code, said))
            if self._mode == "starttls":
                connection.starttls(context=self._context)
            if self._user:
                connection.login(self._user, self._password)
            connection.send_message(message, self._sender, [to])
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it has the mail already
                connection.quit()
        except (smtplib.SMTPException, OSError) as error:
            raise _reason(error) from error
        finally:
            connection.close()


class _Connection(smtplib.SMTP):
    """smtplib's, over a line that can be cut."""

    def __init__(self, line: Line, host: str, sender: str, context: ssl.SSLContext | None) -> None:
        self._line = line
        self._implicit = context
        # Without a name of its own smtplib asks the resolver for one.
        super().__init__(local_hostname=sender.rpartition("@")[2], timeout=_STEP)
        self._host = host  # whose certificate STARTTLS asks for; smtplib only knows it where its constructor connects

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """What smtplib connects by, as in its own SMTP_SSL."""
        plain = self._line.connect(host, port, timeout)
        return plain if self._implicit is None else self._implicit.wrap_socket(plain, server_hostname=host)


def _reason(error: Exception) -> NotSent:
    match error:
        case smtplib.SMTPNotSupportedError():
            return NotSent("no-tls")
        case smtplib.SMTPAuthenticationError():
            return NotSent("login", _code(error.smtp_code, error.smtp_error))
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
            # 5yz is for good (RFC 5321, section 4.2.1), 4yz for now: a full mailbox, greylisting.
            return NotSent("recipient", _code(code, said), for_good=code >= 500, alone=True)
        case smtplib.SMTPSenderRefused():
            return NotSent("sender", _code(error.smtp_code, error.smtp_error))
        case smtplib.SMTPResponseException():
            return NotSent("refused", _code(error.smtp_code, error.smtp_error))
        case ssl.SSLCertVerificationError():
            return NotSent("certificate")
        case ssl.SSLError():
            return NotSent("tls")
    return NotSent("unreachable")


def _code(code: int, said: bytes | str) -> str:
    """The numbers of an answer, without its words; nothing of what is no answer (smtplib says -1)."""
    if code < 0:
        return ""
    enhanced = _ENHANCED.match(said if isinstance(said, bytes) else said.encode())
    return str(code) + (f" {enhanced[0].decode()}" if enhanced else "")


def _password(path: Path) -> str:
    lines = private_lines(path, "smtp_password_file")
    if len(lines) != 1 or not lines[0].isascii() or not lines[0].isprintable():
        raise ConfigurationError(
            f"{path} does not hold one password", hint="one line of printable ASCII characters",
            setting="smtp_password_file",
        )  # fmt: skip
    return lines[0]
