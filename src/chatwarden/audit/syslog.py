"""Syslog over TLS: RFC 5424 messages, octet-counted as RFC 5425 wants it, and the certainty that they were read.

Syslog has no acknowledgement. A batch is therefore one TLS session: it is written, ended with ``close_notify``, and counts
as taken when the receiver has closed the connection in turn (RFC 5425, section 4.4), every byte is acknowledged, and there
was no reset: a receiver that closes with bytes unread resets. Its own ``close_notify`` alone says nothing, since a receiver
that is stopping sends one too. Anything else is not taken and comes again, so that a batch may arrive twice, in part or
whole; ``sequenceId`` tells.

What a receiver has read and loses afterwards nobody can know here: give it a queue on disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import ssl
import struct
import termios
from collections.abc import Sequence
from pathlib import Path

from chatwarden import __version__
from chatwarden.clock import Instant, rfc3339
from chatwarden.config.alarms import SyslogConfig
from chatwarden.errors import ChatwardenError, ConfigurationError
from chatwarden.outgoing import Line, in_thread, trusting

_AUDIT = 13 * 8  # RFC 5424, section 6.2.1: facility 13, log audit
_WARNING, _INFORMATIONAL = 4, 6
_SEQUENCE_MAX = 2**31 - 1  # RFC 5424, section 7.3.1
_WHOLE = 60.0
_STEP = 20.0


class NotTaken(ChatwardenError):
    """The receiver has not taken the batch; ``reason`` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def message(*, host: str, at: Instant, event: str, denied: bool, number: int, text: bytes) -> bytes:
    """One RFC 5424 message. *number* counts from 1; *text* is what is said, in ASCII or UTF-8."""
    priority = _AUDIT + (_WARNING if denied else _INFORMATIONAL)
    sequence = (number - 1) % _SEQUENCE_MAX + 1
    head = (
        f"<{priority}>1 {rfc3339(at)} {host or '-'} chatwarden - {event[:32]} "
        f'[origin software="chatwarden" swVersion="{__version__}"][meta sequenceId="{sequence}"] '
    )
    return head.encode("ascii", "replace") + text


def framed(messages: Sequence[bytes]) -> bytes:
    """The messages as they go over the wire (RFC 5425, section 4.3)."""
    return b"".join(b"%d %b" % (len(one), one) for one in messages)


class Receiver:
    """Who takes them. Raises ConfigurationError."""

    def __init__(self, config: SyslogConfig, home: Path, wait: float = _WHOLE) -> None:
        self.config = config
        self._wait = wait
        self._context = trusting(None if config.ca_file is None else home / config.ca_file)
        if config.certificate_file is not None and config.key_file is not None:
            try:
                self._context.load_cert_chain(home / config.certificate_file, home / config.key_file)
            except (OSError, ssl.SSLError) as error:
                raise ConfigurationError(
                    f"cannot use the certificate {config.certificate_file} with {config.key_file}",
                    setting="certificate_file",
                ) from error

    async def take(self, messages: Sequence[bytes]) -> None:
        """Returns when the receiver has read all of *messages*. Raises NotTaken."""
        data = framed(messages)
        try:
            await in_thread(lambda line: self._say(line, data), self._wait)
        except TimeoutError:
            raise NotTaken("no-answer-in-time") from None

    def _say(self, line: Line, data: bytes) -> None:
        config = self.config
        try:
            plain = line.connect(config.host, config.port, _STEP)
            with self._context.wrap_socket(plain, server_hostname=config.host) as connection:
                connection.sendall(data)
                _end(connection)
        except ssl.SSLCertVerificationError as error:
            raise NotTaken("certificate") from error
        except TimeoutError as error:
            raise NotTaken("no-answer-in-time") from error
        except ssl.SSLError as error:
            raise NotTaken("tls") from error
        except OSError as error:
            raise NotTaken("unreachable") from error


def _end(connection: ssl.SSLSocket) -> None:
    """Ends the session and waits until the other side has closed. Raises NotTaken and OSError."""
    with contextlib.suppress(ssl.SSLEOFError):  # it closed without a word
        connection.unwrap()
    # A word of TLS is not enough: a receiver that throws us out, or is just stopping, says it too, with our bytes unread.
    while socket.socket.recv(connection, 4_096):
        pass
    unread = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
    if unread or connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise NotTaken("not-confirmed")
