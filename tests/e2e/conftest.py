"""The browser's fixtures, for all tests that drive one."""

from support.browser import browser, context, page

__all__ = ["browser", "context", "page"]
