"""A real Dask cluster on loopback: a scheduler and workers as processes, which tests may kill.

Loaded into a worker (`dask worker --preload`), this file replaces the trainer by an imitation, so that what
happens between app and worker is tested without TensorFlow.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


class Cluster:
    """`address` of the scheduler; `workers` by their names."""

    def __init__(self, folder, imitated=False):
        self.folder, self.imitated = folder, imitated
        self.workers = {}
        self.scheduler = self._start("scheduler", "--port", "0", name="scheduler")
        self.address = self._address()

    def add(self, name):
        """Start a worker with one place."""
        preload = ["--preload", __file__] if self.imitated else []
        options = ["--nthreads", "1", "--no-nanny", "--name", name, *preload]
        local = ["--local-directory", str(self.folder / name)]
        self.workers[name] = self._start("worker", self.address, *options, *local, name=name)

    def kill(self, name):
        """As a machine that loses its power: no goodbye."""
        self.workers.pop(name).send_signal(signal.SIGKILL)

    def close(self):
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()

    def _start(self, kind, *arguments, name):
        command = [sys.executable, "-m", "dask", kind, *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        if kind == "scheduler":
            command += ["--scheduler-file", str(self.folder / "scheduler.json")]
        with (self.folder / f"{name}.txt").open("wb") as log:
            return subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log)

    def _address(self):
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError, ValueError):
                return json.loads((self.folder / "scheduler.json").read_text())["address"]
            assert time.monotonic() < end, (self.folder / "scheduler.txt").read_text()
            time.sleep(0.05)


@contextlib.contextmanager
def cluster(folder, *names, imitated=False):
    made = Cluster(folder, imitated)
    try:
        for name in names:
            made.add(name)
        yield made
    finally:
        made.close()


def imitate(folder):
    """What a trainer does to its folder, without the learning: 20 epochs a second, as its settings say."""
    from digitcore.run_folder import Run, write_json

    run = Run(folder)
    with run.lock():
        print("the imitation's log", flush=True)
        run.append_event("state", state="starting")
        reached = 0
        if run.file("checkpoint.npz").exists():
            reached = json.loads(run.file("checkpoint.npz").read_text())
            run.append_event("resumed", epoch=reached)
        run.append_event("state", state="running")
        while reached < run.settings.epochs and not run.stop_requested():
            time.sleep(0.05)
            if run.paused():
                if run.last_state() != "paused":
                    run.append_event("state", state="paused")
                continue
            reached += 1
            write_json(run.file("checkpoint.npz"), reached)
            run.file("replay").mkdir(exist_ok=True)
            run.file("replay", f"epoch-{reached:03}.npz").write_bytes(os.urandom(1000))
            run.append_event(
                "epoch", epoch=reached, pid=os.getpid(), val_accuracy=0.9, val_loss=0.1, best=True
            )
            run.file("step").unlink(missing_ok=True)
        run.append_event("state", state="finishing")
        write_json(run.file("draft.json"), {})
        run.file("model.keras").write_bytes(os.urandom(5_000_001))  # three pieces on its way
        time.sleep(0.3)
        stopped = run.stop_requested()
        card = {"stopped": stopped, "best_epoch": reached, "epochs_run": reached, "test": {"accuracy": 0.8}}
        write_json(run.file("card.json"), card)
        run.file("draft.json").unlink()
        run.append_event("state", state="stopped" if stopped else "finished")


def dask_setup(worker):
    """Called by Dask in a worker that preloads this file."""
    from digitcore import cluster_worker

    cluster_worker.TRAINER = [sys.executable, "-c", IMITATION]


IMITATION = f"""
import sys
sys.path[:0] = [{str(REPOSITORY)!r}]
from pathlib import Path
from tests.cluster_fixture import imitate
imitate(Path(sys.argv[1]))
"""
