"""Visitors of the app who have never been there, in one Chromium: each has a browser context to itself.

A context that a visitor has left is emptied and given to the next one: what it has loaded and compiled
of the app's scripts, megabytes of them, makes up half of a page's first look.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page


class Visitors:
    """Hands out contexts of a browser. At one time nobody shares a context with anybody.

    A script that a test has every page begin with is added to the test's page: a context would keep it
    for the next visitor, so that it refuses.
    """

    def __init__(self, browser: Browser, patience: float) -> None:
        """patience: milliseconds that whatever is done on a page may take."""
        self._browser = browser
        self._patience = patience
        self._empty: dict[str, list[BrowserContext]] = {}
        self._how: dict[BrowserContext, str] = {}

    def comes(self, **how: Any) -> BrowserContext:
        """A context that knows nothing; how: as for `Browser.new_context`."""
        name = repr(sorted(how.items()))
        if waiting := self._empty.get(name):
            return waiting.pop()
        context = self._browser.new_context(**how)
        context.set_default_timeout(self._patience)
        context.add_init_script = _refuse
        self._how[context] = name
        return context

    def leaves(self, context: BrowserContext) -> None:
        """Close the visitor's pages and forget all that they kept, but for files of the app itself."""
        context.unroute_all()
        context.clear_cookies()
        # A page that is there already: another one would be another window of the browser.
        page, *others = context.pages or [context.new_page()]
        for other in others:
            other.close()
        page.goto("about:blank")
        everywhere = {"origin": "*", "storageTypes": "all"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", everywhere)
        page.close()
        self._empty.setdefault(self._how[context], []).append(context)


def _refuse(*_: Any, **__: Any) -> None:
    raise TypeError("add_init_script of a page, not of a context, which the next visitor is given too")


def errors_of(page: Page) -> list[str]:
    """What goes wrong on a page from now on: a list that grows."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(_told(message)) if _is_error(message) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def _is_error(message) -> bool:
    """An error of the app. Two are Streamlit's, and no app can change that: its front end, loaded at /train,
    looks for its server below /train as well as below /; and on a busy machine it may ask for a picture, or a
    file to download, of a run of the page that the next run has replaced."""
    known = re.search(
        r"/[a-z_]+/_stcore/(health|host-config)$|/media/\w+\.(jpg|png)$", message.location.get("url", "")
    )
    replaced = re.search(r"(Image|Download Button) source error", message.text)
    return message.type == "error" and not known and not replaced


def _told(message) -> str:
    """What went wrong, and where."""
    return f"{message.text} ({message.location.get('url', '')})"
