"""The rows of ``[widget]``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chatwarden.config.model import is_loopback
from chatwarden.config.setting import Setting, row

_MOST = 64
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")


def origins(value: object) -> tuple[str, ...]:
    """``["https://www.example.org"]``: exact origins (RFC 6454), since they go into ``frame-ancestors`` as they are."""
    if not isinstance(value, list) or len(value) > _MOST or not all(isinstance(one, str) for one in value):
        raise ValueError(f'this is a list of up to {_MOST} origins like ["https://www.example.org"]')
    return tuple(dict.fromkeys(_origin(one) for one in value))


def _origin(text: str) -> str:
    if "*" in text:
        raise ValueError("a wildcard would let in pages that you do not know; name every origin")
    wrong = ValueError(f'{text[:100]!r} is not written like "https://www.example.org": small letters, no path')
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    written = f"[{host}]" if ":" in host else host
    whole = f"{parts.scheme}://{written}" + ("" if port is None else f":{port}")
    if whole != text or not _NAME.fullmatch(written) or port in {0, 80 if parts.scheme == "http" else 443}:
        raise wrong
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return text
    raise ValueError(f"{text} is not https")


WIDGET_SETTINGS: tuple[Setting, ...] = (
    row(
        "widget.sites", origins, (),
        "origins of the websites that may show the chat, exactly as a browser writes them; without one nobody may",
        reload=True,
    ),
)  # fmt: skip
