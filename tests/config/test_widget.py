"""``[widget]`` in a whole configuration."""

from __future__ import annotations

import pytest

from chatwarden.config.parse import parse
from chatwarden.config.widget import WidgetConfig
from chatwarden.errors import ConfigurationError


def test_without_a_word_no_website_may_show_the_chat() -> None:
    assert parse("").widget == WidgetConfig(()) == WidgetConfig()


def test_websites_are_those_that_are_written() -> None:
    assert parse('[widget]\nsites = ["https://www.example.org"]').widget.sites == ("https://www.example.org",)


def test_plain_http_is_for_tests_on_this_machine_only() -> None:
    plain = '[widget]\nsites = ["http://127.0.0.2:8000"]\n'
    with pytest.raises(ConfigurationError, match="is not https") as refused:
        parse(plain)
    assert (refused.value.line, "lab" in (refused.value.hint or "")) == (2, True)
    assert parse(plain + "[server]\nlab = true").widget.sites == ("http://127.0.0.2:8000",)
    with pytest.raises(ConfigurationError, match="not https"):
        parse('[widget]\nsites = ["http://shop.example"]\n[server]\nlab = true')
