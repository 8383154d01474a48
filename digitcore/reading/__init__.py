"""Pages, numbers and touching digits: from a picture to its digits in reading order."""
