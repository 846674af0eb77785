"""What a website gets of the chat: the document and its policy, hashed files, loaders, the snippet."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from importlib import resources
from pathlib import Path

import pytest

import chatwarden.web
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.web import embedded
from tests.world.house import House, Open, Told

SITES = '[server]\npublic_url = "https://chat.example.org"\n[widget]\nsites = ["https://www.example.org", "https://shop.example.org"]\n'
WIDGET = Path(chatwarden.web.__file__).parent / "widget"
# SHA-256 of every loader that was published, as it lies in the folder: pages name them by what they become.
PUBLISHED = {
    "1.js": "af0842df83be86b9d4263914670c8d445350649eeea1284cfd28b225be4e50d8",
    "2.js": "1452dfd2ea4143550d2d73b0c45d5eb65f4b13df1d36230d0467f390e4fda562",
}


def rules(told: Told) -> dict[str, str]:
    """A Content-Security-Policy, by directive."""
    return dict(rule.strip().partition(" ")[::2] for rule in told.headers["content-security-policy"].split(";"))


async def test_the_document_may_load_its_own_script_and_be_shown_by_registered_websites(open_house: Open) -> None:
    async with open_house(SITES) as house:
        told = await house.ask("GET", "/widget?bot=helpdesk")
        policy = rules(told)
        assert policy["frame-ancestors"] == "https://www.example.org https://shop.example.org"
        assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-src"] == "'none'"
        assert policy["connect-src"] == policy["style-src"] == policy["img-src"] == "'self'"
        assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
        assert not re.search(r"unsafe|\*|http:", told.headers["content-security-policy"])
        assert told.headers["integrity-policy"] == "blocked-destinations=(script)"
        assert told.headers["connection-allowlist"] == "(response-origin)"
        assert told.headers["cross-origin-opener-policy"] == "same-origin"
        assert told.headers["cross-origin-embedder-policy"] == "require-corp"
        assert told.headers["cross-origin-resource-policy"] == "cross-origin"
        assert (told.headers["referrer-policy"], told.headers["cache-control"]) == ("no-referrer", "no-store")
        assert granted(told) == []
        name, integrity = re.findall(
            r'<script src="/widget/([0-9a-f]{64}\.js)" integrity="([^"]+)"', told.body.decode()
        )[0]
        assert policy["script-src"] == f"'{integrity}'"
        script = await house.ask("GET", f"/widget/{name}")
        digest = hashlib.sha256(script.body).digest()
        assert (digest.hex(), base64.b64encode(digest).decode()) == (name[:-3], integrity.removeprefix("sha256-"))


async def test_every_language_has_a_script_of_its_own_and_the_document_runs_no_other(open_house: Open) -> None:
    async with open_house(SITES) as house:
        scripts = {}
        for language, title in (("en", "Open the chat"), ("de", "Chat öffnen")):
            told = await house.ask("GET", "/widget?bot=helpdesk", headers={"Accept-Language": language})
            page = told.body.decode()
            assert f'aria-label="{title}"' in page
            [name] = re.findall(r'src="/widget/([0-9a-f]{64}[.]js)"', page)
            scripts[language] = (await house.ask("GET", f"/widget/{name}")).body
            assert rules(told)["script-src"] == f"'{embedded.sri(scripts[language])}'"
        assert scripts["en"] != scripts["de"]
        assert title.encode() in scripts["de"]


def granted(told: Told) -> list[str]:
    """What the page may ask the browser for."""
    return [one for one in told.headers["permissions-policy"].split(", ") if not one.endswith("=()")]


async def test_only_the_window_for_it_may_ask_for_a_passkey(house: House) -> None:
    wanted = {"passkey": ["publickey-credentials-get=(self)"], "leave": [], "back": []}
    assert {page: granted(await house.ask("GET", f"/widget/{page}")) for page in wanted} == wanted


async def test_without_a_website_nobody_can_show_it(house: House) -> None:
    assert rules(await house.ask("GET", "/widget"))["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("page", ["leave", "back", "passkey"])
async def test_the_pages_beside_the_frame_cannot_be_framed_at_all(open_house: Open, page: str) -> None:
    async with open_house(SITES) as house:
        told = await house.ask("GET", f"/widget/{page}")
        assert rules(told)["frame-ancestors"] == "'none'"
        assert rules(told)["script-src"].startswith("'sha256-")


async def test_what_has_its_hash_in_its_name_never_changes_and_comes_packed(house: House) -> None:
    page = (await house.ask("GET", "/widget")).body.decode()
    for name in re.findall(r'"/widget/([0-9a-f]{64}\.(?:js|css))"', page):
        plain = await house.ask("GET", f"/widget/{name}")
        packed = await house.ask("GET", f"/widget/{name}", headers={"Accept-Encoding": "gzip, br"})
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert packed.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("name", ["app.js", "index.html", "0" * 64 + ".js", "..", "strings", "%2e%2e"])
async def test_nothing_else_is_served(house: House, name: str) -> None:
    assert (await house.ask("GET", f"/widget/{name}")).status == 404
    assert (await house.ask("GET", f"/w/{name}")).status == 404


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_widget_is_small(house: House, language: str) -> None:
    """Loader at most 3 KB as it is, the whole chat with its texts at most 60 KB packed; also where names are long."""
    long = embedded.loader(embedded.LOADER, "https://chat.some-long-name.example.org:8443", "helpdesk-of-shop")
    assert len(long.data) <= 3 * 1024
    page = await house.ask("GET", f"/widget?lang={language}")
    assert page.headers["content-language"] == language
    parts = [gzip.compress(page.body)]
    names = re.findall(r'"/widget/([0-9a-f]{64}\.(?:js|css))"', page.body.decode())
    parts += [(await house.ask("GET", f"/widget/{name}", headers={"Accept-Encoding": "gzip"})).body for name in names]
    assert len(parts) == 3
    assert sum(map(len, parts)) <= 60 * 1024


def test_a_loader_that_was_published_is_never_changed() -> None:
    there = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in (WIDGET / "loaders").iterdir()}
    assert there == PUBLISHED, "pages name it by its hash: put the new one beside it"
    assert max(there, key=lambda name: int(name.partition(".")[0])) == embedded.LOADER


async def test_a_loader_is_served_under_its_hash_for_every_origin(house: House) -> None:
    asset = embedded.loader(embedded.LOADER, house.node.services.public_url, "helpdesk")
    told = await house.ask("GET", f"/w/{asset.name}")
    assert (told.status, told.body) == (200, asset.data)
    assert told.headers["cross-origin-resource-policy"] == "cross-origin"
    assert told.headers["access-control-allow-origin"] == "*"
    assert "__" not in told.body.decode().replace("__proto__", "")


def test_no_file_of_the_widget_has_a_sink_for_markup_or_says_anything_to_everybody() -> None:
    served = [embedded.script(f"widget/{name}.js", b"").data.decode() for name in embedded.PAGES]
    served += [one.read_text() for one in (WIDGET / "loaders").iterdir()]
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|DOMParser|setHTML"
    for text in served:
        assert not re.search(sinks, text)
        assert not re.search(r"""postMessage\([^)]*["']\*["']""", text)
        assert "import(" not in text


def test_every_loader_and_page_ships() -> None:
    assert (resources.files("chatwarden.web") / "widget" / "loaders" / embedded.LOADER).is_file()


# -- what is pasted


async def snippet(house: House, **args: str) -> dict[str, str]:
    found = await embedded.snippet(house.node.services, dict(args))
    assert isinstance(found, dict)
    return found


async def test_the_snippet_of_each_mode_names_what_is_served(open_house: Open) -> None:
    async with open_house(SITES) as house:
        made = await snippet(house)
        base = house.node.services.public_url
        name, integrity = re.findall(
            r'src="[^"]*/w/([^"]+)" integrity="([^"]+)" crossorigin="anonymous"', made["paste"]
        )[0]
        assert embedded.sri((await house.ask("GET", f"/w/{name}")).body) == integrity
        assert made["policy"] == f"frame-src {base}; script-src {base}"
        frame = (await snippet(house, mode="frame"))["paste"]
        assert "<script" not in frame
        assert f'src="{base}/widget?bot=helpdesk"' in frame
        assert f'sandbox="{embedded.SANDBOX}"' in frame
        own = await snippet(house, mode="self-hosted")
        assert f'src="/{own["file"]}" integrity="{integrity}"' in own["paste"]
        assert own["loader"].endswith(name)


async def test_a_snippet_that_could_not_work_is_not_printed(open_house: Open) -> None:
    async with open_house() as house:
        with pytest.raises(InvalidRequest, match="no website may show the chat"):
            await snippet(house)
    async with open_house(SITES[SITES.index("[widget]") :]) as house:
        with pytest.raises(InvalidRequest, match=r"set server\.public_url"):
            await snippet(house)
    async with open_house(SITES) as house:
        with pytest.raises(NotFound, match="no bot named nobody"):
            await snippet(house, bot="nobody")
        with pytest.raises(InvalidRequest, match="mode is one of"):
            await snippet(house, mode="everywhere")


async def test_the_loader_carries_the_sandbox_that_the_frame_is_printed_with() -> None:
    text = (WIDGET / "loaders" / embedded.LOADER).read_text()
    assert f'set("sandbox", "{embedded.SANDBOX}")' in text
