"""What the tests of a class share: a clock, and classes that go by it."""

import pytest

from digitcore.classroom.classes import Classroom
from tests.classroom.clock import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    return Classroom(clock=clock)
