"""An imitation of the trainer, so that what lies between app and worker is tested without TensorFlow.

A back end that is handed `TRAINER` starts the imitation in place of the trainer; for a run of
`N_TRAIN_OF_REAL_RUNS` pictures it starts the real one, without the measuring (crashing.py).
"""

import json
import os
import time

from digitcore.paths import REPOSITORY
from tests.runs import saying

N_TRAIN_OF_REAL_RUNS = 250


def imitate(folder):
    """Do what a trainer does to its folder, without learning anything: 20 epochs a second."""
    from digitcore import datasets, files
    from digitcore.datasets import own
    from digitcore.runs.run_folder import Run

    run = Run(folder)
    dataset = run.settings.dataset
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
            files.write_json(run.file("checkpoint.npz"), reached)
            run.file("replay").mkdir(exist_ok=True)
            run.file("replay", f"epoch-{reached:03}.npz").write_bytes(os.urandom(1000))
            saying.epoch(run, reached, pid=os.getpid())
            run.file("step").unlink(missing_ok=True)
        run.append_event("state", state="finishing")
        files.write_json(run.file("draft.json"), {})
        run.file("model.keras").write_bytes(os.urandom(5_000_001))  # three pieces on its way
        time.sleep(0.3)
        stopped = run.stop_requested()
        card = {"stopped": stopped, "best_epoch": reached, "epochs_run": reached, "test": {"accuracy": 0.8}}
        card["worker"] = str(folder.parent)
        if datasets.describe(dataset).own:
            card["learnt from"] = len(datasets.load(dataset, "train", run.settings.n_train)[0])
            own.leave_behind(dataset, run.folder)
        files.write_json(run.file("card.json"), card)
        run.file("draft.json").unlink()
        run.append_event("state", state="stopped" if stopped else "finished")


IMITATION = f"""
import sys
sys.path[:0] = [{str(REPOSITORY)!r}]
from pathlib import Path
from digitcore.datasets import own
from digitcore.runs.run_folder import Run
from tests.runs import imitated_trainer
folder = Path(sys.argv[1])
own.also_in(folder)  # as a trainer does before it looks at the settings
if Run(folder).settings.n_train == imitated_trainer.N_TRAIN_OF_REAL_RUNS:
    from tests.training import crashing
    crashing.train(str(folder), "never", 0)
else:
    imitated_trainer.imitate(folder)
"""

TRAINER = ("-c", IMITATION)
