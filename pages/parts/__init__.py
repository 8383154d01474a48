"""What each page is made of, a folder a page; what several pages need is in `pages.shared`."""
