"""The parts of each page, one folder per page; what several pages need is in `pages.shared`."""
