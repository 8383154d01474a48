"""What tests of pages share."""

import pytest

from digitcore import paths
from pages.shared import server


@pytest.fixture
def no_trainers(tmp_path, monkeypatch):
    """Runs of our own, none recorded, and a queue that starts nobody."""
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(paths, "RECORDED", tmp_path / "recorded")
    monkeypatch.setenv("DIGITLAB_TRAINERS", "0")
    server.forget()
    yield
    server.forget()
