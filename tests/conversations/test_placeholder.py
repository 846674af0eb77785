"""How a placeholder is written, and how it may be mangled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.classes import DataClass
from chatwarden.conversations.placeholder import LENGTH_MAX, NAME, begun, defuse, fold, spots
from chatwarden.conversations.tokens import TokenSpace

# What a name is made of, whole and in pieces, and what stands around it: tests cut and shuffle these.
PIECES = st.sampled_from(
    [
        "[email-1]", "[payment-card-12b]", "[", "]", "-", "_", ".", "/", "\\", "1", "12b", "2", "email", "EMAIL", "payment",
        "card", "Payment-Card", "x", "(", ")", "<", ">", "&#91;", "&#93;", "&nbsp;", "&ndash;", "&#", "［", "］", "【", "–",
        "\u200b", "\xad", "]]", "[[", "https://", "](", "<a", "@", "，", "１", "\ud800", " ", "\n", "\n\n", "\t",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=16).map("".join)

MANGLED = [
    "[email-1]", "[EMAIL-1]", "[Email-1]", "[ email-1 ]", "[email - 1]", "[email 1]", "[email_1]", "[[email-1]]",
    "[email-1", "email-1]", "email-1", r"\[email-1\]", r"\[email\-1\]", r"[email\_1]", "［email-1］", "［ｅｍａｉｌ－１］",
    "【email-1】", "&#91;email-1&#93;", "&lsqb;email-1&rsqb;", "[email&ndash;1]", "[email–1]", "[email—1]", "[email−1]",
    "[email‑1]", "[\u200bemail-1\u200b]", "[\xa0email-1\xa0]",
]  # fmt: skip


@pytest.mark.parametrize("written", MANGLED)
@pytest.mark.parametrize("around", ["{}", "Dear {}, we", "({})", "**{}**", "“{}”\n", "{}. Bye"])
def test_a_mangled_name_is_read(written: str, around: str) -> None:
    text = around.format(written)
    (found,) = spots(text)
    assert found.name == "[email-1]"
    assert text[: found.start] + "V" + text[found.end :] == around.format("V")


@pytest.mark.parametrize("data_class", DataClass)
@pytest.mark.parametrize("between", ["-", " ", " - ", "_", "–", r"\-"])
def test_every_class_is_read_with_any_dash(data_class: DataClass, between: str) -> None:
    written = f"[{data_class.value.title().replace('-', between)}{between}37bc]"
    assert [one.name for one in spots(written)] == [f"[{data_class.value}-37bc]"]


@pytest.mark.parametrize(
    "text",
    [
        "email-", "[email-]", "[email]", "email 1", "the 1 email-x", "[email-1234567890123]", "email-1-800-555", "phone-1.5",
        "my-email-1", "x@email-1", "/email-1", "email-1@b.example", "[emails-1]", "[e-mail-1]", "[email-1st place]",
        "[payment-1]", "card-1", "email-12abcde", "[email-1 1]", "[email-1\u200b1]", "[email-1&nbsp;2]", "[email-1 b]",
    ],
)  # fmt: skip
def test_what_is_no_name_is_left_alone(text: str) -> None:
    assert [one for one in spots(text) if one.name == "[email-1]"] == []
    assert spots(text) == [] or text == "[email-1st place]"


def test_another_number_is_another_name() -> None:
    assert [one.name for one in spots("[email-11] [email-01] [email-1b]")] == [
        "[email-11]", "[email-01]", "[email-1b]"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[see [email-1]]", "[see V]"), ("[[email-1] and more]", "[V and more]"), ("[email-1]]", "V]"),
        ("[[[email-1]]]", "V"), ("[[email-1](x)", "[V(x)"), ("email-1]]", "V]"),
    ],
)  # fmt: skip
def test_brackets_without_a_partner_stay_where_they_are(text: str, left: str) -> None:
    (found,) = spots(text)
    assert text[: found.start] + "V" + text[found.end :] == left


def test_every_name_that_a_space_gives_is_read() -> None:
    space = TokenSpace()
    names = [space.name(DataClass.EMAIL, str(value), seq=3, dies_at=9, now=0) for value in range(700)]
    assert [one.name for one in spots(" ".join(names))] == names


@given(TEXTS)
def test_nothing_that_a_decoder_reads_can_be_typed(text: str) -> None:
    defused = defuse(text)
    assert spots(defused) == []
    assert NAME.search(fold(defused)) is None  # the quick look ahead overlooks nothing either


@given(st.text())
def test_a_text_without_names_is_not_touched(text: str) -> None:
    assert defuse(text) == text or spots(text)


@given(TEXTS, st.integers(0, 40))
def test_what_may_still_become_a_name_is_seen_to_be_one(text: str, cut: int) -> None:
    """However little of a name has come, it is held; and never more than a name is long."""
    whole = fold(text)
    for found in NAME.finditer(whole):
        part = whole[: min(found.start() + cut + 1, found.end())]
        held = begun(part, 0)
        assert held is not None
        assert held <= found.start()
    held = begun(whole, 0)
    assert held is None or len(whole) - held <= LENGTH_MAX


def test_a_name_that_goes_on_for_ever_is_let_go() -> None:
    for endless in ("[ [ " * 5_000, "[payment-card-" + "1" * 10_000, "\\" * 10_000 + "[", "[email" + " " * 9_999):
        assert begun(fold(endless), 0) is None or len(endless) - (begun(fold(endless), 0) or 0) <= LENGTH_MAX
        assert spots(endless) == []
