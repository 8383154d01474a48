"""Training runs on disk: whose they are, what state they are in, and whose turn it is."""
