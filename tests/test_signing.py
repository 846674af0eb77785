"""Standard Webhooks, held to the reference library of the other side."""

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import InvalidWebhookSignatureError, OpenAI
from standardwebhooks.webhooks import Webhook

from chatwarden.clock import SECOND, SystemClock
from chatwarden.signing import TOLERANCE, NotSigned, secret, secrets, signatures, verify

# The example of the specification's own libraries.
TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = secret(TEXT)
OTHER = bytes(range(32))
AT = 1_614_265_330


def text_of(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


def test_the_published_example_is_signed_as_published() -> None:
    body = b'{"test": 2432232314}'
    expected = b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signatures((KEY,), "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, body) == expected


@given(st.text(), st.binary(min_size=24, max_size=64))
def test_the_reference_library_and_this_one_sign_alike(body: str, key: bytes) -> None:
    theirs = Webhook(text_of(key)).sign("msg_1", datetime.fromtimestamp(AT, UTC), body)
    assert signatures((key,), "msg_1", AT, body.encode()) == theirs.encode()


def test_the_reference_library_accepts_each_of_several_secrets() -> None:
    now = SystemClock().now() // SECOND
    signature = signatures((KEY, OTHER), "msg_1", now, b"{}").decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature}
    for key in (KEY, OTHER):
        assert Webhook(text_of(key)).verify(b"{}", headers) == {}


def test_the_verifier_of_openai_accepts_what_is_signed_here_and_nothing_else() -> None:
    now = SystemClock().now() // SECOND
    signature = signatures((OTHER, KEY), "msg_1", now, b"{}").decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature}
    webhooks = OpenAI(api_key="none").webhooks
    webhooks.verify_signature("{}", headers, secret=TEXT)
    with pytest.raises(InvalidWebhookSignatureError):
        webhooks.verify_signature("{ }", headers, secret=TEXT)


@dataclass(frozen=True)
class Came:
    """An answer as it came."""

    said: bytes = b"msg_1"
    timestamp: bytes = str(AT).encode()
    signature: bytes = signatures((KEY,), "msg_1", AT, b"{}")
    body: bytes = b"{}"
    now: int = AT * SECOND

    def check(self, *secrets: bytes) -> None:
        verify(
            secrets or (KEY,), message="msg_1", said=self.said, timestamp=self.timestamp, signature=self.signature,
            body=self.body, now=self.now,
        )  # fmt: skip


def test_what_was_signed_with_any_of_the_secrets_is_accepted() -> None:
    came = Came()
    came.check()
    came.check(OTHER, KEY)
    replace(came, signature=b"v1a,AAAA v2,x  " + came.signature).check()
    for late in (TOLERANCE, -TOLERANCE):
        replace(came, now=AT * SECOND + late).check()


CHANGED: dict[str, tuple[Came, str]] = {
    "no id": (Came(said=b""), "unsigned"),
    "no time": (Came(timestamp=b""), "unsigned"),
    "no signature": (Came(signature=b""), "unsigned"),
    "another message": (Came(said=b"msg_2", signature=signatures((KEY,), "msg_2", AT, b"{}")), "another message"),
    "another body": (Came(body=b"{ }"), "signature"),
    "another secret": (Came(signature=signatures((OTHER,), "msg_1", AT, b"{}")), "signature"),
    "another time": (Came(timestamp=str(AT + 1).encode()), "signature"),
    "too old": (Came(now=AT * SECOND + TOLERANCE + 1), "another time"),
    "too new": (Came(now=AT * SECOND - TOLERANCE - 1), "another time"),
    "no number": (Came(timestamp=b"-1"), "another time"),
    "a very long number": (Came(timestamp=b"1" * 5_000), "another time"),
    "a signature without its version": (Came(signature=Came().signature[3:]), "signature"),
    "one of many": (Came(signature=b"v1,x " * 16 + Came().signature), "signature"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_on_the_way_is_refused(name: str) -> None:
    came, reason = CHANGED[name]
    with pytest.raises(NotSigned, match=reason):
        came.check()


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "whsec_",
        TEXT[6:],
        "whsec_" + "A" * 28,
        "whsec_" + "A" * 96,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        TEXT + "\u00e9",
    ],
)
def test_a_secret_is_24_to_64_bytes_behind_its_prefix(wrong: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        secret(wrong)


def test_a_few_secrets_stand_on_a_line_each() -> None:
    assert secrets([TEXT]) == (KEY,)
    assert secrets([TEXT, text_of(OTHER)]) == (KEY, OTHER)


@pytest.mark.parametrize("wrong", [[], [TEXT] * 5, [TEXT, "sk-abc"]])
def test_no_secret_too_many_or_something_else_is_refused(wrong: list[str]) -> None:
    with pytest.raises(ValueError, match=r"one to 4 lines|a secret is whsec_"):
        secrets(wrong)
