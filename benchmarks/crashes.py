"""python -m benchmarks.crashes [--kills N] [--seed N]

Kills trainers, the app's queue or both by SIGKILL at random times, and checks what they leave.
After every kill the run's folder must be readable, its state must be true, and a card, if there is one, must
describe the files beside it. The queue, started again where it was killed, must finish the run with exactly
the weights, answers and figures of a run that was not disturbed. Some runs are then asked for one more epoch
and killed again. Kills hit every phase, from the start of Python to the last file that is put in place.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.support import record
from digitcore import paths
from digitcore.backends import TRAINER
from digitcore.errors import RunError
from digitcore.networks.model_store import file_sha256
from digitcore.networks.settings import Settings
from digitcore.runs import requests
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run
from digitcore.training import checkpoint

KILLS, SEED = 100, 1
# A small run with everything that a kill could change: dropout, a schedule, augmentation, three epochs.
SETTINGS = Settings.for_architecture(
    "custom", width=32, epochs=3, n_train=1_000, batch_size=32, schedule="one-cycle", shift=1.0
)
MOST_KILLS_OF_A_RUN = (
    run_state.MOST_RELAUNCHES
)  # after more kills in a row without a checkpoint, the queue gives up
VICTIMS = {"trainer": 0.8, "queue": 0.1, "both": 0.1}
# How many of the finished runs are continued for an epoch, and killed while it lasts.
CONTINUED = 0.25
PATIENCE_SECONDS = 600.0

APP = """
import time
from digitcore import backends
from digitcore.runs import queue as run_queue
queue = run_queue.Queue(backends.here(1)).start()
print("at work", flush=True)
while True:
    time.sleep(60)
"""


class Wrong(Exception):
    """Something that must never happen."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    print(f"Seed {options.seed}: {options.kills} kills.", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        os.environ["DIGITLAB_RUNS"] = root
        crashes = Crashes(random.Random(options.seed))
        try:
            crashes.learn_what_is_right()
            while crashes.kills() < options.kills and not crashes.wrong:
                crashes.disturb_a_run()
        finally:
            crashes.end()
    figures = {
        "seed": options.seed,
        "kills": crashes.kills(),
        "runs": crashes.runs,
        "continued_runs": crashes.continued,
        "kills_by_phase": {phase: dict(counts) for phase, counts in crashes.table.items()},
        "corrupt": len(crashes.wrong),
        "minutes": (time.monotonic() - begun) / 60,
    }
    print("\nKilled while the run was      trainer  queue  both")
    for phase, counts in sorted(crashes.table.items()):
        print(f"{phase:28}  {counts['trainer']:7}  {counts['queue']:5}  {counts['both']:4}")
    print(
        f"{figures['kills']} kills of {crashes.runs} runs, {crashes.continued} of which went on: "
        f"{len(crashes.wrong)} corrupt or lost, all others ended as the undisturbed run did; "
        f"{figures['minutes']:.0f} minutes"
    )
    for sentence in crashes.wrong:
        print(sentence)
    if options.kills >= KILLS and not crashes.wrong:
        print("Kept in", record.write("crashes", "python -m benchmarks.crashes", figures))
    return 1 if crashes.wrong else 0


class Crashes:
    """The app that is killed, its runs, and what became of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.key = run_store.new_key()
        self.table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        self.wrong: list[str] = []
        self.runs = self.continued = 0
        self._right: dict[int, dict[str, Any]] = {}  # by the number of epochs
        self._seconds: dict[int, float] = {}
        self._app = self._start_app()

    def kills(self) -> int:
        return sum(sum(counts.values()) for counts in self.table.values())

    def learn_what_is_right(self) -> None:
        """One run to its end and one epoch further, undisturbed."""
        run = run_store.create(SETTINGS, self.key)
        for epochs in (SETTINGS.epochs, SETTINGS.epochs + 1):
            begun = time.monotonic()
            if epochs > SETTINGS.epochs:
                requests.more_epochs(run, 1)
            self._wait_for_the_end(run)
            self._seconds[epochs] = time.monotonic() - begun
            self._right[epochs] = outcome(run)
        print("Undisturbed:", ", ".join(f"{s:.0f} s for {e} epochs" for e, s in self._seconds.items()))

    def disturb_a_run(self) -> None:
        run = run_store.create(SETTINGS, self.key)
        self.runs += 1
        try:
            self._disturb(run, SETTINGS.epochs)
            if self.chance.random() < CONTINUED:
                self.continued += 1
                before = run.card()
                requests.more_epochs(run, 1)
                self._disturb(run, SETTINGS.epochs + 1, before)
        except (Wrong, RunError, OSError) as error:
            self.wrong.append(f"Run {run.id}: {error} Its events: {run.events()[-6:]}; log: {run.log_tail()}")

    def _disturb(self, run: Run, epochs: int, before: dict[str, Any] | None = None) -> None:
        begun = time.monotonic()
        for kill in range(self.chance.randint(1, MOST_KILLS_OF_A_RUN)):
            until = time.monotonic() + self.chance.uniform(0.0, self._seconds[epochs])
            while time.monotonic() < until and run_state.of(run).active:
                time.sleep(0.01)
            phase = run_state.of(run).name
            if phase in ("finished", "stopped"):
                if not kill:  # a warm trainer is quicker, and the kill must come in time
                    self._seconds[epochs] = min(self._seconds[epochs], time.monotonic() - begun)
                break
            victim = self.chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
            self.table[phase if before is None else f"{phase} (further epoch)"][victim] += 1
            self._kill(victim)
            self._look_at(run, victim, before)
            if victim != "trainer":
                self._app = self._start_app()
        self._wait_for_the_end(run)
        for what, expected in self._right[epochs].items():
            if outcome(run)[what] != expected:
                raise Wrong(f"Its {what} are others than without a kill.")

    def _look_at(self, run: Run, victim: str, before: dict[str, Any] | None) -> None:
        """Whatever the killed processes left must be readable and true."""
        run.events()
        checkpoint.read(run.file(paths.CHECKPOINT))
        state = run_state.of(run)
        if not (state.active or state.name == "finished"):
            raise Wrong(f"It counts as {state} after the {victim} was killed.")
        if victim == "both" and state.training and not run.file("started").stat().st_mtime > time.time() - 60:
            raise Wrong(f"It counts as {state} although nobody trains it.")
        card = run.card()
        if card and not describes(card, run):
            again = run.card()  # a new result may just have replaced it
            if again and not describes(again, run):
                raise Wrong("Its card is of other files.")
        if before and card and card["epochs_run"] not in (before["epochs_run"], before["epochs_run"] + 1):
            raise Wrong("Its card is neither the one before nor the new one.")

    def _wait_for_the_end(self, run: Run) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while (state := run_state.of(run)).active:
            if time.monotonic() > end:
                raise Wrong(f"It does not end: {state}.")
            time.sleep(0.05)
        if state.name != "finished":
            raise Wrong(f"It ended as {state}.")
        if not describes(run.card(), run):
            raise Wrong("Its card is of other files.")

    def _start_app(self) -> subprocess.Popen:
        app = subprocess.Popen([sys.executable, "-c", APP], stdout=subprocess.PIPE, text=True)
        app.stdout.readline()
        return app

    def _kill(self, victim: str) -> None:
        if victim != "trainer":
            self._app.kill()
            self._app.wait()
        if victim != "queue":
            for trainer in self._trainers():
                trainer.kill()
            psutil.wait_procs(self._trainers(), timeout=5)

    def _trainers(self) -> list[psutil.Process]:
        """The trainers of our runs, orphans included; what measures for them ends when they do."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(paths.runs()) in line and TRAINER[-1] in line:
                found.append(process)
        return found

    def end(self) -> None:
        self._app.kill()
        self._app.wait()
        for trainer in self._trainers():
            trainer.kill()


def describes(card: dict[str, Any], run: Run) -> bool:
    try:
        return all(file_sha256(run.file(name)) == file["sha256"] for name, file in card["files"].items())
    except FileNotFoundError:
        return False


def outcome(run: Run) -> dict[str, Any]:
    """What must be the same whether or not a run was killed."""
    reached = checkpoint.read(Path(run.file(paths.CHECKPOINT)))
    card = run.card()
    return {
        "last weights": [np.asarray(weight).tobytes() for weight in reached.weights],
        "best weights": [np.asarray(weight).tobytes() for weight in reached.best_weights],
        "optimizer's variables": [np.asarray(value).tobytes() for value in reached.optimizer],
        "best epochs": (card["epochs_run"], card["best_epoch"], card["stopped"]),
        "figures": [card[part]["misses"] for part in ("validation", "test")],
        "validation curves": [
            (event["epoch"], event["loss"], event["val_loss"], event["val_accuracy"])
            for event in run.learning_events()
            if event["event"] == "epoch"
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
