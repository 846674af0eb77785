"""Hours of the week as they are kept."""

from chatwarden.config.span import Span
from chatwarden.config.values import hours


def test_hours_of_several_days_are_a_span_for_each_in_minutes() -> None:
    assert hours("Sat-Sun 08:30-24:00") == (Span(5, 510, 1440), Span(6, 510, 1440))
