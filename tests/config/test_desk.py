"""What an agent can take, and how much of it."""

from dataclasses import replace

from chatwarden.config.desk import AgentConfig, DeskConfig


def test_an_agent_without_a_table_of_their_own_has_what_holds_for_all() -> None:
    config = DeskConfig(capacity=2, agents={"bea": AgentConfig(("fraud",), 5)})
    assert (config.skills("bea"), config.room("bea")) == (("fraud",), 5)
    assert (config.skills("cem"), config.room("cem")) == ((), 2)


def test_an_agent_is_shown_by_the_nearest_name() -> None:
    config = DeskConfig(agents={"bea": AgentConfig(shown_as="Bea"), "cem": AgentConfig()})
    assert [config.shown_as(name) for name in ("bea", "cem", "dia")] == ["Bea", "cem", "dia"]
    assert replace(config, everybody_shown_as="our team").shown_as("cem") == "our team"
