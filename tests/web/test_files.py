"""A folder of files of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.config.languages import LanguagesConfig
from chatwarden.errors import NotFound
from chatwarden.web.files import PAGE_HEADERS, Folder
from chatwarden.web.http import Request
from chatwarden.web.languages import Languages


def test_a_file_is_served_whole_under_the_policy() -> None:
    reply = Folder("demo").file("base.css")
    assert reply.status == 200
    assert reply.body.startswith(b"/*") or b"{" in reply.body
    headers = dict(reply.headers)
    assert headers[b"content-type"] == b"text/css; charset=utf-8"
    assert set(PAGE_HEADERS) <= set(reply.headers)


@pytest.mark.parametrize(
    "name", ["", "index.html", ".", "..", "../app.py", "/etc/passwd", "index.HTML", "base.css\0", "__init__.py"]
)
def test_a_name_that_does_not_ship_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        Folder("demo").file(name)


async def _nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


def test_a_page_is_served_in_the_language_that_is_asked_for_under_the_same_policy() -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", b"de")], "query_string": b""}, _nothing)
    reply = Folder("demo").page("refused.html", "demo", Languages(LanguagesConfig(), Path()), request, 401)
    assert reply.status == 401
    assert b'<html lang="de">' in reply.body
    assert "Sie sind nicht angemeldet" in reply.body.decode()
    assert {*PAGE_HEADERS, (b"content-language", b"de"), (b"vary", b"Accept-Language")} <= set(reply.headers)
