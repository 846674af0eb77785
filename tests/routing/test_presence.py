"""Who is at the desk."""

from chatwarden.clock import SECOND
from chatwarden.routing.presence import Agents, Presence


def test_who_has_a_page_open_is_in_touch_however_long_they_are_silent() -> None:
    agents = Agents()
    agent = agents.arrived("usr_a", "ada", "ses_1", 0)
    agents.opened(agent, "ses_1")
    assert agents.out_of_touch(10**12, 30 * SECOND) == []
    agents.closed(agent, "ses_1", 10**12)
    assert agents.out_of_touch(10**12 + 30 * SECOND - 1, 30 * SECOND) == []
    assert agents.out_of_touch(10**12 + 30 * SECOND, 30 * SECOND) == [agent]


def test_a_request_is_a_sign_of_life() -> None:
    agents = Agents()
    agent = agents.arrived("usr_a", "ada", "ses_1", 0)
    assert agent.silent(30 * SECOND, 30 * SECOND)
    agents.arrived("usr_a", "ada", "ses_1", 20 * SECOND)
    assert not agent.silent(30 * SECOND, 30 * SECOND)


def test_of_two_sessions_the_last_one_that_ends_takes_the_agent_away() -> None:
    agents = Agents()
    for name in ("ses_1", "ses_2"):
        agents.arrived("usr_a", "ada", name, 5).presence = Presence.AVAILABLE
    assert agents.session_ended("usr_a", "ses_1", 6) is None
    assert agents.session_ended("usr_a", "ses_9", 6) is None
    gone = agents.session_ended("usr_a", "ses_2", 6)
    assert gone is not None
    assert (gone.presence, gone.since) == (Presence.OFFLINE, 6)
    assert agents.out_of_touch(31 * SECOND, 30 * SECOND) == [gone]


def test_a_stream_that_closes_after_its_session_changes_nothing() -> None:
    agents = Agents()
    agent = agents.arrived("usr_a", "ada", "ses_1", 5)
    agents.opened(agent, "ses_1")
    agents.session_ended("usr_a", "ses_1", 6)
    agents.closed(agent, "ses_1", 6)
    assert agents.out_of_touch(30 * SECOND, 30 * SECOND) == [agent]


def test_who_has_something_from_before_a_restart_is_given_time() -> None:
    agents = Agents()
    agents.expected("usr_a", 100)
    assert agents.out_of_touch(100, SECOND) == []
    assert [one.id for one in agents.out_of_touch(100 + SECOND, SECOND)] == ["usr_a"]


def test_it_is_known_who_looks_at_the_same() -> None:
    agents = Agents()
    for name in ("a", "b"):
        agents.arrived(name, name, "ses_" + name, 0).looks_at = "cnv_1"
    assert [one.id for one in agents.looking("cnv_1")] == ["a", "b"]
    assert agents.looking("cnv_2") == []
    assert agents.get("c") is None


def test_since_when_somebody_is_there_is_kept_while_they_say_the_same_again() -> None:
    agent = Agents().arrived("usr_a", "ada", "ses_1", 5)
    assert (agent.presence, agent.since) == (Presence.OFFLINE, 5)
    agent.becomes(Presence.AVAILABLE, 7)
    agent.becomes(Presence.AVAILABLE, 9)
    assert (agent.presence, agent.since) == (Presence.AVAILABLE, 7)
