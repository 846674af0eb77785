"""Where values come from, over a reload."""

from __future__ import annotations

from chatwarden.config.origin import Origin, reloaded
from chatwarden.config.parse import parse


def test_every_value_has_its_line_and_its_row() -> None:
    written = parse('[session]\nidle = "9m"\n[bots.shop]\nconnector = "builtin"\npolicy.iban = "hold"\n').written
    assert written == {
        ("session", "idle"): Origin("session.idle", "9m", 2, reload=True),
        ("bots", "shop", "connector"): Origin("bots.*.connector", "builtin", 4, reload=False),
        ("bots", "shop", "policy", "iban"): Origin("bots.*.policy.*", "hold", 5, reload=True),
    }


def test_a_reload_takes_what_it_may_change_and_says_where_the_file_says_something_else() -> None:
    old = parse('[server]\nport = 1\nhost = "127.0.0.1"\n[session]\nidle = "9m"\n[log]\nlevel = "info"\n').written
    new = parse(
        '[server]\nport = 2\n\nhost = "127.0.0.1"\n[retention]\ndefault = "9d"\n'
        '[bots.new]\nconnector = "builtin"\nwho = ["agent"]\n'
    )
    now = reloaded(old, new.written, {"shop"})
    assert now[("server", "port")] == Origin("server.port", 1, None, reload=False)
    assert now[("server", "host")] == Origin("server.host", "127.0.0.1", 4, reload=False)
    assert now[("retention", "default")].line == 6
    assert ("session", "idle") not in now
    assert not any(path[0] == "bots" for path in now)
