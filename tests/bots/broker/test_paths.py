"""There is one way to read a path, or it is refused."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatwarden.bots.broker.paths import Unclear, joined, matches, pattern, query, segments

TRICKS = [
    "", "orders", "//", "//orders", "/orders//1", "/orders/../admin", "/orders/..", "/..", "/.", "/orders/./1",
    "/orders/%2e%2e/admin", "/orders/%2E./admin", "/orders/.%2e/admin", "/orders%2f..%2fadmin", "/orders/%2Fadmin",
    "/orders/%5c..%5cadmin", "/orders\\..\\admin", "/orders/..;/admin", "/orders;a=b", "/orders/%3b/admin",
    "/orders/%3Fa", "/orders?a=1", "/orders#x", "/orders/%23", "/orders/%00", "/orders/%0d%0aHost:x", "/orders/%",
    "/orders/%2", "/orders/%zz", "/orders/%252e%252e", "/orders/%25", "/%6frders", "/orders/%7e", "/orders/%c0%ae%c0%ae",
    "/orders/%ff", "/orders/%e2%80%ae", "/orders/a b", "/orders/\t", "/orders/ä", "/orders/%7f", "/orders/%C2%85",
    "/orders/" + "a" * 2_048, "http://elsewhere/orders", "/orders/%E2%80%A8",
    "/orders/%EF%BC%8E%EF%BC%8E/admin", "/orders/%E2%80%A5/admin", "/orders%EF%BC%8Fadmin", "/orders/%E2%84%80",
    "/orders/%EF%BC%85%32%65", "/orders/%EF%BC%9B/admin",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_what_could_be_read_in_two_ways_is_refused(path: str) -> None:
    with pytest.raises(Unclear):
        segments(path)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/", ("",)),
        ("/orders", ("orders",)),
        ("/orders/", ("orders", "")),
        ("/orders/A-1001/contact", ("orders", "A-1001", "contact")),
        ("/people/ada@example.org", ("people", "ada@example.org")),
        ("/people/J%C3%BCrgen%20M", ("people", "Jürgen M")),
        ("/a/%5Bemail-3%5D", ("a", "[email-3]")),
        ("/v1.2/x..y/...", ("v1.2", "x..y", "...")),
    ],
)
def test_a_plain_path_is_its_segments(path: str, parts: tuple[str, ...]) -> None:
    assert segments(path) == parts
    assert joined(parts) == path


@given(st.text(st.characters(codec="ascii"), max_size=60).map(lambda text: "/" + text))
@example("/a/%2e%2e/b")
@example("/a/.%2E/b")
def test_whatever_passes_means_the_same_however_often_it_is_decoded_and_cleaned(path: str) -> None:
    """What servers do to paths: decode once or twice, resolve dots, cut parameters and queries, join slashes."""
    try:
        parts = segments(path)
    except Unclear:
        return
    plain = "/" + "/".join(parts)
    once = unquote(path, errors="strict")
    assert once == plain == unquote(once)
    assert posixpath.normpath(plain) == plain.rstrip("/") or plain == "/"
    assert not set(plain) & set(";?#\\%")
    assert "//" not in plain


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_what_is_put_together_is_taken_apart_the_same_or_refused(parts: list[str]) -> None:
    try:
        path = joined(tuple(parts))
    except Unclear:
        return
    assert segments(path) == tuple(parts)


@pytest.mark.parametrize(
    ("wanted", "path", "fits"),
    [
        ("/orders", "/orders", True),
        ("/orders", "/orders/", False),
        ("/orders", "/Orders", False),
        ("/orders", "/orders/1", False),
        ("/orders/*", "/orders/1", True),
        ("/orders/*", "/orders/", False),
        ("/orders/*", "/orders/1/2", False),
        ("/orders/*/contact", "/orders/1/contact", True),
        ("/orders/**", "/orders/1/2/3", True),
        ("/orders/**", "/orders", False),
        ("/orders/**", "/ordersx/1", False),
        ("/**", "/anything/at/all", True),
        ("/a*", "/ab", False),  # a star inside a segment is a star
        ("/a*", "/a*", True),
    ],
)
def test_a_pattern_fits_what_it_says_and_nothing_else(wanted: str, path: str, fits: bool) -> None:
    assert matches(pattern(wanted), segments(path)) is fits


@given(st.lists(st.sampled_from(["orders", "1", "x", "admin"]), min_size=1, max_size=4))
def test_nothing_outside_a_prefix_fits_it(parts: list[str]) -> None:
    assert matches("/orders/**", tuple(parts)) is (parts[0] == "orders" and len(parts) > 1)


@pytest.mark.parametrize("text", ["orders", "/a/**/b", "/../a", "/a?b", ""])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(Unclear):
        pattern(text)


@pytest.mark.parametrize(
    "text", ["", "a=1", "a=1&b=%C3%A4", "q=[x]".replace("[", "%5B").replace("]", "%5D"), "a+b=c+d"]
)
def test_a_plain_query_passes(text: str) -> None:
    assert query(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a=1#b", "a=<", "a= b", "a;b", "%", "a=%zz", "_method=DELETE", "%5fmethod=DELETE", "_METHOD=x",
        "x-http-method-override=PUT", "a=1&X-HTTP-Method-Override=PUT", "%ff=1", "a" * 2_049, "a\r\nb", "%00=1",
        ".method=DELETE", "[method=DELETE", "+_method=PUT", "%2emethod=PUT",
    ],
)  # fmt: skip
def test_a_query_that_could_mean_another_request_is_refused(text: str) -> None:
    with pytest.raises(Unclear):
        query(text)
