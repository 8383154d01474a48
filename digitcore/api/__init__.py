"""The HTTP API: pictures and strokes in, the answers of `predict --json` out. Needs requirements-api.txt."""
