"""The verdict on an answer does not depend on how it arrives, it is that of a scan of the whole, and a secret is never
released.
"""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatwarden.classes import DEFAULT_LIFETIME, Action, DataClass, Treatment
from chatwarden.classes import SECRETS as NEVER_WRITTEN
from chatwarden.clock import DAY, MINUTE
from chatwarden.detection.mask import mask
from chatwarden.detection.policy import Decision, decide
from chatwarden.detection.scan import Scanner, Verdict
from chatwarden.detection.stream import HIDDEN, HOLD_MAX, WORDED, StreamGuard

SCANNER = Scanner()
# Everything that a `StreamGuard` is there for is hidden, and nothing that it is not there for.
TREATMENTS = {
    one: Treatment.ALLOW if one in WORDED else Treatment.REMOVE if one in NEVER_WRITTEN else Treatment.MASK
    for one in DataClass
}
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow0123\nabc+/def=\n-----END RSA PRIVATE KEY-----"
CARD, IBAN, TOKEN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "sk-live-abcdefghij0123456789"
SECRETS = [
    CARD,
    "4111111111111111",
    IBAN,
    TOKEN,
    PEM,
    "jane.doe@example.com",
    "+49 30 901820",
    "536-90-4399",
    "AB 12 34 56 C",
]

PIECES = [
    *SECRETS,
    "my password is hunter2",
    "password:",
    "Bearer",
    "cvv 123",
    "a",
    "is on to",
    "-----BEGIN",
    "PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "-----",
    "order",
    "hello there, how are you?",
    "x" * 40,
    "9" * 20,
    "w" * 600,
    "w" * 1_500,
    "4 " * 300,
    "4\u200b1\u200b1\u200b1 1111 1111 1111",
    "日本語 のテキスト",
    "😀",
    "\n\n",
    "  ",
    "\u00a0",
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=10)), max_size=8).flatmap(
    lambda parts: st.sampled_from([" ", "", "\n", ", "]).map(lambda glue: glue.join(parts))
)


def decided(verdict: Verdict) -> Decision:
    return decide(verdict, treatments=TREATMENTS, lifetimes=DEFAULT_LIFETIME, default_lifetime=30 * DAY)


def guard() -> StreamGuard:
    return StreamGuard(SCANNER, decided)


def scanned(text: str) -> str:
    """What becomes of a text when all of it is scanned at once."""
    verdict = SCANNER.scan(text)
    assert not verdict.unknown
    shown, at = "", 0
    for item in decided(verdict).items:
        if item.action in HIDDEN:
            finding = item.finding
            shown += text[at : finding.start] + mask(finding.data_class, text[finding.start : finding.end])
            at = finding.end
    return shown + text[at:]


def at_once(text: str) -> tuple[StreamGuard, str]:
    made = guard()
    return made, made.whole(text)


def in_pieces(text: str, sizes: list[int]) -> tuple[StreamGuard, str]:
    made = guard()
    out, at = [], 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        out.append(made.feed(text[at : at + size]))
        at += size
    return made, "".join(out) + made.finish()


@settings(max_examples=300, deadline=None)
@given(text=texts, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=7))
@example(text="A" * 2_000 + PEM + " and then", sizes=[1])
@example(text="-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 2_042 + "-----END RSA PRIVATE KEY----- and then", sizes=[1])
def test_the_same_is_released_and_found_however_it_arrives(text: str, sizes: list[int]) -> None:
    one, released = at_once(text)
    other, released_in_pieces = in_pieces(text, sizes)
    assert released_in_pieces == released
    assert other.treated == one.treated
    assert other.lifetime == one.lifetime


SENTENCES = [
    *SECRETS,
    "my password is hunter2",
    "Bearer abcdefghij0123456789abcdefghij",
    "cvv 123",
    "the code is 123456",
    "order 4111",
    "is on to",
    "so is",
    "AB",
    "EUR 19.99",
    "12:30",
    "2026",
    "hello there, how are you?",
    "12 Baker Street, London NW1 6XE",
    "Mrs Miller",
    "I have diabetes",
    "www.shop.example/order/4111111111111111",
]
answers = st.lists(st.sampled_from(SENTENCES), max_size=12).flatmap(
    lambda parts: st.sampled_from([", ", "\n", ". Then: "]).map(lambda glue: glue.join(parts))
)


@settings(max_examples=300, deadline=None)
@given(text=answers, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=7))
@example(text=", ".join([CARD] * 7 + [PEM]), sizes=[1])  # an island as long as it may be, and then a key
@example(
    text="AB 12 34 56 C. Then: is. Then: on AB 12 34 56 C", sizes=[1]
)  # a short word too many, and the next begins
def test_what_is_released_is_what_a_scan_of_the_whole_would_leave(text: str, sizes: list[int]) -> None:
    _, released = in_pieces(text, sizes)
    assert released == scanned(text)


@pytest.mark.parametrize(
    "disguised",
    [
        "four one one one one one one one one one one one one one one one",
        "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins",
        "4lll llll llll llll",
        "4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
        "NDExMSAxMTExIDExMTEgMTExMQ==",
        "plus four nine three zero nine zero one eight two zero",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_a_disguise_comes_off_in_a_stream_too(disguised: str, size: int) -> None:
    text = f"Your number is so {disguised} and that is it."
    made, released = in_pieces(text, [size])
    assert released == scanned(text)
    assert len(made.treated) == 1
    assert at_once(text)[1] == released


def test_a_number_right_before_a_street_is_hidden_in_a_stream_and_in_a_whole_answer() -> None:
    text = "AB 12 34 56 C 12 Baker Street, London"
    assert scanned(text) == at_once(text)[1] == "[id number hidden] 12 Baker Street, London"


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret[:16])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("Your data: ", ", as you said."), ("a b ", "\nmore"), ("(", ")")]
)
def test_a_secret_is_never_released_in_any_cut(secret: str, size: int, before: str, after: str) -> None:
    made, released = in_pieces(before + secret + after, [size])
    if "@" in secret:  # an address of mail is allowed here
        assert (released, made.treated) == (before + secret + after, [])
        return
    assert secret not in released
    assert released.startswith(before)
    ((finding, action),) = made.treated
    assert action in HIDDEN
    assert released[finding.start : finding.end] not in {secret, ""}


@settings(deadline=None)
@given(text=st.text())
def test_what_holds_nothing_is_released_as_it_is(text: str) -> None:
    made, released = in_pieces(text, [3])
    if not made.treated:
        assert released == text


@pytest.mark.parametrize("size", [1, 5, 64, 10_000])
def test_a_private_key_is_cut_at_its_header_to_its_end(size: int) -> None:
    made, released = in_pieces(f"Here: {PEM} bye", [size])
    assert released == "Here: [secret hidden] bye"
    assert [(f.data_class, a) for f, a in made.treated] == [(DataClass.CREDENTIAL, Action.REMOVED)]
    assert made.lifetime == 5 * MINUTE


def test_a_private_key_is_announced_at_its_header_and_not_held_until_its_end() -> None:
    made = guard()
    assert made.feed("Here: -----BEGIN PRIVATE KEY-----\nMIIE") == "Here: [secret hidden]"
    for _ in range(1_000):
        assert made.feed("MIIEowIBAAKCAQEA0123456789\n") == ""
    assert made.finish() == ""


@settings(deadline=None)
@given(text=texts, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=7))
@example(text=("4 " * 255 + "y" * 500 + " ") * 3, sizes=[1])
def test_what_is_held_back_is_bounded(text: str, sizes: list[int]) -> None:
    made = guard()
    at = 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        made.feed(text[at : at + size])
        at += size
        assert len(made._held) <= HOLD_MAX
        assert len(made._pending.strip()) <= 2 * HOLD_MAX


@pytest.mark.parametrize("size", [1, 13, 10_000])
@pytest.mark.parametrize("length", [600, 1_015, 1_020, 5_000])
def test_a_private_key_glued_to_a_word_without_an_end_is_cut_too(size: int, length: int) -> None:
    _, released = in_pieces("w" * length + PEM + " bye", [size])
    assert released == "[secret hidden][secret hidden] bye"


def test_ordinary_words_are_released_word_by_word() -> None:
    made = guard()
    assert made.feed("Our office opens every ") == "Our office opens every"
    assert made.feed("morning") == ""
    assert made.feed(" and") == " morning"
    assert made.finish() == " and"


def test_a_word_without_an_end_is_taken_for_a_secret() -> None:
    for size in (1, 100, 5_000):
        made, released = in_pieces("see " + "x" * 5_000 + " there", [size])
        assert released == "see [secret hidden] there"
        assert len(made.treated) == 1


def test_a_word_without_an_end_does_not_fill_memory() -> None:
    made = guard()
    for _ in range(1_000):
        made.feed("x" * 1_000)
    assert len(made._pending) <= 2 * HOLD_MAX


def test_a_password_after_its_keyword_is_held_though_it_is_an_ordinary_word() -> None:
    _, released = in_pieces("The password is swordfish. Good luck", [4])
    assert released == "The password is [secret hidden] Good luck"


def test_offsets_are_those_of_what_was_released() -> None:
    made, released = in_pieces(f"One {CARD}, two {IBAN} end", [2])
    assert [released[f.start : f.end] for f, _ in made.treated] == [
        "4111 11•• •••• 1111",
        "DE•• •••• •••• •••• ••30 00",
    ]
    assert made.lifetime == 15 * MINUTE


def test_nothing_gives_nothing() -> None:
    assert at_once("")[1] == ""
    assert in_pieces("", [1])[1] == ""
    assert at_once("  ")[1] == "  "


class Unsure:
    """A scanner that cannot check anything."""

    def scan(self, text: str) -> Verdict:
        return Verdict(unknown=True)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_what_could_not_be_checked_is_not_released(size: int) -> None:
    made = StreamGuard(Unsure(), decided)
    text = "Your number is 4111 1111 and everything else was fine."
    out = "".join(made.feed(text[at : at + size]) for at in range(0, len(text), size)) + made.finish()
    assert "4111" not in out
    assert out.endswith("else was fine.")
    assert made.lifetime <= 5 * MINUTE
