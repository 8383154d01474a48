"""Training runs on disk: whose they are, where they stand, and whose turn it is."""
