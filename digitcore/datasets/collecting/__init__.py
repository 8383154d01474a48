"""From pictures that somebody brings to a data set of their own: looked through, checked, split and kept."""
