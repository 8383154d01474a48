"""Training digits changed as other hands, pens and papers would, and pictures that are not digits."""
