"""Origins of websites: exact, or refused."""

from __future__ import annotations

import pytest

from chatwarden.config.settings_widget import WIDGET_SETTINGS, origins


def test_origins_are_kept_as_they_are_written_each_once() -> None:
    written = ["https://www.example.org", "https://shop.example.org:8443", "http://127.0.0.2:8000", "http://[::1]:8000"]
    assert origins([*written, written[0]]) == tuple(written)


@pytest.mark.parametrize(
    "wrong",
    [
        "https://*.example.org",
        "*",
        "https://www.example.org/",
        "https://www.example.org/shop",
        "https://WWW.example.org",
        "https://www.example.org:443",
        "https://user@www.example.org",
        "https://www.example.org;script-src",
        "https://www.example.org https://evil.example",
        "https://www.example.org\r\nx: y",
        "https://",
        "https://www.example.org:0",
        "https://www.example.org:x",
        "http://www.example.org",
        "www.example.org",
        "data:text/html,x",
        "null",
        "",
        "https://münchen.example",
    ],
)
def test_what_is_not_exactly_one_origin_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"origin|wildcard|written like|not https"):
        origins([wrong])


@pytest.mark.parametrize("wrong", ["https://www.example.org", [1], ["https://a.example"] * 65, None])
def test_it_is_a_list_of_bounded_length(wrong: object) -> None:
    with pytest.raises(ValueError, match="list of up to 64"):
        origins(wrong)


def test_a_reload_is_enough() -> None:
    assert [(one.name, one.reload) for one in WIDGET_SETTINGS] == [("widget.sites", True)]
