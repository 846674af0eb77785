"""Static pages of our own: what ships is served, under a policy that lets in nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import chatwarden.web
from tests.world.house import House

WEB = Path(chatwarden.web.__file__).parent
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
NAMES = sorted(
    f"{folder}/{path.name}"
    for folder in ("demo", "console")
    for path in (WEB / folder).iterdir()
    if path.suffix in KINDS
)


@pytest.mark.parametrize("name", NAMES)
async def test_every_file_is_served_as_what_it_is(house: House, name: str) -> None:
    told = await house.ask("GET", f"/{name}")
    assert (told.status, told.body) == (200, (WEB / name).read_bytes())
    assert told.headers["content-type"].replace("application/javascript", "text/javascript") == KINDS[Path(name).suffix]
    assert told.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/demo", "demo/index.html"),
        ("/account", "demo/account.html"),
        ("/enrol", "demo/enrol.html"),
        ("/console", "console/index.html"),
        ("/console/conversation", "demo/conversation.html"),
    ],
)
async def test_a_page_lets_in_nothing_that_is_not_ours(house: House, path: str, name: str) -> None:
    told = await house.ask("GET", path)
    kind = name.partition("/")[0]
    assert told.body.decode() == house.node.services.languages.fill((WEB / name).read_text(), "en", kind)
    rules = dict(rule.strip().split(" ", 1) for rule in told.headers["content-security-policy"].split(";"))
    assert (rules["default-src"], rules["script-src"], rules["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert (rules["require-trusted-types-for"], rules["trusted-types"]) == ("'script'", "'none'")
    assert not re.search("unsafe|https?:|\\*", told.headers["content-security-policy"])
    assert told.headers["referrer-policy"] == "no-referrer"  # an enrolment link is a secret
    assert told.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "index.html",
        "account.html",
        "__init__.py",
        "__pycache__",
        "..",
        "../app.py",
        "%2e%2e",
        "index.html%00",
        "INDEX.HTML",
        ".",
    ],
)
@pytest.mark.parametrize("folder", ["demo", "console"])
async def test_only_names_that_ship_are_served(house: House, name: str, folder: str) -> None:
    assert (await house.ask("GET", f"/{folder}/{name}")).status == 404
