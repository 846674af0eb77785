"""A folder of files of our own."""

from __future__ import annotations

import pytest

from chatwarden.errors import NotFound
from chatwarden.web.files import PAGE_HEADERS, Folder


def test_a_file_is_served_whole_under_the_policy() -> None:
    reply = Folder("demo").file("base.css")
    assert reply.status == 200
    assert reply.body.startswith(b"/*") or b"{" in reply.body
    headers = dict(reply.headers)
    assert headers[b"content-type"] == b"text/css; charset=utf-8"
    assert set(PAGE_HEADERS) <= set(reply.headers)


@pytest.mark.parametrize("name", ["", ".", "..", "../app.py", "/etc/passwd", "index.HTML", "base.css\0", "__init__.py"])
def test_a_name_that_does_not_ship_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        Folder("demo").file(name)
