"""Whatever is damaged in a run's folder, the queue raises nothing, and whatever pages and commands ask is
answered or refused in one sentence. Hundreds of seeded mutations over every file."""

import contextlib
import io
import json
import os
import random
import shutil

import pytest

from digitcore import __main__ as command_line
from digitcore import datasets, files, paths
from digitcore.errors import DigitcoreError
from digitcore.evaluation import comparison
from digitcore.networks import model_store
from digitcore.runs import cards, extra_digits, recording, requests, sweep, tidying
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.history import History
from digitcore.runs.run_folder import Run
from digitcore.training import checkpoint
from tests.runs.test_kept import KEPT

MUTATIONS = 150
MEANS_MUCH = {"card.json": 8.0, "settings.json": 4.0, "events.jsonl": 4.0}
CONTROLS = {
    "learning-rate": {"value": 0.01, "asked": 1.7e9},
    "more-epochs": {"epochs": 2, "from": 2, "until": 4, "asked": 1.7e9},
    "relaunches": 1,
    "started": {"time": 1.7e9},
}
# What a damaged JSON file may hold in place of a proper value.
ODD = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\u202e7",
    [],
    [[]],
    {},
    {"a": 1},
    "x" * 300,
)


class Nobody:
    """A back end without a place."""

    def places(self):
        return 0

    def check(self, settings):
        pass

    def ended(self):
        return []

    def alive(self, run):
        return None


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run's folder with every kind of file in it."""
    folder = tmp_path_factory.mktemp("whole") / KEPT.name
    shutil.copytree(KEPT, folder)
    for name, value in CONTROLS.items():
        files.write_json(folder / name, value)
    for name in ("stop", "pause", "step"):
        (folder / name).touch()
    (folder / "log.txt").write_text("epoch 1/2\n")
    images, labels = datasets.load("mnist", "validation")
    (folder / paths.EXTRA_DIGITS).write_bytes(
        extra_digits.pack(images[:3], [int(label) for label in labels[:3]])
    )
    recording.write_own_digits(Run(folder), images[:2])
    (folder / "unfinished").mkdir()
    shutil.copy(folder / "card.json", folder / "unfinished" / "draft.json")
    return folder


def mutated(content, chance):
    """A file's bytes, damaged: cut, overwritten, or with another value in its JSON."""
    kind = chance.choice(("cut", "bits", "bytes", "json", "json", "json", "empty", "lines"))
    if kind == "empty":
        return b""
    if kind == "cut":
        return content[: chance.randrange(len(content) + 1)]
    if kind == "json":
        with contextlib.suppress(ValueError):
            return other_json(content, chance)
    if kind == "lines":
        lines = content.split(b"\n")
        chance.shuffle(lines)
        return b"\n".join(lines)
    changed = bytearray(content or b"?")
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(changed))
        changed[at] = changed[at] ^ (1 << chance.randrange(8)) if kind == "bits" else chance.randrange(256)
    return bytes(changed)


def other_json(content, chance):
    """JSON, or lines of JSON, with one value removed or replaced by something odd."""
    text = content.decode()
    try:
        values = [json.loads(text)]
    except ValueError:
        values = [json.loads(line) for line in text.splitlines()]
    places = []
    waiting = [(values, index) for index in range(len(values))]
    while waiting:
        holder, index = waiting.pop()
        places.append((holder, index))
        value = holder[index]
        if isinstance(value, dict):
            waiting += [(value, name) for name in value]
        elif isinstance(value, list):
            waiting += [(value, number) for number in range(min(len(value), 3))]
    if not places:
        raise ValueError("nothing in it")
    if chance.random() < 0.5:  # those near the top are few and mean most
        places = [place for place in places if any(place[0] is value for value in values)] or places
    holder, index = chance.choice(places)
    if chance.random() < 0.3 and holder is not values:
        del holder[index]
    else:
        holder[index] = chance.choice(ODD)
    return "\n".join(json.dumps(value) for value in values).encode()


def damage(folder, chance):
    """Damage one file or replace it by something else; returns its name and what was done, for the
    message."""
    every = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    weights = [MEANS_MUCH.get(path.name, 0.3 if path.name.startswith("model") else 1.0) for path in every]
    (path,) = chance.choices(every, weights)
    what = chance.random()
    if what < 0.04:
        path.unlink()
        path.mkdir()
    elif what < 0.08:
        path.unlink()
    else:
        path.write_bytes(mutated(path.read_bytes(), chance))
    return path.relative_to(folder)


def look(key, run):
    """Ask everything that the queue, the pages and the commands ask of a run."""
    queue = run_queue.Queue(Nobody())
    queue.dispatch()
    queue.wait(run)
    tidying.tidy(key)
    asked = [
        lambda: run.settings,
        lambda: run.name,
        lambda: run.card(),
        lambda: cards.read(run),
        lambda: run_state.of(run),
        lambda: run.log_tail(),
        lambda: History(2).read(run).progress_text(),
        lambda: History(2).read(run).columns(),
        lambda: History(2).read(run).until(1),
        lambda: run.learning_events(),
        lambda: sweep.table([run]),
        lambda: [recording.frame(run, epoch) for epoch in recording.epochs(run)],
        lambda: recording.row(run),
        lambda: recording.own_digits(run),
        lambda: extra_digits.read(run.folder),
        lambda: checkpoint.read(run.file(paths.CHECKPOINT)),
        lambda: model_store.load_folder(run.folder),
        lambda: comparison.kept_answers(run.file(paths.TEST_ANSWERS), 7839, LABELS),
        lambda: run.requested_learning_rate(),
        lambda: run.all_more_epochs(),
        lambda: requests.pause(run),
        lambda: requests.resume(run),
        lambda: requests.learning_rate(run, 0.01),
        lambda: requests.more_epochs(run, 1),
        lambda: queue.stop(run),
        lambda: run_state.mark_started(run),
        lambda: run_state.take_back_start(run),
    ]
    for ask in asked:
        with contextlib.suppress(DigitcoreError, OSError):
            ask()


LABELS = datasets.load_labels("mnist", "test")


def test_no_damage_to_a_runs_folder_raises_anything_but_a_sentence(whole, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    key = run_store.new_key()
    chance = random.Random(14)
    for number in range(MUTATIONS):
        folder = run_store.owner_folder(key) / KEPT.name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        what = [str(damage(folder, chance)) for _ in range(chance.choice((1, 1, 2)))]
        if number % 3 == 0:
            shutil.rmtree(folder / "card.json", ignore_errors=True)
            with contextlib.suppress(OSError):
                os.unlink(folder / "card.json")
        try:
            look(key, Run(folder))
        except Exception as error:
            raise AssertionError(f"mutation {number} of {what}") from error
    assert "Traceback" not in capsys.readouterr().err, "the queue met something that it did not expect"


COMMANDS = [
    ("control", "{}", "pause"),
    ("control", "{}", "learning-rate", "0.01"),
    ("train", "--run", "{}", "--more-epochs", "99"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_say_one_sentence_about_damaged_folders(whole, tmp_path, words):
    chance = random.Random(15)
    for number in range(20):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        damage(folder, chance)
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = command_line.main([word.format(folder) for word in words])
        assert code in (0, 1, 2) and said.getvalue().count("\n") <= 60
