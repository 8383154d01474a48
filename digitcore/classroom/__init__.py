"""A class: its codes, drawings, board and scores."""
