"""``[triage]`` as it is written."""

import re

import pytest

from chatwarden.config.inquiries import TOPICS, BotTriage, Route, Topic, TriageConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError


def test_an_empty_file_says_what_the_package_says() -> None:
    assert parse("").triage == TriageConfig()


def test_everything_can_be_written() -> None:
    found = parse(
        """
[triage]
languages = ["de", "en", "de"]
past = 3
threshold.tone = 1.5
[triage.reason.asked]
outcome = "offer"
skill = "first-line"
[triage.topic.fraud]
skill = "fraud"
words = ["shoulder surf*"]
[triage.topic.mortgage]
words = ["mortgage|home-loan"]
unless = ["calculator"]
outcome = "queue"
priority = 30
[triage.topic.self-harm]
line = "Call 116 123."
[triage.bot.helpdesk]
skill = "shop"
"""
    ).triage
    assert (found.languages, found.past, found.thresholds["tone"]) == (("de", "en"), 3, 1.5)
    assert found.reasons["asked"] == Route("offer", "first-line")
    assert found.topics["fraud"] == Topic(Route("offer", "fraud", 50), ("shoulder surf*",))
    assert found.topics["mortgage"] == Topic(Route("queue", "", 30), ("mortgage|home-loan",), ("calculator",))
    assert found.topics["self-harm"].line == "Call 116 123."
    assert found.topics["self-harm"].route == TOPICS["self-harm"].route
    assert found.bots == {"helpdesk": BotTriage(skill="shop")}


@pytest.mark.parametrize(
    ("toml", "line", "told"),
    [
        ("[triage]\nenable = true", 2, "there is no setting triage.enable"),
        ("[triage]\nlanguages = ['it']", 2, "list of en, de, fr, es"),
        ("[triage.threshold]\nanger = 1.0", 2, "there is no anger in triage.threshold"),
        ("[triage.threshold]\ntone = 0", 2, "number from 0.1 to 10"),
        ("[triage.reason.angry]\nskill = 'a'", 2, "there is no angry in triage.reason"),
        ("[triage.reason.asked]\noutcome = 'drop'", 2, "one of bot, offer, queue"),
        ("[triage.reason.bot-failed]\noutcome = 'bot'", 2, "cannot lead back to the bot"),
        ("[triage.topic.fraud]\nwords = ['(a+)+$']", 2, "is no word"),
        ("[triage.topic.fraud]\nwords = 'scam'", 2, "list of at most"),
        ("[triage.topic.fraud]\nskill = 'Two words'", 2, "a skill's name"),
        ("[triage.topic.fraud]\npriority = -1", 2, "whole number"),
        ("[triage.topic.Fraud]\nwords = ['scam']", 1, "a topic's name"),
        ("[triage.topic.mortgage]\nskill = 'loans'", 1, "triage.topic.mortgage needs words"),
        ("[triage.bot.nobody]\nskill = 'a'", 1, "there is no bot nobody"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(toml: str, line: int, told: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(told)) as refused:
        parse(toml)
    assert refused.value.line == line


def test_a_bot_of_the_file_may_have_rules_of_its_own() -> None:
    toml = '[bots.shop]\nconnector = "rasa"\nurl = "http://127.0.0.1:1"\n[triage.bot.shop]\nenabled = false\n'
    assert parse(toml).triage.bots == {"shop": BotTriage(enabled=False)}
