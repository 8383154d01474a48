"""A run's curves: what is read, how it is thinned, and that the live chart keeps a visitor's zoom."""

import json
import time

import numpy as np
import pytest

from benchmarks.support import driving
from digitcore.networks.settings import Settings
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.history import History, duration, thin
from pages.parts.train import curves
from pages.shared import confusion_matrix


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def run():
    return run_store.create(Settings(epochs=2), run_store.new_key())


def batch(run, epoch, number, of=10, loss=0.5):
    step = (epoch - 1) * of + number
    run.append_event(
        "batch",
        epoch=epoch,
        batch=number,
        batches=of,
        step=step,
        loss=loss,
        accuracy=0.9,
        learning_rate=0.001,
    )


def epoch(run, number):
    values = {"loss": 0.3, "accuracy": 0.9, "val_loss": 0.2, "val_accuracy": 0.95}
    run.append_event("epoch", epoch=number, epochs=2, **values, learning_rate=0.001, seconds=1.5, best=True)


def test_a_history_reads_on_and_a_half_line_waits_for_its_other_half(run):
    batch(run, 1, 5)
    history = History(2).read(run)
    assert history.points == [(0.5, 0.5, 0.9, 0.001)]
    line = '{"event": "batch", "time": 1, "epoch": 2, "batch": 10, "batches": 10, "step": 20, '
    with run.file("events.jsonl").open("a") as file:
        file.write(line)
    assert len(history.read(run).points) == 1
    with run.file("events.jsonl").open("a") as file:
        file.write('"loss": 0.25, "accuracy": 1.0, "learning_rate": 0.01}\n')
    assert history.read(run).points == [(0.5, 0.5, 0.9, 0.001), (2.0, 0.25, 1.0, 0.01)]
    assert len(history.read(run).points) == 2


def test_progress_counts_batches_and_epochs_and_the_time_left(run):
    history = History(2)
    assert history.share == 0 and history.seconds_left is None
    for second, step in ((100.0, 2), (104.0, 6)):
        line = {"event": "batch", "time": second, "epoch": 1, "batch": step, "batches": 10, "step": step}
        with run.file("events.jsonl").open("a") as file:
            file.write(json.dumps(line | {"loss": 1.0, "accuracy": 0.5, "learning_rate": 0.1}) + "\n")
    history.read(run)
    assert history.share == pytest.approx(0.3)
    assert history.seconds_left == pytest.approx(14.0)
    assert history.progress_text() == "Epoch 1 of 2, batch 6 of 10, about 14 s left"
    run.append_event("validation", epoch=1, batch=3)
    assert "validating" in history.read(run).progress_text()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (98, "98 s"), (180, "3 min"), (4800, "80 min"), (7200, "2 h 0 min")]
)
def test_durations_are_said_as_people_say_them(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize("n", [0, 1, 599, 600, 601, 1000, 1203, 10_000, 99_999])
def test_thinning_keeps_the_ends_and_every_extreme_within_its_limit(n):
    y = np.random.default_rng(n).normal(size=n)
    kept = thin(np.arange(n), y, 600)
    assert len(kept) <= 600
    assert (np.diff(kept) > 0).all()
    if n:
        assert kept[0] == 0 and kept[-1] == n - 1
        assert y[kept].max() == y.max() and y[kept].min() == y.min()


def test_a_growing_curve_keeps_the_points_it_has_shown():
    y = np.random.default_rng(0).normal(size=5000)
    before, after = (set(thin(np.arange(n), y[:n], 600)) for n in (4000, 4100))
    shared = {i for i in before if i < 3900}
    assert shared == {i for i in after if i < 3900}


def test_curves_hold_batches_and_both_kinds_of_epochs(run):
    batch(run, 1, 5)
    batch(run, 1, 10)
    epoch(run, 1)
    table = curves.table(History(2).read(run), "accuracy")
    rows = {tuple(row) for row in table.to_numpy().tolist()}
    assert rows == {
        (0.5, 0.9, "batches"),
        (1.0, 0.9, "batches"),
        (1.0, 0.9, "training"),
        (1.0, 0.95, "validation"),
    }


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("scale", ["MISTAKES", "RIGHT"])
def test_numbers_stand_out_on_every_shade_of_the_confusion_matrix(scale, light):
    first, last = getattr(confusion_matrix, scale)[light]
    for share in np.linspace(0, 1, 50):
        c = (first + share * (last - first)) / 255
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        ground = float(linear @ [0.2126, 0.7152, 0.0722])
        ink = {"black": 0.0, "white": 1.0}[confusion_matrix.readable_on(c * 255)]
        assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) >= 4.5


LIVE = "[data-testid=stVegaLiteChart]"
# What is drawn in the first live chart.
LINES = """chart => [...document.querySelector(chart).querySelectorAll("svg path")]
  .map((path) => path.getAttribute("d")).join()"""


def axis(page):
    """What stands on the first live chart's axes."""
    return page.locator(LIVE).first.locator("svg text").all_text_contents()


def settled(page, but=None):
    """The axis once it is the same twice in a row, and not as it was before."""
    last = None
    for _ in range(100):
        now = axis(page)
        if now and now == last and now != but:
            return now
        last = now
        time.sleep(0.3)
    pytest.fail(f"the axis stayed at {but}" if last == but else "the axis never came to rest")


def test_a_live_chart_is_never_replaced_and_keeps_its_zoom_while_the_run_goes_on(
    page, app_url, app_runs, monkeypatch
):
    monkeypatch.setenv("DIGITLAB_RUNS", str(app_runs))
    key = run_store.new_key()
    run = run_store.create(Settings(epochs=2), key)
    with run.lock():  # before it is started: the server would train it
        run_state.mark_started(run)
        run.append_event("state", state="running")
        for number in range(1, 40):
            batch(run, 1, number, of=100, loss=2 / number)
        driving.open_page(page, f"{app_url}/?key={key}")
        page.get_by_role("link", name="Train", exact=True).first.click()
        page.wait_for_selector(f"{LIVE} svg")
        page.evaluate("chart => { window.before = document.querySelector(chart + ' svg') }", LIVE)
        page.locator(LIVE).first.scroll_into_view_if_needed()
        whole = settled(page)
        box = page.locator(LIVE).first.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.wheel(0, -1200)  # at once, so that the axis changes once
        zoomed = settled(page, but=whole)
        lines = page.evaluate(LINES, LIVE)
        for number in range(40, 100):
            batch(run, 1, number, of=100, loss=2 / number)
        page.get_by_text("batch 99 of 100").wait_for()
        epoch(run, 1)
        page.wait_for_function(f"([chart, before]) => ({LINES})(chart) !== before", arg=[LIVE, lines])
        assert axis(page) == zoomed
        assert page.evaluate("window.before.isConnected")
        run.append_event("state", state="stopped")  # or the server would train it once the lock is free
