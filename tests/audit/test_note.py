"""Signed notes: the example that others test with, and every way in which one is not believed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit import note
from chatwarden.audit.note import COSIGNATURE, ED25519, BadNote, Note, VerifierKey

# The example of golang.org/x/mod/sumdb/note.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MINE = VerifierKey("log.example", ED25519, KEY.public_key().public_bytes_raw())
WITNESS = VerifierKey("w.example", COSIGNATURE, KEY.public_key().public_bytes_raw())


def test_the_known_example_verifies_and_a_changed_one_does_not() -> None:
    key = VerifierKey.parse(NEUMANN)
    assert str(key) == NEUMANN
    note.require(note.parse(EXAMPLE), key)
    with pytest.raises(BadNote, match="is wrong"):
        note.require(note.parse(EXAMPLE.replace(b"answer", b"Answer")), key)
    assert str(note.parse(EXAMPLE)).encode() == EXAMPLE


def test_what_unknown_keys_say_is_ignored() -> None:
    other = VerifierKey("PeterNeumann", ED25519, MINE.public)  # the name alone is not the key
    with pytest.raises(BadNote, match="not signed by"):
        note.require(note.parse(EXAMPLE), other)


def test_a_cosignature_says_when() -> None:
    text = "log.example\n1\nAAAA\n"
    signed = Note(text, (note.sign(text, "log.example", KEY), note.cosign(text, "w.example", KEY, 1_700_000_000)))
    read = note.parse(str(signed).encode())
    (cosigned,) = note.signed_by(read, [WITNESS])
    assert cosigned.time == 1_700_000_000
    assert [one.name for one in note.signed_by(read, [MINE, WITNESS])] == ["log.example", "w.example"]
    moved = note.Signature(cosigned.name, cosigned.key_id, (1).to_bytes(8, "big") + cosigned.signature[8:])
    with pytest.raises(BadNote, match="is wrong"):
        note.signed_by(Note(text, (moved,)), [WITNESS])
    with pytest.raises(BadNote, match="cannot be read"):
        note.signed_by(Note(text, (note.Signature(cosigned.name, cosigned.key_id, b"x" * 71),)), [WITNESS])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"text\n", b"text\n\nno signature\n", b"text\n\n\xe2\x80\x94 name AAAA\n", b"\xff\n\n",
        b"te\x07xt\n\n\xe2\x80\x94 name AAAAAAAA\n", b"text\n\n\xe2\x80\x94 na+me AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAAA", b"text\n\n\xe2\x80\x94 name !\n", b"x" * 70_000,
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(BadNote):
        note.parse(data)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "a+00000000+!", NEUMANN.replace("c74f20a3", "c74f20a4"), NEUMANN.replace("+AR", "+BR"), f" {NEUMANN}"],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(text)
