"""Files of our own that ship in the package: a folder of them, under a policy that lets in nothing else.

A folder is read once, at first use; only names that ship are served. Pages hold no secret: what they show they ask for
with the token of whoever looks at them.
"""

from __future__ import annotations

import mimetypes
from importlib import resources

from chatwarden.errors import NotFound
from chatwarden.web.http import SECURITY_HEADERS, Reply

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
_PUBLIC = (".html", ".js", ".css", ".svg")


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
