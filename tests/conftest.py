"""What tests of pages share: AppTest as on a server, and for browser tests one Chromium, one running app,
and a page that tolerates no error in its console.

Without a Chromium these tests are skipped on a developer's machine and fail where CI is set.
"""

import gc
import os
import sys

import numpy as np
import pytest

from benchmarks.support import driving
from digitcore.datasets import storage
from digitcore.runs import queue as run_queue
from tests.pages.running import as_on_a_server

# Milliseconds of patience with a browser: a busy machine takes its time; a right answer ends the wait.
PATIENCE = 120_000
# A page of a test lives for seconds: with room for what is new, and without threads that look for garbage on
# cores that other tests want, Chromium takes a twentieth less of the processor.
YOUNG = ["--js-flags=--single-threaded-gc --min-semi-space-size=32 --max-semi-space-size=32"]
FIXTURES = {"chromium", "app_url", "page", "visitors", "visitor"}
# Where tests start programs and wait for them. In CI, on a machine that others use too, such a test, and one
# in a browser, has a second try, which the summary names: a fault to look for, but not of the change at hand.
STARTING = ("cluster/", "commands/", "runs/", "training/")

as_on_a_server()
# Beside other processes of the tests a trainer of the lowest priority would hardly run at all.
os.environ["DIGITLAB_NICENESS"] = "0"
# The tests start a hundred Python processes. Where Python is told to keep no compiled files, as in many
# containers, each of them would compile the app anew, and each process of the tests all of the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Files whose tests are run by one and the same of the processes, one after another, so that what they need is
# there once: TensorFlow, or a server of the app and a Chromium with what it has loaded of the app's scripts.
TOGETHER = {
    "app, Chromium and TensorFlow": (
        "test_browser_class.py",
        "pages/test_draw_live.py",
        "test_browser_language.py",
        "browser/test_network.py",
        "browser/test_weights.py",
        "training/test_line_reader_fit.py",
        "training/test_character_kinds_fit.py",
        "training/test_own_data.py",
    ),
    "app and Chromium": (
        "test_browser.py",
        "test_accessibility.py",
        "pages/test_charts.py",
        "test_browser_links.py",
        "browser/test_one_file.py",
        "browser/test_picture.py",
        "browser/test_inside_parts.py",
    ),
    "another app and Chromium": (
        "pages/test_held_presses.py",
        "pages/test_inside.py",
        "pages/test_refused_uploads.py",
        "browser/test_live_network.py",
        "test_visitors.py",
        "benchmarks/test_driving.py",
        "test_browser_own_set.py",
    ),
    "TensorFlow": (
        "training/test_fit.py",
        "runs/test_extra_digits.py",
        "training/test_export.py",
        "training/test_further_files.py",
        "training/test_teachers.py",
        "networks/test_architectures.py",
    ),
}
# The other files that take longest, so that no process is left with one of them at the end.
LONGEST = (
    "cluster/test_backend.py",
    "training/test_crashes.py",
    "training/test_worker.py",
    "preprocessing/test_normalisation.py",
    "pages/test_classroom.py",
    "commands/test_predict.py",
    "commands/test_command_line.py",
    "pages/test_protocol.py",
    "api/test_server.py",
    "reading/test_processes.py",
    "pages/test_train.py",
    "pages/test_draw.py",
    "test_app.py",
    "runs/test_damage.py",
    "reading/test_numbers.py",
)
GROUP = {file: group for group, files in TOGETHER.items() for file in files}
ORDER = {file: place for place, file in enumerate((*GROUP, *LONGEST))}


def _file(nodeid):
    """A test's file, below tests/."""
    return nodeid.partition("::")[0].removeprefix("tests/")


def pytest_collection_modifyitems(items):
    for item in items:
        if FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        waits = item.get_closest_marker("browser") or _file(item.nodeid).startswith(STARTING)
        if waits and os.environ.get("CI"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: ORDER.get(_file(item.nodeid), len(ORDER)))


def pytest_collection_finish(session):
    if {"tensorflow", "keras"} & set(sys.modules):
        raise pytest.UsageError(
            "A file of tests loads TensorFlow when it is imported, and each process of the tests imports all "
            "files: expected tests.lazily.Module, or an import in the test."
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        """A file at a time, in the order above; those that stay together count as one."""

        def _split_scope(self, nodeid):
            return GROUP.get(_file(nodeid)) or super()._split_scope(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.fixture(autouse=True, scope="module")
def what_is_there_is_no_garbage():
    """Streamlit collects garbage after each run of a page, which takes ten times as long once this process
    holds the objects of large libraries: those that are there when a file begins are not looked at again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def mnist_is_unpacked_once():
    """To unpack 60,000 digits and to look at their checksum takes longer than most of the tests that need a
    few of them. (The tests of the data sets themselves take this back.)"""
    unpacked = {}
    blocks = storage.NpzStore.blocks

    def kept(store, array):
        file = store.path.stat() if store.path.exists() else None
        key = (store, array, file and (file.st_mtime_ns, file.st_size))
        if key not in unpacked:
            unpacked[key] = np.concatenate(list(blocks(store, array)))
        yield unpacked[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(storage.NpzStore, "blocks", kept)
        kept.instead_of = blocks
        yield


@pytest.fixture(autouse=True)
def no_dispatcher_of_a_page_starts_the_runs_of_a_test(monkeypatch):
    """The pages' queue lives as long as this process, and its thread would train whatever run a test made."""
    monkeypatch.setattr(run_queue.Queue, "start", lambda queue: queue)


@pytest.fixture(autouse=True)
def nobody_cuts_the_power(monkeypatch):
    """To wait until each small file is on the disk would be most of what some tests do."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture(scope="session")
def chromium():
    """A Playwright `Browser`; the only one of the whole run, because Playwright allows one a thread."""
    try:
        with driving.chromium(YOUNG) as browser:
            from playwright.sync_api import expect

            expect.set_options(timeout=PATIENCE)
            yield browser
    except (ImportError, RuntimeError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI runs the browser tests, but: {error}")
        pytest.skip(f"needs a Chromium: {error}")


@pytest.fixture(scope="session")
def app_runs(tmp_path_factory):
    """The folder of the runs of the app that `app_url` serves; empty when it starts."""
    return tmp_path_factory.mktemp("app") / "runs"


@pytest.fixture(scope="session")
def app_url(app_runs):
    """The address of the app, served from this repository; one server for all tests of a process."""
    with driving.server(
        environment={"DIGITLAB_RUNS": str(app_runs)}, log=app_runs.parent / "log.txt"
    ) as server:
        yield server.url


@pytest.fixture(scope="session")
def visitors(chromium):
    """What hands out browser contexts (tests/visitors.py)."""
    from tests.visitors import Visitors

    return Visitors(chromium, PATIENCE)


@pytest.fixture
def visitor(visitors):
    """Call it, with options of `Browser.new_context`, for the browser context of somebody who has never been
    here, until the test ends."""
    here = []

    def comes(**how):
        here.append(visitors.comes(**how))
        return here[-1]

    yield comes
    for context in here:
        visitors.leaves(context)


@pytest.fixture
def page(visitor):
    """A page of a new visitor. After the test there must be no error in its console, and no crash on it."""
    from tests.visitors import errors_of

    page = visitor(viewport={"width": 1280, "height": 900}).new_page()
    errors = errors_of(page)
    yield page
    if not page.is_closed():
        errors += page.get_by_test_id("stException").all_inner_texts()
    assert not errors, "\n".join(errors)
