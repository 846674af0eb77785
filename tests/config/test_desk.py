"""What an agent can take, and how much of it."""

from chatwarden.config.desk import AgentConfig, DeskConfig


def test_an_agent_without_a_table_of_their_own_has_what_holds_for_all() -> None:
    config = DeskConfig(capacity=2, agents={"bea": AgentConfig(("fraud",), 5)})
    assert (config.skills("bea"), config.room("bea")) == (("fraud",), 5)
    assert (config.skills("cem"), config.room("cem")) == ((), 2)
