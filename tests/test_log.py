import json
import logging
from collections.abc import Iterator

import pytest

from chatwarden.log import configure, get_logger


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, house = logging.getLogger(), logging.getLogger("chatwarden")
    before = (root.handlers[:], root.level, house.handlers[:], house.level, house.propagate)
    yield
    root.handlers, house.handlers = before[0], before[2]
    root.setLevel(before[1])
    house.setLevel(before[3])
    house.propagate = before[4]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_json_line_with_plain_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    get_logger("web").info("gateway-ready", port=8443, safe=True, kind="ValueError", ratio=0.5, nothing=None)
    (line,) = lines(capsys)
    assert line.pop("at")
    assert line == {
        "level": "info", "part": "web", "event": "gateway-ready",
        "port": 8443, "safe": True, "kind": "ValueError", "ratio": 0.5, "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", ["Jane Doe", "a\nb", "\x1b[31m", "4111 1111 1111 1111", "", "x" * 200, b"raw", ["a"], {"a": "b"}, object()]
)
def test_text_from_people_and_control_characters_never_reach_the_log(
    value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("debug")
    get_logger("web").debug("seen", value=value)
    assert lines(capsys)[0]["value"] == f"<{type(value).__name__}>"


def test_an_exception_is_told_by_its_places_and_never_by_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    try:
        int("jane@example.org")
    except ValueError as error:
        get_logger("web").exception("unexpected-error", kind=type(error).__name__)
    text = capsys.readouterr().err
    assert "jane" not in text
    places = json.loads(text)["places"]
    assert places[0].startswith("test_log.py:")
    assert "_never_by_its_message" in places[0]


def test_a_library_is_heard_by_name_and_place_only(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    logging.getLogger("foreign.part").warning("secret %s", "jane@example.org")
    logging.getLogger("foreign.part").info("chatter")
    (line,) = lines(capsys)
    assert (line["part"], line["event"], line["level"]) == ("foreign.part", "library-message", "warning")
    assert "jane" not in json.dumps(line)


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure("error")
    logger = get_logger("web")
    logger.info("quiet")
    logger.warning("quiet")
    logger.error("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_configuring_twice_writes_every_event_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    configure("info")
    get_logger("web").info("once")
    assert len(lines(capsys)) == 1
