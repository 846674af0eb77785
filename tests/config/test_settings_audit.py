"""Witnesses are written with an address and a key each."""

from __future__ import annotations

import pytest

from chatwarden.config.model import WitnessConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError

VKEY = "w.example+0011aabb+BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"


def test_witnesses_are_read() -> None:
    config = parse(f'[audit]\nkeep = "30d"\nwitnesses = [{{ url = "https://w.example", vkey = "{VKEY}" }}]\n')
    assert config.witnesses == (WitnessConfig("https://w.example", VKEY),)
    assert config.audit_keep == 30 * 86_400_000_000


@pytest.mark.parametrize(
    "written",
    [
        '"w"', '["w"]', '[{ url = "https://w.example" }]', '[{ url = "https://w.example", vkey = "w" }]',
        f'[{{ url = "w.example", vkey = "{VKEY}" }}]',
        f'[{{ url = "https://a.example", vkey = "{VKEY}" }}, {{ url = "https://b.example", vkey = "{VKEY}" }}]',
    ],
)  # fmt: skip
def test_what_is_no_witness_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(f"[audit]\nwitnesses = {written}\n")
    assert refused.value.line == 2
