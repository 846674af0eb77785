"""How mail servers, mail addresses and webhooks are written. Each parser raises ValueError.

An address is one mailbox in ASCII, as HTML's ``input type=email`` takes it: no display name, no quotes, no comments, one
``@`` and no space. So it cannot become two recipients or a line of a header.
"""

from __future__ import annotations

import re

from chatwarden.config.values import upstream_url

ADDRESS_MAX = 254  # RFC 5321, section 4.5.3.1, as RFC 3696's erratum 1690 counts it
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*")
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\]")


def address(value: object) -> str:
    """``"ada@example.org"``."""
    if not isinstance(value, str) or len(value) > ADDRESS_MAX or not _ADDRESS.fullmatch(value):
        raise ValueError('a mail address is written like "ada@example.org"')
    return value


def optional_address(value: object) -> str:
    """An address, or empty."""
    return "" if value == "" else address(value)


def server(value: object) -> str:
    """``"mail.example.org:587"``, or empty."""
    if value == "":
        return ""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not _HOST.fullmatch(host) or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError('a mail server is written like "mail.example.org:587"')
    return str(value)


def host_and_port(written: str) -> tuple[str, int]:
    """The two parts of a mail server."""
    host, _, port = written.rpartition(":")
    return host.strip("[]"), int(port)


def user(value: object) -> str:
    """A name to sign in with at a mail server, or empty."""
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]{0,256}", value):
        raise ValueError("this is a name of up to 256 ASCII characters")
    return value


def webhook(value: object) -> str:
    """``"https://alarms.example.org/chatwarden"``, or empty."""
    if value == "":
        return ""
    try:
        return upstream_url(value)
    except ValueError as error:
        raise ValueError(str(error).replace("bot.example.org/v1", "alarms.example.org/chatwarden")) from None
