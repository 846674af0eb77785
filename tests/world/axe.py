"""axe-core, unmodified, over a page that a browser shows: what of WCAG 2.2 AA and of good practice it does not keep."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tests.world.nodejs import installed


@cache
def _axe() -> str:
    return (installed() / "node_modules" / "axe-core" / "axe.min.js").read_text()


def faults(page: Page) -> list[str]:
    """Each fault with the elements that have it; all rules that the version knows, experimental ones left out."""
    page.evaluate(_axe() + ";0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]
