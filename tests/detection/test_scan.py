"""What is found, where, and what is not."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.classes import DataClass, Finding
from chatwarden.detection.pattern import Pattern
from chatwarden.detection.patterns import PATTERNS
from chatwarden.detection.scan import CLEAN, LENGTH_MAX, Scanner, ScannerBroken, Verdict, strongest

VECTORS = Path(__file__).parents[1] / "vectors" / "detection"
SCANNER = Scanner()
WORDS = (
    "passport", "account", "routing", "ssn", "sin", "nhs", "steuer-id", "iban", "dni", "nif", "personnummer", "hetu", "cpf", "cuit", "rut", "curp", "hkid", "nric", "my number", "driver's license", "imei",
    "sort code", "clabe", "rib", "cvv", "pin", "password", "otp", "phone", "wallet", "tax id", "id number", "身份证号", "P<UTO",
)  # fmt: skip
FOUND = [
    pytest.param(DataClass(file.stem), entry["text"], entry["value"], id=f"{file.stem}: {ascii(entry['text'])[:50]}")
    for file in sorted(VECTORS.glob("*.json"))
    for entry in json.loads(file.read_text())["found"]
]
NOT_FOUND = [
    pytest.param(text, id=f"{file.stem}: {text[:50]}")
    for file in sorted(VECTORS.glob("*.json"))
    for text in json.loads(file.read_text())["not_found"]
]


@pytest.mark.parametrize(("data_class", "text", "value"), FOUND)
def test_personal_data_is_found_where_it_stands(data_class: DataClass, text: str, value: str) -> None:
    verdict = SCANNER.scan(text)
    assert [(f.data_class, text[f.start : f.end]) for f in verdict.findings] == [(data_class, value)]
    assert verdict.word == "found"


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert SCANNER.scan(text).findings == ()
    assert SCANNER.scan(text).word == "clean"


def test_every_class_that_has_a_pattern_has_examples_of_both_kinds() -> None:
    assert {file.stem for file in VECTORS.glob("*.json")} == {pattern.data_class.value for pattern in PATTERNS}
    for file in VECTORS.glob("*.json"):
        assert all(json.loads(file.read_text()).values())


@given(
    parts=st.lists(
        st.one_of(
            st.sampled_from(["4111 1111 1111 1111", "a@b.example", "DE89 3704 0044 0532 0130 00", "+49 30 901820"]),
            st.text(max_size=12),
        ),
        max_size=8,
    )
)
def test_findings_are_sorted_apart_and_within_the_text(parts: list[str]) -> None:
    text = " ".join(parts)
    at = 0
    for finding in SCANNER.scan(text).findings:
        assert at <= finding.start < finding.end <= len(text)
        assert 0.5 <= finding.score <= 1
        at = finding.end


@pytest.mark.parametrize("before", ["", "😀 ", "\u200b\u200b", "é", "👩‍👩‍👧 ", "日本語 "])
def test_offsets_are_code_points_of_the_text_as_it_was_given(before: str) -> None:
    text = f"{before}, 4111\u200d1111 1111\u00a01111 x"
    (finding,) = SCANNER.scan(text).findings
    assert text[finding.start : finding.end] == "4111\u200d1111 1111\u00a01111"


def test_of_findings_that_overlap_the_stronger_is_kept() -> None:
    text = "tel 4111 1111 1111 1111"
    assert [f.data_class for f in SCANNER.scan(text).findings] == [DataClass.PAYMENT_CARD]


def test_a_text_that_cannot_be_checked_is_unknown_and_not_clean() -> None:
    assert SCANNER.scan("a" * (LENGTH_MAX + 1)) == Verdict(unknown=True)
    assert SCANNER.scan("a" * LENGTH_MAX) == Verdict()
    assert SCANNER.scan("half a pair: \ud800").word == "unknown"


def test_a_limit_of_its_own_is_honoured() -> None:
    scanner = Scanner(length_max=100)
    assert scanner.scan("a@b.example".ljust(101)).unknown
    assert scanner.scan("a@b.example".ljust(100)).word == "found"


def test_a_scanner_that_does_not_find_its_canaries_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scanner, "_scan", lambda _self, _text: CLEAN)  # an engine that has gone blind
    with pytest.raises(ScannerBroken):
        Scanner()


def test_a_set_of_patterns_of_ones_own_is_used_alone() -> None:
    scanner = Scanner((Pattern(DataClass.URL, r"https://\S+", 0.9),))
    assert [f.data_class for f in scanner.scan("see https://example.com and a@b.example").findings] == [DataClass.URL]


@pytest.mark.parametrize(
    "text",
    ["1 " * 32_000, "a@" * 32_000, "password " * 7_000, "-----BEGIN PRIVATE KEY-----" * 2_400, "4111-" * 13_000],
    ids=lambda text: text[:12],
)
def test_texts_made_to_be_slow_are_answered(text: str) -> None:
    assert SCANNER.scan(text).word in {"clean", "found", "unknown"}


def test_a_counter_word_needs_more_than_a_checksum() -> None:
    assert SCANNER.scan("order 4111111111111111").word == "found"
    assert SCANNER.scan("tracking 123-45-6789").word == "clean"
    assert SCANNER.scan("number 536-90-4399").word == "found"
    assert SCANNER.scan("invoice 536-90-4399").word == "clean"


class Exhausted:
    """An engine that ran out of memory: it finds nothing and raises nothing."""

    def Match(self, text: str) -> list[int]:  # noqa: N802  the engine's name
        return []


def test_an_engine_that_gives_up_in_silence_is_no_clean_verdict() -> None:
    scanner = Scanner()
    scanner._set = Exhausted()
    for text in ("hello", "", "card 4111 1111 1111 1111"):
        assert scanner.scan(text).word == "unknown"


def failing(*_: object) -> list[tuple[int, int, float]]:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(DataClass.URL, "[0-9]+", 0.9, find=failing),
        Pattern(DataClass.URL, "[0-9]+", 0.9, check=failing),  # type: ignore[arg-type]
        Pattern(DataClass.URL, "[0-9]+", 0.9, spans=failing),  # type: ignore[arg-type]
    ],
    ids=["rule", "check", "spans"],
)
def test_a_rule_or_a_check_that_fails_leaves_the_text_unknown(pattern: Pattern) -> None:
    scanner = Scanner((pattern,))
    assert scanner.scan("no figure") == CLEAN
    assert scanner.scan("figure 1") == Verdict(unknown=True)


def test_an_engine_that_fails_in_the_middle_of_a_text_leaves_it_unknown() -> None:
    scanner = Scanner()
    engine = scanner._set

    class Once:
        """Answers the text as it is, and fails for what is read behind its disguise."""

        def Match(self, data: bytes) -> list[int]:  # noqa: N802  the engine's name
            return list(engine.Match(data)) if b"4111" not in data else []

    scanner._set = Once()
    assert scanner.scan("my card is four one one one one one one one one one one one one one one one").unknown


def test_a_text_with_more_candidates_than_can_be_checked_is_unknown() -> None:
    for many in ("call 030901820 ", "id number 123456789 ", "a@b.example "):
        assert SCANNER.scan(many * 600) == Verdict(unknown=True)
        assert SCANNER.scan(many * 20).word != "unknown"


@given(
    text=st.lists(st.sampled_from("0123456789 -./<>@:=()ABCxyz,\n"), max_size=80).map("".join),
    word=st.sampled_from(WORDS),
)
def test_nothing_that_is_typed_makes_a_check_fail(text: str, word: str) -> None:
    assert not SCANNER.scan(f"{word} {text}").unknown


def test_who_types_the_pulse_changes_nothing() -> None:
    assert SCANNER.scan("\x01pulse\x01") == CLEAN
    assert [f.data_class for f in SCANNER.scan("\x01pulse\x01 card 4111 1111 1111 1111").findings] == ["payment-card"]


class Counted(int):
    """A place that counts how often it is compared."""

    asked = 0

    def __lt__(self, other: int) -> bool:
        Counted.asked += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        Counted.asked += 1
        return int(self) > int(other)

    def __le__(self, other: int) -> bool:
        Counted.asked += 1
        return int(self) <= int(other)

    def __ge__(self, other: int) -> bool:
        Counted.asked += 1
        return int(self) >= int(other)

    __hash__ = int.__hash__


def test_thousands_of_overlapping_findings_cost_no_square() -> None:
    cost = {}
    for count in (500, 4_000):
        found = [Finding(DataClass.PHONE, Counted(at), Counted(at + 5), 0.5) for at in range(count)]
        Counted.asked = 0
        assert len(strongest(found, "5" * (count + 5))) == -(-count // 5)
        cost[count] = Counted.asked
    assert cost[4_000] < 16 * cost[500]  # a square would be 64 times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "card 4111 1111 1111 1111, 12 Baker Street, London NW1 6XE",
            [("payment-card", "4111 1111 1111 1111"), ("postal-address", "12 Baker Street, London NW1 6XE")],
        ),
        (
            "4111111111111111-anna.schmidt@house.example",
            [("payment-card", "4111111111111111"), ("email", "-anna.schmidt@house.example")],
        ),
        (
            "ann.maria.4111111111111111.schmidt@house.example",
            [("email", "ann.maria"), ("payment-card", "4111111111111111"), ("email", "schmidt@house.example")],
        ),
        ("cvv 123, 12 Baker Street", [("card-code", "123"), ("postal-address", "12 Baker Street")]),
    ],
)
def test_what_is_worth_protecting_most_gives_way_to_nothing(text: str, expected: list[tuple[str, str]]) -> None:
    found = Scanner().scan(text).findings
    assert [(one.data_class.value, text[one.start : one.end]) for one in found] == expected


@pytest.mark.parametrize("between", ["\x00", "\x0b", "\x1c", "\x85", "\u1680", "\u2028", "\u2029", "\u205f"])
def test_no_space_or_control_hides_a_number(between: str) -> None:
    text = f"card {between.join(['4111', '1111', '1111', '1111'])} é"
    assert [text[one.start : one.end] for one in SCANNER.scan(text).findings] == [text[5:-2]]


@pytest.mark.parametrize("number", ["4111111111111111", "DE89370400440532013000", "+493012345678"])
@pytest.mark.parametrize(("before", "after"), [("番号は", "です"), ("卡号", "。"), ("เลข", "ครับ")])
def test_a_number_is_found_where_no_space_is_written(before: str, number: str, after: str) -> None:
    text = before + number + after
    assert number in [text[one.start : one.end] for one in SCANNER.scan(text).findings]
