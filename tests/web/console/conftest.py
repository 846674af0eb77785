"""Real Chromium, as for the chat, and people at their desks."""

from tests.web.demo.conftest import chromium, open_page

__all__ = ["chromium", "open_page"]
