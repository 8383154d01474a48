"""Whose turn it is, what a visitor may have, and what happens to a run whose trainer ends, with a back end
that starts nothing."""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from digitcore import backends, files, limits
from digitcore.errors import NoRoom, RunError
from digitcore.networks.settings import Settings
from digitcore.runs import disk, line, memory, run_folder, tidying
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store

TINY = Settings(architecture="mlp-128", epochs=1, n_train=500)


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))


def set_limits(monkeypatch, **values):
    changed = replace(limits.PROFILES["laptop"], **values)
    monkeypatch.setattr(limits, "current", lambda: changed)


class Pretended:
    """A back end whose trainings end when a test says so."""

    def __init__(self, places=1):
        self.free = places
        self.at_work = []
        self.launched = []
        self.over = []
        self.problem = {}

    def places(self):
        return self.free

    def check(self, settings):
        pass

    def launch(self, run):
        if run.id in self.problem:
            raise self.problem[run.id]
        run_state.mark_started(run)
        run.append_event("state", state="running")
        self.at_work.append(run.folder)
        self.launched.append(run.name)

    def finish(self, seconds=10.0):
        run = run_folder.Run(self.at_work.pop(0))
        begun = time.time() - seconds
        os.utime(run.file("started"), (begun, begun))
        files.write_json(run.file("card.json"), {"stopped": False, "seconds": seconds})
        run.append_event("state", state="finished")
        self.over.append((run, 0))

    def ended(self):
        over, self.over = self.over, []
        return over

    def alive(self, run):
        return run.folder in self.at_work


@pytest.fixture
def trainer():
    return Pretended()


@pytest.fixture
def queue(trainer):
    return run_queue.Queue(trainer)


def test_five_runs_of_one_student_let_everybody_else_have_a_turn_between(queue, trainer):
    ana, ben, eva = (run_store.new_key() for _ in range(3))
    for number in range(5):
        queue.submit(TINY, ana, f"ana {number}")
    queue.submit(TINY, ben, "ben 0")
    queue.submit(TINY, ben, "ben 1")
    queue.submit(TINY, eva, "eva 0")
    for _ in range(7):
        trainer.finish()
        queue.dispatch()
    assert trainer.launched == ["ana 0", "ben 0", "eva 0", "ana 1", "ben 1", "ana 2", "ana 3", "ana 4"]


def test_a_waiting_run_shows_its_place_and_roughly_how_long_it_will_wait(queue, trainer):
    first, second, third = (queue.submit(TINY, run_store.new_key()) for _ in range(3))
    assert queue.wait(first) is None
    assert queue.wait(second) == line.Wait(1, None), "nobody knows yet how long a run takes"
    trainer.finish(seconds=100)
    queue.dispatch()
    assert queue.wait(second) is None and queue.place(third) == 1
    assert queue.wait(third).seconds == pytest.approx(100, abs=3)
    larger = queue.submit(replace(TINY, epochs=3), run_store.new_key())
    last = queue.submit(TINY, run_store.new_key())
    assert queue.wait(larger).seconds == pytest.approx(200, abs=3)
    assert queue.wait(last).seconds == pytest.approx(500, abs=3)


def test_a_waiting_run_can_be_cancelled_and_never_starts(queue, trainer):
    first, second, third = (queue.submit(TINY, run_store.new_key(), str(n)) for n in range(3))
    assert [queue.place(run) for run in (first, second, third)] == [None, 1, 2]
    queue.stop(second)
    assert run_state.of(second).name == "stopped" and not run_state.of(second).has_model
    assert queue.place(third) == 1
    trainer.finish()
    queue.dispatch()
    assert trainer.launched == ["0", "2"]


def test_a_run_that_waits_for_memory_is_not_overtaken(queue, trainer):
    trainer.free = 0
    first, _ = (queue.submit(TINY, run_store.new_key()) for _ in range(2))
    trainer.free, trainer.problem = 2, {first.id: NoRoom("Not enough memory.")}
    queue.dispatch()
    assert trainer.launched == [] and queue.short_of_memory
    trainer.problem = {}
    queue.dispatch()
    assert len(trainer.launched) == 2 and not queue.short_of_memory


def test_a_run_that_cannot_be_started_lets_the_next_one_go_first(queue, trainer):
    trainer.free = 0
    first, second = (queue.submit(TINY, run_store.new_key()) for _ in range(2))
    trainer.free, trainer.problem = 1, {first.id: PermissionError(13, "Permission denied")}
    queue.dispatch()
    assert trainer.at_work == [second.folder]


def test_one_damaged_run_does_not_hold_up_everybodys_queue(queue, trainer):
    for damage in ("card.json", "events.jsonl"):
        damaged = run_store.create(TINY, run_store.new_key())
        run_state.mark_started(damaged)
        if damage == "card.json":
            damaged.file(damage).write_text('{"name": "x", "te')
        else:
            damaged.file(damage).mkdir()  # cannot be read, as in a folder of another user's
    run = queue.submit(TINY, run_store.new_key())
    assert trainer.at_work == [run.folder]


def test_a_run_whose_trainer_died_is_launched_again(queue, trainer):
    run = queue.submit(TINY, run_store.new_key(), "dies")
    trainer.over.append((run, -9))
    trainer.at_work.clear()
    queue.dispatch()
    assert trainer.launched == ["dies", "dies"]


def test_a_run_that_kills_every_trainer_is_given_up_after_three_more_and_shows_the_code(queue, trainer):
    run = queue.submit(TINY, run_store.new_key(), "dies")
    for _ in range(5):
        if trainer.at_work:
            trainer.over.append((run, -9))
            trainer.at_work.clear()
        queue.dispatch()
    assert trainer.launched == ["dies"] * 4 and run_state.of(run).name == "failed"
    assert any("code -9" in event.get("text", "") for event in run.events())


def test_a_run_whose_trainer_died_before_it_took_it_up_waits_again_at_once(queue, trainer):
    run = queue.submit(TINY, run_store.new_key())
    run.file("events.jsonl").unlink()
    trainer.over.append((run, 1))
    trainer.at_work.clear()
    trainer.free = 0
    queue.dispatch()
    assert run_state.of(run).name == "queued" and queue.place(run) == 1


def test_ended_runs_are_not_read_again_until_something_changes_in_their_folder(queue, trainer, monkeypatch):
    ended = queue.submit(TINY, run_store.new_key())
    trainer.finish()
    queue.dispatch()
    looked_at = []
    before = run_state.waits_for_trainer
    monkeypatch.setattr(
        run_state, "waits_for_trainer", lambda run: looked_at.append(run.folder) or before(run)
    )
    queue.dispatch()
    assert looked_at == []
    ended.file("more-epochs").touch()
    queue.dispatch()
    assert looked_at == [ended.folder]


def test_nobody_fills_the_queue_alone_but_a_sweep_may_be_longer(queue, trainer, monkeypatch):
    set_limits(monkeypatch, waiting_runs=2, waiting_in_sweeps=3)
    trainer.free = 0
    key = run_store.new_key()
    for _ in range(2):
        queue.submit(TINY, key)
    with pytest.raises(RunError, match="At most 2 of your runs may wait"):
        queue.submit(TINY, key)
    for _ in range(3):
        queue.submit(TINY, key, sweep="s")
    with pytest.raises(RunError, match="At most 3 of runs of your sweeps may wait"):
        queue.submit(TINY, key, sweep="s")
    queue.submit(TINY, run_store.new_key())


def test_many_clicks_at_once_take_no_more_places_than_one_visitor_has(queue, trainer, monkeypatch):
    set_limits(monkeypatch, waiting_runs=4)
    trainer.free = 0
    key = run_store.new_key()

    def submit(_):
        with contextlib.suppress(RunError):
            queue.submit(TINY, key)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(submit, range(12)))
    assert len(run_store.list_runs(key)) == 4


def test_a_full_disk_is_said_in_one_sentence(queue, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_json", full)
    with pytest.raises(RunError, match="could not be kept: No space left on device"):
        queue.submit(TINY, run_store.new_key())


def ended_run(key, created, size=1000):
    run = run_store.create(TINY, key)
    header = {"settings": TINY.to_dict(), "name": "", "created": created}
    files.write_json(run.file("settings.json"), header)
    run.file("model.tflite").write_bytes(b"x" * size)
    files.write_json(run.file("card.json"), {"stopped": False})
    return run_folder.Run(run.folder)


def test_a_visitors_oldest_ended_runs_make_room_for_new_ones(monkeypatch):
    set_limits(monkeypatch, kept_runs=3)
    key, other = run_store.new_key(), run_store.new_key()
    mine = [ended_run(key, created=i) for i in range(4)]
    theirs = ended_run(other, created=0)
    waiting = run_store.create(TINY, key)
    tidying.tidy(key)
    assert {run.id for run in run_store.list_runs(key)} == {mine[2].id, mine[3].id, waiting.id}
    assert theirs.folder.exists()


def test_the_disk_is_bounded_over_everybody_oldest_first(monkeypatch):
    set_limits(monkeypatch, kept_megabytes=3)
    kept = [ended_run(run_store.new_key(), created=i, size=900_000) for i in range(5)]
    tidying.tidy(run_store.new_key())
    assert [run.folder.exists() for run in kept] == [False, False, True, True, True]


def test_a_training_that_would_not_fit_is_refused_in_one_sentence_and_leaves_no_folder(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 300 * 2**20)
    key = run_store.new_key()
    with pytest.raises(RunError, match=r"needs about \d.\d GB of free memory, and this machine has 0.3 GB"):
        run_queue.Queue(backends.here(1)).submit(TINY, key)
    assert run_store.list_runs(key) == []


def test_a_large_batch_of_a_large_network_counts_as_more_memory():
    usual = Settings.for_architecture("deeper-cnn")
    assert memory.trainer_bytes(usual) == memory.TRAINER_BYTES == memory.trainer_bytes(TINY)
    assert memory.trainer_bytes(replace(usual, batch_size=1024)) > memory.trainer_bytes(usual) + 2**28


def test_two_hundred_keys_from_one_address_do_not_fill_the_queue(queue, monkeypatch):
    monkeypatch.setenv("DIGITLAB_WAITING_AT_AN_ADDRESS", "5")
    monkeypatch.setenv("DIGITLAB_WAITING_IN_ALL", "8")
    queue.backend.free = 0
    taken, said = 0, set()
    for _ in range(20):
        try:
            queue.submit(TINY, run_store.new_key(), address="198.51.100.9")
            taken += 1
        except RunError as error:
            said.add(str(error)[:27])
    assert (taken, said) == (5, {"5 runs from your network wa"})
    pupils = [queue.submit(TINY, run_store.new_key(), address="203.0.113.7") for _ in range(3)]
    with pytest.raises(RunError, match="8 runs wait in the queue, the most"):
        queue.submit(TINY, run_store.new_key(), address="192.0.2.1")
    queue.stop(pupils[0])
    queue.submit(TINY, run_store.new_key(), address="203.0.113.7")


def test_a_run_that_has_left_the_queue_gives_back_its_addresss_place(queue, trainer, monkeypatch):
    monkeypatch.setenv("DIGITLAB_WAITING_AT_AN_ADDRESS", "1")
    trainer.free = 1
    for number in range(3):  # the first is trained, so one waits
        if number == 2:
            with pytest.raises(RunError, match="from your network"):
                queue.submit(TINY, run_store.new_key(), address="203.0.113.7")
            trainer.finish()
            queue.dispatch()
        queue.submit(TINY, run_store.new_key(), address="203.0.113.7")


@pytest.mark.parametrize("host", ["small", "cloud", "laptop"])
def test_thirty_students_behind_one_router_can_have_two_waiting_runs_each(host):
    allowed = limits.PROFILES[host]
    assert allowed.waiting_at_an_address >= 60
    assert allowed.waiting_in_all > allowed.waiting_at_an_address


def test_on_a_full_disk_runs_wait_and_no_new_ones_are_accepted(monkeypatch):
    key = run_store.new_key()
    waiting = run_store.create(TINY, key)
    monkeypatch.setattr(disk, "free_bytes", lambda: 10 * 2**20)
    queue = run_queue.Queue(backends.here(1))
    queue.dispatch()
    assert queue.short_of_space and not queue.short_of_memory
    assert run_state.of(waiting).name == "queued" and not waiting.file("started").exists()
    with pytest.raises(RunError, match=r"needs up to \d+ MB of it, and 10 MB are free"):
        queue.submit(TINY, key)
    assert [run.id for run in run_store.list_runs(key)] == [waiting.id]


def test_when_the_disk_is_almost_full_old_ended_runs_go_and_recent_ones_stay(monkeypatch):
    old, older = (ended_run(run_store.new_key(), created=created) for created in (2.0, 1.0))
    young = ended_run(run_store.new_key(), created=time.time())
    monkeypatch.setattr(disk, "free_bytes", lambda: 2**40 if not older.folder.exists() else 0)
    tidying.make_space()
    assert [run.folder.exists() for run in (older, old, young)] == [False, True, True]
    monkeypatch.setattr(disk, "free_bytes", lambda: 0)
    tidying.make_space()
    assert [run.folder.exists() for run in (old, young)] == [False, True]
