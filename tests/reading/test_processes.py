"""Several processes read files as one does, in the same order, and outlive a picture that ends one."""

import multiprocessing
import os
import sys
import threading

import cv2
import numpy as np
import pytest

from digitcore import datasets, paths
from digitcore.networks import model_store
from digitcore.reading import batch, processes


class Deadly:
    """Bytes that end the process which takes them."""

    def __reduce__(self):
        return os._exit, (3,)


@pytest.fixture(scope="module")
def network():
    return model_store.load(model_store.DEFAULT_MODEL)


@pytest.fixture(scope="module")
def files():
    digits, _ = datasets.load("mnist", "validation")
    return [
        (f"{n}.png", cv2.imencode(".png", 255 - digit)[1].tobytes()) for n, digit in enumerate(digits[:70])
    ]


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Only on Linux can a process be copied.")
MODEL = paths.MODELS / f"{model_store.DEFAULT_MODEL}.tflite"


def test_a_few_pictures_start_no_process(files, network, monkeypatch):
    monkeypatch.setattr(processes, "_Pool", None)
    rows = list(processes.read_pictures(files[:10], network, MODEL, jobs=2))
    assert [row.name for row in rows] == [name for name, _ in files[:10]]


@pytest.fixture
def at_once(monkeypatch):
    """The processes start at once, and are waited for."""
    monkeypatch.setattr(processes._Pool, "is_starting", lambda pool: False)
    monkeypatch.setattr(processes, "ALONE_SECONDS", 0)
    monkeypatch.setattr(processes, "ALONE_SECONDS_FORKED", 0)


@pytest.mark.parametrize("forks", [False, pytest.param(True, marks=LINUX)])
def test_two_processes_read_as_one_does_and_one_that_ends_costs_its_picture_alone(
    forks, files, network, at_once, monkeypatch
):
    monkeypatch.setattr(processes, "_may_fork", lambda: forks)
    monkeypatch.setattr(processes, "CHUNK_PICTURES", 8)
    files = files[:44]
    items = [*files[:40], ("text.png", b"hello"), ("deadly.png", Deadly()), *files[40:]]
    told = []
    rows = list(
        processes.read_pictures(items, network, MODEL, lambda done, name: told.append((done, name)), jobs=2)
    )
    assert [row.name for row in rows] == [name for name, _ in items]
    assert told == [(n, name) for n, (name, _) in enumerate(items, 1)]
    assert "not a picture" in rows[40].error
    assert "ended without a word" in rows[41].error
    alone = batch.read_pictures(files, network)
    for row, expected in zip((*rows[:40], *rows[42:]), alone, strict=True):
        assert (row.text, row.size, row.error) == (expected.text, expected.size, None)
        np.testing.assert_allclose(row.digits[0].probabilities, expected.digits[0].probabilities, atol=1e-5)


def test_this_process_reads_on_until_another_can(files, network, at_once, monkeypatch):
    here = []
    alone = batch.read_pictures

    def read(items, *rest):
        here.extend(name for name, _ in items)
        return alone(items, *rest)

    monkeypatch.setattr(processes, "CHUNK_PICTURES", 4)
    monkeypatch.setattr(processes.batch, "read_pictures", read)
    starting = iter([True, True, False])
    monkeypatch.setattr(processes._Pool, "is_starting", lambda pool: next(starting))
    rows = list(processes.read_pictures(files[:20], network, MODEL, jobs=2))
    assert [row.name for row in rows] == [name for name, _ in files[:20]]
    assert here == [name for name, _ in files[:12]]


def test_a_process_with_a_thread_is_not_copied(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "linux")
    monkeypatch.setattr(processes.cv2, "getNumThreads", lambda: 1)
    monkeypatch.setattr(processes.threading, "active_count", lambda: 1)
    assert processes._may_fork()
    monkeypatch.setattr(processes.threading, "active_count", lambda: 2)
    assert not processes._may_fork()
    monkeypatch.setattr(processes.threading, "active_count", lambda: 1)
    monkeypatch.setattr(processes.cv2, "getNumThreads", lambda: 4)
    assert not processes._may_fork()
    monkeypatch.setattr(processes.cv2, "getNumThreads", lambda: 1)
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    assert not processes._may_fork()


def test_a_copy_reads_with_the_network_of_its_owner(files, network, at_once, monkeypatch):
    monkeypatch.setattr(processes, "_may_fork", lambda: True)
    monkeypatch.setattr(processes, "CHUNK_PICTURES", 8)
    begun = []
    monkeypatch.setattr(
        processes,
        "ProcessPoolExecutor",
        lambda jobs, context, begin, start: begun.append((context.get_start_method(), begin, start)) or 1 / 0,
    )
    with pytest.raises(ZeroDivisionError):
        list(processes.read_pictures(files, network, MODEL, jobs=2, thumbnail_side=None))
    assert begun == [("fork", processes._copied, (network, None, "auto", None))]


def test_files_are_not_loaded_long_before_they_are_read(files, network, at_once, monkeypatch):
    monkeypatch.setattr(processes, "CHUNK_PICTURES", 4)
    taken = []

    def late():
        for item in files:
            taken.append(item[0])
            yield item

    most = 4 * (processes.CHUNKS_A_PROCESS * 2 + 2)
    for done, _ in enumerate(processes.read_pictures(late(), network, MODEL, jobs=2), 1):
        assert len(taken) - done <= most


def test_no_process_is_left_once_all_is_read(files, network, at_once, monkeypatch):
    monkeypatch.setattr(processes, "CHUNK_PICTURES", 8)
    before, threads = set(multiprocessing.active_children()), threading.active_count()
    assert len(list(processes.read_pictures(files, network, MODEL, jobs=2))) == len(files)
    assert set(multiprocessing.active_children()) <= before
    assert threading.active_count() <= threads
