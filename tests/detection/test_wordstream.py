"""Names, addresses and all that words around it show: hidden in a stream as in a scan of the whole, and no more held back
than needed.
"""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.detection.test_stream import PEM, SCANNER, SECRETS, SENTENCES, Unsure, texts

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, DataClass, Treatment
from chatwarden.classes import SECRETS as NEVER_WRITTEN
from chatwarden.clock import DAY, MINUTE
from chatwarden.detection.mask import mask
from chatwarden.detection.policy import Decision, decide
from chatwarden.detection.scan import Verdict
from chatwarden.detection.stream import HIDDEN, HOLD_MAX, Decide
from chatwarden.detection.wordstream import WordGuard
from chatwarden.screening import towards_person

POLICIES = {
    "everything": {one: Treatment.REMOVE if one in NEVER_WRITTEN else Treatment.MASK for one in DataClass},
    "names": towards_person({**DEFAULT_TREATMENT, DataClass.PERSON_NAME: Treatment.MASK}),
    "addresses": towards_person({**DEFAULT_TREATMENT, DataClass.POSTAL_ADDRESS: Treatment.REMOVE}),
    "mail and health": towards_person(
        {**DEFAULT_TREATMENT, DataClass.EMAIL: Treatment.HOLD, DataClass.HEALTH: Treatment.MASK}
    ),
}
WORDED = [
    "my name is Anna Schmidt",
    "Anna",
    "Schmidt",
    "I live at 12 Baker Street, London NW1 6XE",
    "12 Baker Street",
    "Lindenstraße 12, 10115 Berlin",
    "born on 12 March 1980",
    "12.03.1980",
    "my birthday",
    "I have diabetes",
    "diabetes",
    "jane at example dot com",
    "jane (at) example (dot) com",
    "j a n e @ e x a m p l e . c o m",
    "https://maps.google.com/?q=1,2",
    "52.5200, 13.4050",
    "Dear Mr",
    "Kind regards,\n",
    "john smith here",
    "Berlin",
    "10115",
]
answers = st.lists(st.sampled_from([*WORDED, *SENTENCES]), max_size=14).flatmap(
    lambda parts: st.sampled_from([" ", ", ", "\n", ". "]).map(lambda glue: glue.join(parts))
)
cuts = st.lists(st.integers(1, 60), min_size=1, max_size=7)


def decider(policy: str) -> Decide:
    def decided(verdict: Verdict) -> Decision:
        return decide(verdict, treatments=POLICIES[policy], lifetimes=DEFAULT_LIFETIME, default_lifetime=30 * DAY)

    return decided


def guard(policy: str = "everything") -> WordGuard:
    return WordGuard(SCANNER, decider(policy))


def in_pieces(made: WordGuard, text: str, sizes: list[int]) -> str:
    out, at = "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        out += made.feed(text[at : at + size])
        at += size
    return out + made.finish()


def scanned(policy: str, text: str) -> str:
    verdict = SCANNER.scan(text)
    assert not verdict.unknown
    shown, at = "", 0
    for item in decider(policy)(verdict).items:
        if item.action in HIDDEN:
            finding = item.finding
            shown += text[at : finding.start] + mask(finding.data_class, text[finding.start : finding.end])
            at = finding.end
    return shown + text[at:]


@settings(max_examples=200, deadline=None)
@given(policy=st.sampled_from(sorted(POLICIES)), text=answers, sizes=cuts)
def test_what_is_released_is_what_a_scan_of_the_whole_would_leave(policy: str, text: str, sizes: list[int]) -> None:
    assert in_pieces(guard(policy), text, sizes) == scanned(policy, text)


@settings(max_examples=200, deadline=None)
@given(text=texts, sizes=cuts)
@example(text="A" * 2_000 + PEM + " and then", sizes=[1])
@example(text="-----BEGIN RSA PRIVATE " + "y " * 100 + "KEY-----" + "x" * 480 + " end", sizes=[1])
@example(text="word " * 90 + "x" * 480 + " end " + "y" * 300 + " and " + "z" * 300, sizes=[1])
def test_the_same_is_released_and_found_however_it_arrives(text: str, sizes: list[int]) -> None:
    one, other = guard(), guard()
    assert in_pieces(other, text, sizes) == one.whole(text)
    assert (other.treated, other.lifetime) == (one.treated, one.lifetime)


@settings(max_examples=200, deadline=None)
@given(text=texts | answers, sizes=cuts)
@example(text="word " * 200, sizes=[1])
@example(text=("w" * 250 + " ") * 9, sizes=[1])
def test_what_is_held_back_is_bounded(text: str, sizes: list[int]) -> None:
    made = guard()
    at = 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        made.feed(text[at : at + size])
        at += size
        assert len(made._held) <= HOLD_MAX
        if len(made._pending.strip()) <= HOLD_MAX and "-----" not in text:  # longer is a secret, and never released
            assert len(made._held) + len(made._pending) <= HOLD_MAX or not made._held


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_name_is_hidden_where_the_policy_says_so(size: int) -> None:
    text = "Thank you for calling. The account is in the name of Anna Schmidt, since 2019. Anything else?"
    made = guard("names")
    released = in_pieces(made, text, [size])
    assert released == text.replace("Anna Schmidt", "[person-name hidden]")
    assert [finding.data_class for finding, _ in made.treated] == [DataClass.PERSON_NAME]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret[:16])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_a_secret_is_never_released_in_any_cut(secret: str, size: int) -> None:
    assert secret not in in_pieces(guard(), f"Your data: {secret}, as you said.", [size])


def test_text_is_released_while_the_bot_still_speaks() -> None:
    made, shown, longest = guard(), 0, 0
    text = "Our office opens every morning at nine and closes at five. " * 20
    for at, letter in enumerate(text, start=1):
        shown += len(made.feed(letter))
        longest = max(longest, at - shown)
    assert longest < HOLD_MAX * 0.6
    assert made.finish() == text[shown:]


@pytest.mark.parametrize("size", [1, 5, 64, 10_000])
def test_a_private_key_is_cut_at_its_header_to_its_end(size: int) -> None:
    made = guard()
    assert in_pieces(made, f"Here: {PEM} bye", [size]) == "Here: [secret hidden] bye"
    assert made.lifetime == 5 * MINUTE


def test_a_private_key_is_announced_at_its_header_and_not_held_until_its_end() -> None:
    made = guard()
    assert made.feed("Here: -----BEGIN PRIVATE KEY-----\nMIIE") == "Here: [secret hidden]"
    for _ in range(100):
        assert made.feed("MIIEowIBAAKCAQEA0123456789\n") == ""
    assert made.finish() == ""


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_what_could_not_be_checked_is_not_released(size: int) -> None:
    made = WordGuard(Unsure(), decider("everything"))
    assert "fine" not in in_pieces(made, "Your number is 4111 1111 and everything else was fine.", [size])
