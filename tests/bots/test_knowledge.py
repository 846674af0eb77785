"""A folder of Markdown that can be asked."""

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.bots.connectors.builtin import SAMPLE
from chatwarden.bots.knowledge import Knowledge, load, split, words
from chatwarden.errors import ConfigurationError

PAGE = """# Parcels

## Where is my parcel?
Also: tracking shipment
It is on its way.

## Sending back
Within 30 days.

With the slip.

## Nothing here
"""


def test_sections_have_an_article_a_title_and_other_words() -> None:
    made = split(PAGE, "parcels.md")
    assert [(s.article, s.title, s.text, extra.strip()) for s, extra in made] == [
        ("Parcels", "Where is my parcel?", "It is on its way.", "tracking shipment"),
        ("Parcels", "Sending back", "Within 30 days.\n\nWith the slip.", ""),
    ]


def test_text_without_a_heading_is_a_section_named_by_its_file() -> None:
    ((section, _),) = split("Just text.", "hours.md")
    assert (section.article, section.title, section.text) == ("hours", "hours", "Just text.")


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("where is my parcel", "Where is my parcel?"),
        ("TRACKING, please", "Where is my parcel?"),
        ("can I send it back?", "Sending back"),
        ("shipments", "Where is my parcel?"),
    ],
)
def test_the_best_section_comes_first(question: str, title: str) -> None:
    assert Knowledge(split(PAGE, "p.md")).search(question)[0][1].title == title


@pytest.mark.parametrize("question", ["", "the of and", "quantum chromodynamics", "?!"])
def test_what_is_not_known_is_not_found(question: str) -> None:
    assert Knowledge(split(PAGE, "p.md")).search(question) == []


def test_words_that_are_not_known_make_it_less_sure() -> None:
    knowledge = Knowledge(split(PAGE, "p.md"))
    sure, _ = knowledge.search("parcel")[0]
    less, _ = knowledge.search("parcel zebra quantum")[0]
    assert less < sure <= 1.0001


@given(st.text(max_size=60))
def test_any_question_is_answered_with_shares_between_none_and_all(question: str) -> None:
    for cover, _ in Knowledge(split(PAGE, "p.md")).search(question):
        assert 0 < cover < 1.0001


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "strasse"), ("café", "CAFE"), ("parcels", "parcel"), ("cities", "city"), ("closing", "close")],
)
def test_forms_of_a_word_are_one_word(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_the_sample_is_good() -> None:
    knowledge = load(SAMPLE)
    assert len(knowledge.sections) > 10
    assert "open" in knowledge.search("When do you open?")[0][1].text.lower()


def put(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)


def test_folders_below_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    put(tmp_path / "below", "a.md", b"## One\ntext")
    put(tmp_path, "ignored.txt", b"## Two\ntext")
    assert [section.title for section in load(tmp_path).sections] == ["One"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [(None, "0 Markdown files"), (b"\xff\xfe", "UTF-8"), (b"a" * 262_145, "too large")],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, data: bytes | None, complaint: str) -> None:
    if data is not None:
        put(tmp_path, "a.md", data)
    with pytest.raises(ConfigurationError, match=complaint):
        load(tmp_path)


def test_a_file_that_is_too_large_is_not_read_into_memory(tmp_path: Path) -> None:
    put(tmp_path, "a.md", b"")
    os.truncate(tmp_path / "a.md", 1 << 30)
    tracemalloc.start()
    try:
        with pytest.raises(ConfigurationError, match="too large"):
            load(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 24
    finally:
        tracemalloc.stop()


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    for n in range(501):
        put(tmp_path, f"{n}.md", b"text")
    with pytest.raises(ConfigurationError, match="501"):
        load(tmp_path)
