"""A further file of a finished run is made by a process of its own, one at a time."""

import shutil
import sys
import time

import pytest

from digitcore import paths
from digitcore.errors import RunError
from digitcore.networks.settings import Settings
from digitcore.runs import memory
from digitcore.runs import store as run_store
from digitcore.runs.further_files import FurtherFiles
from digitcore.runs.run_folder import Run

ONNX = "model.onnx"
COPIES = "import sys, pathlib; pathlib.Path(sys.argv[1], sys.argv[2]).write_bytes(b'made')"
WAITS = "import time; time.sleep(600)"
FAILS = "import sys; print('a warning'); sys.exit('The disk is full.')"


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("card.json", "settings.json"):
        shutil.copy(paths.RECORDED / "mlp-128-on-55000-digits" / name, folder / name)
    return Run(folder)


def begun(run, program):
    maker = FurtherFiles([sys.executable, "-c", program])
    maker.start(run, ONNX)
    return maker


def ended(maker, run):
    end = time.monotonic() + 300
    while maker.makes(run) and time.monotonic() < end:
        time.sleep(0.02)
    assert maker.makes(run) is None


def test_the_file_is_there_when_the_process_has_ended(run):
    maker = begun(run, COPIES)
    ended(maker, run)
    assert run.file(ONNX).read_bytes() == b"made"
    assert maker.problem(run) is None


def test_the_last_line_of_a_process_that_failed_says_why_and_is_of_that_run_alone(run, tmp_path):
    maker = begun(run, FAILS)
    ended(maker, run)
    assert maker.problem(run) == "The disk is full."
    assert maker.problem(Run(tmp_path / "another")) is None


def test_one_file_at_a_time(run):
    maker = begun(run, WAITS)
    try:
        assert maker.makes(run) == ONNX
        with pytest.raises(RunError, match="Another file is being made"):
            maker.start(run, ONNX)
    finally:
        maker._process.kill()
        maker._process.wait()


def test_what_is_not_finished_or_not_ones_own_or_does_not_fit_is_refused(run, tmp_path, monkeypatch):
    maker = FurtherFiles([sys.executable, "-c", COPIES])
    with pytest.raises(RunError, match=r"one of model\.onnx"):
        maker.start(run, "model.h5")
    with pytest.raises(RunError, match="one's own that is finished"):
        maker.start(run_store.recorded()[0], ONNX)
    fresh = run_store.create_at(tmp_path / "fresh", Settings.for_architecture("mlp-128"))
    with pytest.raises(RunError, match="one's own that is finished"):
        maker.start(fresh, ONNX)
    monkeypatch.setattr(memory, "available_memory", lambda: 10**8)
    with pytest.raises(RunError, match="Too little memory"):
        maker.start(run, ONNX)
    assert maker.makes(run) is None and not run.file(ONNX).exists()
