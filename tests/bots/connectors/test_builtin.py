"""The help desk in the box: answers with its source, says when it does not know, repeats nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.bots.connectors.builtin import HELLO, UNKNOWN, WELCOME, Builtin
from chatwarden.bots.model import Answer, StreamEnd, Turn, Utterance
from chatwarden.config.model import BotConfig

BOT = Builtin(BotConfig("helper", "builtin"), Path())


def turn(text: str) -> Turn:
    return Turn("cnv_1", (Utterance("user", "earlier"), Utterance("user", text)))


@pytest.mark.parametrize("text", ["Hi", "hello!", "Good morning", "  Hallo "])
async def test_a_greeting_is_greeted(text: str) -> None:
    assert await BOT.ask(turn(text)) == Answer(HELLO)


@pytest.mark.parametrize("text", ["thanks", "Thank you very much!", "ok"])
async def test_thanks_are_answered(text: str) -> None:
    assert await BOT.ask(turn(text)) == Answer(WELCOME)


async def test_an_answer_names_its_source() -> None:
    answer = await BOT.ask(turn("When do you open?"))
    assert "*Source: " in answer.text
    assert not answer.handoff


@pytest.mark.parametrize("text", ["quantum chromodynamics of zebras", "", "???", "the of and"])
async def test_what_it_does_not_know_it_says_and_offers_a_person(text: str) -> None:
    assert await BOT.ask(turn(text)) == Answer(UNKNOWN, handoff=True)


@given(st.text(max_size=40))
def test_what_a_person_typed_is_never_repeated(text: str) -> None:
    marker = "Xq7Zk9"
    assert marker not in BOT.answer(f"{text} {marker} open {marker}").text


async def test_a_placeholder_is_searched_by_its_kind_and_not_by_its_number() -> None:
    assert BOT.answer("my [payment-card-1] was declined") == BOT.answer("my payment card was declined")


@pytest.mark.parametrize("text", ["When do you open?", "hello", "zebras"])
async def test_the_stream_is_the_same_answer_in_pieces(text: str) -> None:
    whole = await BOT.ask(turn(text))
    *pieces, end = [piece async for piece in BOT.stream(turn(text))]
    assert "".join(str(piece) for piece in pieces) == whole.text
    assert end == StreamEnd(handoff=whole.handoff)
    assert len(pieces) > 3


async def test_knowledge_of_ones_own_is_read_and_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    folder.mkdir()
    page = folder / "a.md"
    page.write_text("# Zoo\n\n## Zebras\nThey have stripes.\n")
    bot = Builtin(BotConfig("helper", "builtin", knowledge=Path("facts")), tmp_path)
    assert (await bot.ask(turn("zebras"))).text == "They have stripes.\n\n*Source: Zoo, Zebras*"
    page.write_text("# Zoo\n\n## Zebras\nThey have left.\n")
    bot.reload()
    assert (await bot.ask(turn("zebras"))).text.startswith("They have left.")
    await bot.close()


@pytest.mark.parametrize(
    ("text", "word"),
    [("ok, I lost my card", "Block"), ("Hi, lost card", "Block"), ("great, when are you open?", "Monday")],
)
async def test_a_question_behind_a_polite_word_is_answered(text: str, word: str) -> None:
    answer = await BOT.ask(turn(text))
    assert word in answer.text
