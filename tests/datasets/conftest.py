"""The data sets' own tests read the files as they are, each time."""

import pytest

from digitcore.datasets import storage


@pytest.fixture(autouse=True)
def mnist_is_unpacked_each_time(monkeypatch):
    monkeypatch.setattr(storage.NpzStore, "blocks", storage.NpzStore.blocks.instead_of)
