from chatwarden.config.inquiries import LANGUAGES, REASONS, THRESHOLDS, TOPICS, TriageConfig


def test_who_may_harm_themselves_waits_least_and_reads_a_line_that_promises_no_number() -> None:
    first = max(TOPICS, key=lambda name: TOPICS[name].route.priority)
    assert first == "self-harm"
    assert TOPICS[first].route.outcome == "queue"
    assert "emergency number" in TOPICS[first].line
    assert not any(character.isdigit() for character in TOPICS[first].line)  # numbers differ from place to place


def test_nothing_but_that_line_keeps_a_bot_from_answering() -> None:
    assert [name for name, topic in TOPICS.items() if topic.line] == ["self-harm"]


def test_every_reason_that_is_scored_has_a_threshold() -> None:
    assert set(THRESHOLDS) == {"topic", *REASONS} - {"bot-failed", "paused"}


def test_everything_is_on_unless_it_is_switched_off() -> None:
    assert TriageConfig() == TriageConfig(True, LANGUAGES, 4, THRESHOLDS, REASONS, TOPICS, {})
