"""``[desk]`` as it is written."""

from __future__ import annotations

import pytest

from chatwarden.clock import MINUTE
from chatwarden.config.desk import AgentConfig, DeskConfig, ReplyConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError

WRITTEN = """
[desk]
take_within = "3m"
assign = "round-robin"
[desk.agents.bea]
skills = ["fraud"]
capacity = 5
[desk.agents."cem@example.org"]
[desk.replies.hello]
shortcut = "/hi"
text = "Hello {name}"
"""


def test_what_is_written_is_what_is_meant() -> None:
    desk = parse(WRITTEN).desk
    assert (desk.take_within, desk.assign) == (3 * MINUTE, "round-robin")
    assert desk.agents == {"bea": AgentConfig(("fraud",), 5), "cem@example.org": AgentConfig()}
    assert desk.replies == {"hello": ReplyConfig("/hi", "Hello {name}")}
    assert parse("").desk == DeskConfig()


@pytest.mark.parametrize(
    ("toml", "line", "said"),
    [
        ('[desk.replies.a]\nshortcut = "/a"\n', 1, "desk.replies.a needs text"),
        ('[desk.replies.a]\ntext = "a"\n', 1, "desk.replies.a needs shortcut"),
        (
            '[desk.replies.a]\nshortcut = "/a"\ntext = "a"\n[desk.replies.b]\ntext = "b"\nshortcut = "/a"\n', 6,
            "two replies have the shortcut /a",
        ),
        ("[desk]\ncapacity = 0\n", 2, "desk.capacity: this is a whole number from 1 to 100"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_line(toml: str, line: int, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse(toml)
    assert (error.value.line, str(error.value)) == (line, said)
