"""``chatwarden widget snippet``, as an administrator runs it."""

from __future__ import annotations

from pathlib import Path

from tests.world.gateway import command

TOML = '[server]\npublic_url = "https://chat.example.org"\n[widget]\nsites = ["https://www.example.org"]\n'


def test_what_is_pasted_is_printed_and_what_is_missing_is_said(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text(TOML)
    at = ("--home", str(tmp_path / "home"), "--config", str(config))
    command("init", *at)
    said = command("widget", "snippet", "--mode", "self-hosted", *at).stdout
    first, tag, last = said.splitlines()
    assert first.startswith("<!-- first: curl -o chat-")
    assert tag.startswith('<script src="/chat-')
    assert last == "<!-- where the page has a Content-Security-Policy, it needs: frame-src https://chat.example.org -->"
    config.write_text("")
    refused = command("widget", "snippet", *at, check=False)
    assert (refused.returncode, refused.stderr[:35]) == (2, "error: no website may show the chat")
