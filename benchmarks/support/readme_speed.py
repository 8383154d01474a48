"""The READMEs' figures of speed: of an answer, against TensorFlow, and of the lab, a class and a cluster."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.support import record
from benchmarks.support.readme_figures import listed, machine, mb, ms, times


def speed() -> str:
    """How long answers take compared with TensorFlow, each with the command that prints it."""
    serving, path = record.read("serving"), record.read("bytes_to_answer")
    page = record.read("page_speed")
    one, every = serving["one_digit"], serving["ten_thousand_digits"]
    batch = min(
        (name for name in every if name.startswith("predict")), key=lambda n: every[n]["milliseconds"]
    )
    latency, training = record.read("draw_latency"), record.read("training_overhead")
    rows = [
        ("", "Digit Lab", "TensorFlow", "Command"),
        ("---", "---", "---", "---"),
        (
            f"One 28×28 picture, `{serving['model']}`, fastest call",
            ms(one["digitcore"]),
            f"{ms(one['predict'])} with `predict` ({times(one['predict'])}), {ms(one['tf.function'])} "
            f"with a `tf.function` ({times(one['tf.function'])})",
            f"`{serving['command']}`",
        ),
        (
            "10,000 pictures",
            f"{every['digitcore']['milliseconds'] / 1000:.2f} s on one core",
            f"{every[batch]['milliseconds'] / 1000:.2f} s with batched `predict` on "
            f"{serving['machine']['cores']} cores",
            "the same",
        ),
        (
            "280×280 PNG to answer",
            f"{path[path['usual_loop']['model']]['milliseconds']:.1f} ms",
            f"{path['usual_loop']['milliseconds']:.0f} ms in the usual loop "
            f"({path['usual_loop']['times_slower']:.0f} times)",
            f"`{path['command']}`",
        ),
        (
            f"A photograph of {page['megapixels']:.0f} megapixels with {page['digits']} digits",
            f"{page['median_seconds']:.1f} s of one core (slowest of {page['pages']}: "
            f"{page['slowest_seconds']:.1f} s)",
            "",
            f"`{page['command']}`",
        ),
        (
            "Pen up to answer in a browser",
            ", ".join(
                f"{latency[part]['p50_seconds']:.2f} s {words}".strip()
                for part, words in (("alone", ""), ("with_training", "with a training beside it"))
                if part in latency
            ),
            "",
            "`python -m benchmarks.draw_latency`",
        ),
        (
            f"An epoch of {training['n_train']:,} pictures, processor time",
            f"{training['epoch_cpu_seconds']['ours, reporting']:.1f} s (of which live reports: "
            f"{training['reporting_alone_in_cpu_time_percent']:+.1f} %)",
            f"{training['epoch_cpu_seconds']['plain']:.1f} s with plain `fit`",
            f"`{training['command']}`",
        ),
    ]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", f"Medians, {machine(serving)}"])


def lab() -> str:
    """Training, a class and a cluster, as far as they have been measured: one row per command."""
    rows = [
        (what, found, f"`{record.read(name)['command']}`")
        for name, what, tell in LAB
        if (record.RESULTS / f"{name}.json").exists()
        for found in [tell(record.read(name))]
    ]
    head = "| What | Found | Command |\n| --- | --- | --- |"
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows)])


def _sprint(kept: dict[str, Any]) -> str:
    rounds, times = kept["rounds"], kept["median_times_faster"]
    misses = listed([str(each["sprint"]["history"][-1]["test_misses"]) for each in rounds])
    fastest, slowest = (edge(each["sprint"]["training_seconds"] for each in rounds) for edge in (min, max))
    return (
        f"{fastest:.1f} to {slowest:.1f} s for {misses} misses; learning {times['training']:.1f} times, "
        f"start to saved model {times['start_to_saved']:.1f} times as fast as Keras's `mnist_convnet` to "
        f"{kept['floor']:.0%} (medians of {len(rounds)} seeds)"
    )


def _quick_runs(kept: dict[str, Any]) -> str:
    warm, cold = kept["warm"], kept["cold"]
    loading, fresh = (way["seconds_a_run"]["loading"] for way in (warm, cold))
    return (
        f"{warm['finished']} of {warm['runs']} in {warm['minutes']:.1f} minutes; loading takes a run "
        f"{loading:.1f} s, or {fresh:.1f} s with a fresh trainer"
    )


def _classroom(kept: dict[str, Any]) -> str:
    steady, restart = kept["steady"], kept["restart"]
    return (
        f"{kept['minutes']:g} minutes, {steady['strokes']} strokes, {steady['uploads']} uploads, "
        f"{steady['runs_started']} runs: "
        f"{steady['errors']} errors, stroke to answer p95 {steady['stroke_seconds']['p95']:.2f} s, server "
        f"{mb(steady['server_mb']['highest'])} at most; with the server killed in the middle "
        f"{restart['errors']} errors, {restart['runs_by_state'].get('finished', 0)} of "
        f"{restart['runs_started']} runs finished"
    )


def _wall(kept: dict[str, Any]) -> str:
    return (
        f"median {kept['median_seconds']:.1f} s, p95 {kept['p95_seconds']:.1f} s, {kept['errors']} "
        f"errors; the server uses {kept['server_cores']:.2f} cores for {kept['watchers']} who watch"
    )


def _crashes(kept: dict[str, Any]) -> str:
    return (
        f"{kept['kills']} kills of {kept['runs']} runs: {kept['corrupt']} corrupt or lost, all others "
        "ended as if undisturbed"
    )


def _cluster(kept: dict[str, Any]) -> str:
    runs, pictures = kept["runs"]["two_to_one"], kept["reading"]["two_to_one"]
    return (
        f"two workers {runs:.2f} times the runs and {pictures:.2f} times the pictures of one, on the same "
        f"{kept['machine']['cores']} cores; a run takes {kept['overhead']['ratio']:.2f} times as long as here"
    )


def _api(kept: dict[str, Any]) -> str:
    drawings, pictures = kept["drawings"], kept["pictures"]
    return (
        f"{drawings['a_second']:.0f} drawings a second, p95 {drawings['p95_ms'] / 1000:.2f} s; "
        f"{pictures['a_second']:.0f} PNG files a second, p95 {pictures['p95_ms'] / 1000:.2f} s; "
        f"{drawings['failed'] + pictures['failed']} failed, "
        f"server {kept['megabytes_after']:.0f} MB"
    )


def _first_batch(kept: dict[str, Any]) -> str:
    cold, warm = (statistics.median(kept[way]["seconds"]) for way in ("cold", "warm"))
    return f"{cold:.1f} s, or {warm:.1f} s with a trainer that has just trained another run"


def _first_load(kept: dict[str, Any]) -> str:
    megabytes = max(each["megabytes"] for each in kept["loads"])
    return f"{kept['median_seconds']:.1f} s, {megabytes:.1f} MB"


LAB = (
    (
        "first_load",
        "A phone opens Draw for the first time: 5 Mbit/s, half speed, until the canvas",
        _first_load,
    ),
    ("first_batch", "From Start to the first batch on the screen, on an idle machine", _first_batch),
    ("sprint", "`train --architecture sprint`", _sprint),
    ("quick_runs", "Thirty students press Start at once (MLP, 10,000 digits)", _quick_runs),
    ("classroom", "Thirty sessions on one server", _classroom),
    ("wall", "Thirty students watch the wall: from sending a drawing to seeing it", _wall),
    ("crashes", "Trainers and apps are killed at random", _crashes),
    ("cluster", "Dask on this machine", _cluster),
    ("api", "Thirty clients of `python -m digitcore serve`, on the same cores", _api),
)
