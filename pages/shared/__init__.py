"""What several pages share; the parts of single pages are in `pages.parts`."""
