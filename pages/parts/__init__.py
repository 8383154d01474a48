"""What each page is made of, a folder a page; what several pages need is in `pages.shared`."""

from pages import shared  # noqa: F401 - a deep link's first visit goes back to app.py (see there)
