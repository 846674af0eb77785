import tomllib

import pytest

from chatwarden.config.locate import locate, syntax_line

TEXT = '''# comment with [brackets] and a = 1
title = """
[server]
port = 1
"""
[server]  # the real one
host = "127.0.0.1"
ports = [
  1, # one = 1
  2,
]
"public_url" = "https://a.example"

[bots.shop]
who = ["visitor"]
nested.deep.key = 1
inline = {a = 1, b = {c = "}"}}
[[many]]
x = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("server",), 6),
        (("server", "host"), 7),
        (("server", "ports"), 8),
        (("server", "public_url"), 12),
        (("bots", "shop"), 14),
        (("bots", "shop", "who"), 15),
        (("bots", "shop", "nested", "deep", "key"), 16),
        (("bots", "shop", "inline", "b", "c"), 17),
        (("many", "x"), 19),
        (("bots", "shop", "absent"), 14),
        (("absent",), None),
    ],
)
def test_the_line_of_a_setting_is_found_in_every_form_of_toml(path: tuple[str, ...], line: int | None) -> None:
    tomllib.loads(TEXT)
    assert locate(TEXT, path) == line


@pytest.mark.parametrize(("toml", "line"), [("a = 1\nb = \n", 2), ("a = 1\n[x\n", 2), ('a = """x\ny', 2)])
def test_a_syntax_error_has_its_line(toml: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as error:
        tomllib.loads(toml)
    message, found = syntax_line(toml, error.value)
    assert found == line
    assert "line" not in message
