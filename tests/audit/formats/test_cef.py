"""CEF: header, escapes, and the places of index and leaf hash."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.world.log import AT, record

from chatwarden import __version__
from chatwarden.audit.formats.cef import cef
from chatwarden.audit.model import Event

_PAIR = re.compile(r"(?:^| )([a-zA-Z0-9]+)=((?:\\.|[^\\=])*?)(?= [a-zA-Z0-9]+=|$)", re.DOTALL)


def parts(line: bytes) -> tuple[list[str], dict[str, str]]:
    """A CEF line, read as a receiver would."""
    fields = re.split(r"(?<!\\)\|", line.decode(), maxsplit=7)
    meant = {"\\n": "\n", "\\r": "\r", "\\=": "=", "\\\\": "\\"}
    return fields[:7], {
        name: re.sub(r"\\.", lambda m: meant[m[0]], value) for name, value in _PAIR.findall(fields[7])
    }  # fmt: skip


def test_a_line_has_the_header_and_the_keys_of_the_standard() -> None:
    one = record(Event.LOGIN_REFUSED, decision="deny", reason="password", number=5)
    header, said = parts(cef(one))
    assert header == ["CEF:0", "Chatwarden", "Chatwarden", __version__, "login:refused", "login refused", "6"]
    assert (said["rt"], said["outcome"], said["reason"], said["suid"]) == (
        str(AT // 1_000), "failure", "password", one.entry.actor,
    )  # fmt: skip
    assert (said["cn1"], said["cn1Label"], said["cs1"], said["cs1Label"]) == ("4", "logIndex", one.leaf, "leafHash")
    assert (said["cn2"], said["cn2Label"]) == ("2026", "log")


def test_cause_and_for_whom_have_their_labels() -> None:
    _, said = parts(cef(record(cause="aud_1", act=("usr_1", "usr_2"), session="ab", year=0)))
    assert [(said[f"cs{n}Label"], said[f"cs{n}"]) for n in (2, 3, 4)] == [
        ("cause", "aud_1"), ("actingFor", "usr_1 usr_2"), ("session", "ab"),
    ]  # fmt: skip
    assert "cn2" not in said


@given(st.text(st.sampled_from("ab=|\\\n\r x"), min_size=1))
def test_no_value_ends_early_or_begins_a_key(text: str) -> None:
    line = cef(record(reason=f"a{text}a", object=f"b{text}b"))
    assert b"\n" not in line
    assert b"\r" not in line
    if " " not in text:
        _, said = parts(line)
        assert (said["reason"], said["duid"]) == (f"a{text}a", f"b{text}b")
