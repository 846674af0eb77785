"""Files of our own that ship in the package: a folder of them, under a policy that lets in nothing else.

A folder is read once, at first use; only names that ship are served, and pages in the language of whoever asks. Pages hold
no secret: what they show they ask for with the token of whoever looks at them.
"""

from __future__ import annotations

import mimetypes
from importlib import resources

from chatwarden.errors import NotFound
from chatwarden.web.http import SECURITY_HEADERS, Reply, Request
from chatwarden.web.languages import Languages

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    b"trusted-types 'none'"
)
PAGE_HEADERS = [
    *SECURITY_HEADERS,
    (b"content-security-policy", POLICY),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"origin-agent-cluster", b"?1"),
]
_PUBLIC = (".js", ".css", ".svg")
_HTML = b"text/html; charset=utf-8"


class Folder:
    """The public files of one folder of ``chatwarden.web``."""

    def __init__(self, name: str) -> None:
        self._folder = resources.files("chatwarden.web") / name
        self._files: dict[str, Reply] = {}

    def file(self, name: str) -> Reply:
        """The file *name*. Raises NotFound."""
        if not self._files:
            for entry in self._folder.iterdir():
                if entry.name.endswith(_PUBLIC):
                    kind = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
                    if kind.startswith("text/"):
                        kind += "; charset=utf-8"
                    headers = [(b"content-type", kind.encode()), *PAGE_HEADERS]
                    self._files[entry.name] = Reply(200, entry.read_bytes(), headers)
        if name not in self._files:
            raise NotFound
        return self._files[name]

    def page(self, name: str, kind: str, languages: Languages, request: Request, status: int = 200) -> Reply:
        """The page *name*, with the texts of this kind of page."""
        language = languages.chosen(request)
        body = languages.fill((self._folder / name).read_text("utf-8"), language, kind).encode()
        return Reply(status, body, [(b"content-type", _HTML), *spoken(language), *PAGE_HEADERS])


def spoken(language: str) -> list[tuple[bytes, bytes]]:
    """The header fields of what comes in several languages (RFC 9110, sections 8.5 and 12.5.5)."""
    return [(b"content-language", language.encode()), (b"vary", b"Accept-Language")]
