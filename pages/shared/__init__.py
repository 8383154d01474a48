"""What several pages share; what one page is made of is in `pages.parts`."""
