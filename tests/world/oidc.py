"""A company's login: an unmodified oidc-provider (Node.js) with people in it, and a browser for the way there and back."""

from __future__ import annotations

import contextlib
import html
import http.cookiejar
import json
import re
import select
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatwarden.clock import SystemClock
from chatwarden.config import certificates
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from tests.world import nodejs
from tests.world.company import VERIFIER, s256
from tests.world.forge import Signer

CLIENT, SECRET = "chatwarden", "a-secret-of-forty-letters-for-the-tests-0"
PEOPLE: dict[str, dict[str, Any]] = {
    "anna": {"claims": {"preferred_username": "anna", "groups": ["people"]}, "amr": ["pwd"], "acr": "one"},
    "dora": {"claims": {"preferred_username": "dora", "groups": ["desk"]}, "amr": ["pwd", "mfa"], "acr": "two"},
    "emil": {"claims": {"preferred_username": "emil", "groups": ["desk"]}, "amr": ["pwd"], "acr": "one"},
    "root": {"claims": {"preferred_username": "root"}, "amr": ["mfa"], "acr": "two"},
}


@dataclass
class Directory:
    """Where the company's login will be, before anything of it runs; its files lie in ``folder``."""

    folder: Path
    issuer: str
    chain: Path
    private: Path
    key: Signer = field(default_factory=lambda: Signer.fresh("ES256"))

    @classmethod
    def at(cls, folder: Path) -> Directory:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        home = Home(folder)
        home.prepare()
        pair = certificates.current(home, parse(""), SystemClock().now())
        return cls(folder, f"https://127.0.0.1:{port}", pair.chain, pair.key)

    @property
    def authority(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    def toml(self, more: str, *, secret: bool = True) -> str:
        """The gateway's table, under the name ``acme``."""
        shown = "secret_file" if secret else "key_file"
        return (
            f'[company.acme]\nissuer = "{self.issuer}"\nclient = "{CLIENT}"\n{shown} = "secrets/acme"\n'
            f'ca_file = "secrets/acme-ca.pem"\nscopes = ["openid", "profile", "groups"]\n{more}'
        )

    def settle(self, home: Path, *, secret: bool = True) -> None:
        """Writes what the gateway needs into its home."""
        (home / "secrets").mkdir(parents=True, exist_ok=True)
        (home / "secrets" / "acme").write_bytes(SECRET.encode() if secret else self.key.private_pem)
        (home / "secrets" / "acme").chmod(0o600)
        (home / "secrets" / "acme-ca.pem").write_bytes(self.authority.read_bytes())

    @contextlib.contextmanager
    def opened(self, gateway: str, authority: Path, *, secret: bool = True) -> Iterator[Directory]:
        """Runs it for the gateway at this address, which has a certificate of *authority*."""
        shown: dict[str, Any] = {"client_secret": SECRET, "token_endpoint_auth_method": "client_secret_basic"}
        if not secret:
            shown = {"jwks": {"keys": [self.key.jwk]}, "token_endpoint_auth_method": "private_key_jwt"}
        config = {
            "issuer": self.issuer,
            "tls": {"key": str(self.private), "cert": str(self.chain)},
            "people": PEOPLE,
            "client": {
                "client_id": CLIENT, "redirect_uris": [f"{gateway}/login/acme/callback"],
                "backchannel_logout_uri": f"{gateway}/login/acme/backchannel-logout",
                "backchannel_logout_session_required": True, "scope": "openid profile groups", **shown,
            },
        }  # fmt: skip
        (self.folder / "provider.json").write_text(json.dumps(config))
        process = nodejs.started("provider.mjs", str(self.folder / "provider.json"), authority=authority)
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert select.select([process.stdout], [], [], 30)[0]
            line = process.stdout.readline()
            assert line == "ready\n", line + process.stderr.read()
            yield self
        finally:
            process.kill()
            process.communicate()


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows redirects and remembers them."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        self.seen.append(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Browser:
    """Cookies, redirects and forms, at two addresses."""

    def __init__(self, gateway: str, *authorities: Path) -> None:
        self.gateway = gateway
        self.cookies = http.cookiejar.CookieJar()
        self.way = _Stays()
        context = ssl.create_default_context()
        for authority in authorities:
            context.load_verify_locations(authority)
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(self.cookies), self.way
        )

    def open(self, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, address and page, where the redirects end."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url, data, {"Accept": "text/html"})
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.url, refused.read().decode()

    def begin(self) -> str:
        """Presses the button of the page; where the browser ends."""
        query = urllib.parse.urlencode({"challenge": s256(VERIFIER), "return": "/demo"})
        return self.open(f"{self.gateway}/login/acme?{query}")[1]

    def sign_in(self, name: str) -> tuple[int, str]:
        """Signs in at the company under this name, if it asks; status, and the code that the page gets."""
        where = self.begin()
        status = 200
        if "/interaction/" in where:
            status, where, _ = self.open(where, {"login": name})
        return status, where.partition("#login=")[2]

    def sign_out(self, issuer: str) -> None:
        """Signs out at the company."""
        _, _, page = self.open(f"{issuer}/session/end")
        action = html.unescape(re.findall(r'action="([^"]+)"', page)[0])
        (xsrf,) = re.findall(r'name="xsrf" value="([^"]+)"', page)
        assert self.open(action, {"xsrf": xsrf, "logout": "yes"})[0] == 200
