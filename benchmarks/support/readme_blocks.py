"""The blocks of figures in the READMEs, from the files of commands; `benchmarks.readme` writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.support import record
from digitcore.evaluation.published import CELLS, KINDS, as_sent
from digitcore.limits import PROFILES
from digitcore.networks import architectures, model_store
from digitcore.networks.settings import RECIPES, Settings
from digitcore.runs.memory import TRAINER_BYTES

MEMORY = "python -m benchmarks.startup_and_memory"
LIMITS = {
    "trainers": "Trainings at once",
    "waiting_runs": "A visitor's runs in line",
    "waiting_in_sweeps": "The same, in sweeps",
    "waiting_at_an_address": "Runs in line from one address, such as a school's router",
    "waiting_in_all": "Runs in line in all",
    "unread_megabytes": "Uploads that no page has read yet, MB a session",
    "unread_megabytes_in_all": "The same, MB in all (an address: half of it)",
    "kept_runs": "Ended runs kept, a visitor",
    "kept_megabytes": "Ended runs kept, MB in all",
    "runs_a_trainer": "Runs that one trainer takes before a fresh one",
    "idle_seconds": "Seconds that a trainer waits for another run",
    "paused_seconds": "Seconds of pause after which a run gives its place away",
    "class_drawings_per_student": "A class: drawings of a student",
    "class_drawings": "A class: drawings in all",
    "class_days": "A class: days until everything is deleted",
}


def result() -> str:
    """The default model's result, in one sentence."""
    card = model_store.card(default_model())
    test, seeds = card["test"], card.get("seeds", [])
    further = ", further to an earlier training," if "start" in card else ""
    line = (
        f"**{card['title']}** reads **{test['accuracy']:.2%}** of MNIST's {test['n']:,} test digits: "
        f"**{test['misses']} misses**, with {card['parameters']:,} parameters, learnt from "
        f"{card['dataset']['n_train']:,} digits in {duration(card['seconds'])}{further} on a processor "
        "without a GPU"
    )
    if len(seeds) > 1:
        misses = listed([str(seed["test_misses"]) for seed in seeds])
        line += f" (of {len(seeds)} seeds with {misses} misses the {CHOSEN[card.get('choice', 'median')]})"
    else:
        line += " (one seed)"
    one = record.read("bytes_to_answer")[default_model()]["milliseconds"]
    return f"{line}. From the bytes of a drawing to its answer: {one:.1f} ms."


def models() -> str:
    """Every shipped model, from its card."""
    rows = []
    for name in model_store.shipped():
        card = model_store.card(name)
        size = card["files"][f"{name}.tflite"]["bytes"] / 1e3
        test = card["test"]
        rows.append(
            f"| `{name}` | {test['accuracy']:.2%} | {test['misses']} of {test['n']:,} "
            f"| {card['parameters']:,} | {size:,.0f} kB | {duration(card['seconds'])} |"
        )
    head = "| Model | Test accuracy | Misses | Parameters | File | Learnt in |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows])


def reads() -> str:
    """How well the app's network reads: MNIST, other people's hands, numbers, and what is no digit."""
    name = default_model()
    test, sets = model_store.card(name)["test"], record.read("handwriting")["sets"]
    found = record.read("as_read")
    sent = {row.name: f"{row.accuracy:.1%}" for row in as_sent(found)}
    rows = [
        ("", "Pictures", "As sent: right and sure", "Told it is one digit: right", "Misses", "The usual way"),
        ("---", "---", "---", "---", "---", "---"),
        ("MNIST's test digits", f"{test['n']:,}", "", f"{test['accuracy']:.2%}", str(test["misses"]), ""),
    ]
    for kind, (what, members) in KINDS.items():
        parts = [sets[member] for member in members]
        n = sum(part["n"] for part in parts)
        ours, usual = (sum(part["readers"][who]["misses"] for part in parts) for who in (name, "usual"))
        right = f"{1 - ours / n:.1%}", str(ours), f"{1 - usual / n:.1%}"
        rows.append((f"{kind}: {what}", f"{n:,}", sent[kind], *right))
    for kind, (what, members) in CELLS.items():
        rows.append((f"{kind}: {what}", f"{found['sets'][members[0]]['n']:,}", sent[kind], "", "", ""))
    pages = found["pages"]
    share = f"{pages['exact']} exact"
    rows.append(("Photographed and scanned pages", f"{pages['pages']}", share, "", "", ""))
    strings = record.read("strings_test")
    for part, title in (("apart", "Numbers of five digits"), ("touching", "The same, digits touching")):
        n, exact = strings[part]["strings"], strings[part]["exact"]
        rows.append((title, f"{n:,}", f"{exact / n:.1%}", "", str(n - exact), ""))
    refused = record.read("not_a_digit_test")["refused"]
    for part, what in (("Fashion-MNIST", "clothes"), ("notMNIST without I", "letters in fonts")):
        n, count = refused[part]["n"], refused[part]["count"]
        rows.append((f"No digits: {what}", f"{n:,}", "", f"{count / n:.1%}", str(n - count), ""))
    usual = record.read("handwriting")["usual"]
    return "\n".join(
        [
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            f"By `{name}`. As sent: with no hint, the right text and nothing but it, without a “?”. A number "
            "is right where each of its digits is; of what is no digit, right means refused. The usual way: "
            f"{usual}. `python -m benchmarks.as_read`, `.handwriting`, `.strings` and `.not_a_digit` count "
            "it.",
        ]
    )


def networks() -> str:
    """Every network by name with its recipe, by the arithmetic that the Train page shows."""
    rows = []
    for name, recipe in RECIPES.items():
        settings = Settings.for_architecture(name)
        text = ", ".join(
            layer.text
            for layer in architectures.layers(settings)
            if layer.kind in ("Conv2D", "Dense") or (layer.kind == "Dropout" and name == "custom")
        )
        for detail in (", relu", ", softmax", ", 3×3", "2D"):
            text = text.replace(detail, "")
        rows.append(
            f"| `{name}` | {text} | {architectures.parameter_count(settings):,} | {recipe['epochs']} |"
        )
    head = "| Network | Layers with weights | Parameters | Epochs |\n|---|---|---|---|"
    return "\n".join([head, *rows])


def speed() -> str:
    """How long answers take, against TensorFlow, each with the command that prints it."""
    serving, path = record.read("serving"), record.read("bytes_to_answer")
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
            f"{training['epoch_cpu_seconds']['ours, reporting']:.1f} s (of it for the live reports: "
            f"{training['reporting_alone_in_cpu_time_percent']:+.1f} %)",
            f"{training['epoch_cpu_seconds']['plain']:.1f} s with plain `fit`",
            f"`{training['command']}`",
        ),
    ]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", f"Medians, {machine(serving)}"])


def lab() -> str:
    """Training, a class and a cluster, as far as they were measured: each row is from its own command."""
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
        f"{fastest:.0f} to {slowest:.0f} s for {misses} misses; learning {times['training']:.1f} times, "
        f"start to saved model {times['start_to_saved']:.1f} times as fast as Keras's `mnist_convnet` to "
        f"{kept['floor']:.0%} (medians of {len(rounds)} seeds)"
    )


def _quick_runs(kept: dict[str, Any]) -> str:
    warm, cold = kept["warm"], kept["cold"]
    loading, fresh = (way["seconds_a_run"]["loading"] for way in (warm, cold))
    return (
        f"{warm['finished']} of {warm['runs']} in {warm['minutes']:.1f} minutes; loading takes a run "
        f"{loading:.1f} s, with a fresh trainer {fresh:.1f} s"
    )


def _classroom(kept: dict[str, Any]) -> str:
    steady, restart = kept["steady"], kept["restart"]
    return (
        f"{steady['strokes']} strokes, {steady['uploads']} uploads, {steady['runs_started']} runs: "
        f"{steady['errors']} errors, stroke to answer p95 {steady['stroke_seconds']['p95']:.2f} s, server "
        f"{mb(steady['server_mb']['highest'])} at most; with the server killed in the middle "
        f"{restart['errors']} errors, {restart['runs_by_state'].get('finished', 0)} of "
        f"{restart['runs_started']} runs finished"
    )


def _wall(kept: dict[str, Any]) -> str:
    return (
        f"median {kept['median_seconds']:.1f} s, p95 {kept['p95_seconds']:.1f} s, {kept['errors']} "
        "errors; the "
        f"server uses {kept['server_cores']:.2f} cores for {kept['watchers']} who watch"
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


LAB = (
    ("sprint", "`train --architecture sprint`", _sprint),
    ("quick_runs", "Thirty press Start at once (MLP, 10,000 digits)", _quick_runs),
    ("classroom", "Thirty sessions on one server, five minutes", _classroom),
    ("wall", "A class of thirty looks at its wall: a drawing sent to seen", _wall),
    ("crashes", "Trainers and apps killed at random", _crashes),
    ("cluster", "Dask on this machine", _cluster),
    ("api", "Thirty clients of `python -m digitcore serve`, on the same cores", _api),
)


def memory() -> str:
    """Start and memory, against the same Draw page on TensorFlow."""
    figures = record.read("startup_and_memory")
    app, usual = figures["app"], figures["draw_page_on_tensorflow"]
    reads = sum(app["reads"].values())
    rows = [
        ("", "Digit Lab", "Draw page on TensorFlow"),
        ("---", "---", "---"),
        (
            "Start to first answer",
            seconds(app["first_answer_seconds"]),
            seconds(usual["first_answer_seconds"]),
        ),
        (
            "Server after its first answer",
            mb(app["memory_mb"]["after_first_answer"]),
            mb(usual["memory_mb"]["after_first_answer"]),
        ),
        (f"Server after {reads:,} reads", mb(app["memory_mb"]["after_reads"]), ""),
        (f"Server with {app['visitors']['n']} visitors", mb(app["visitors"]["memory_mb"]), ""),
        ("Server and a training, peak", mb(app["training"]["peak_mb"]), ""),
    ]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", f"`{MEMORY}`, {machine(figures)}"])


def classroom() -> str:
    """What a class needs, from the measured memory and the limits of hosts."""
    app = record.read("startup_and_memory")["app"]
    n = app["visitors"]["n"]
    rows = [("Limit", "1 GB", "2.7 GB", "laptop"), ("---", "---:", "---:", "---:")]
    for name, text in LIMITS.items():
        values = (f"{getattr(PROFILES[host], name):,}" for host in ("small", "cloud", "laptop"))
        rows.append((f"{text} (`DIGITLAB_{name.upper()}`)", *values))
    return "\n".join(
        [
            f"* **Drawing and uploading**: {n} visitors with a drawing each take "
            f"{mb(app['visitors']['memory_mb'])} in all, and an answer takes milliseconds of one core.",
            "* **Training**: everybody stands in line once, whoever has several runs goes back to its end "
            "after each; a waiting run shows its place and about when it starts. A trainer wants about "
            f"{TRAINER_BYTES / 2**30:.1f} GB of free memory and a core; of ended runs the oldest is deleted "
            "first.",
            "* **Limits** by the size of the host, which its memory tells, or `DIGITLAB_HOST` "
            "(`small`, `cloud`, `laptop`); each can be set alone:",
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]
    )


def cloud() -> str:
    """Measured memory, for comparison with Community Cloud's limits."""
    app = record.read("startup_and_memory")["app"]
    reads = sum(app["reads"].values())
    return (
        f"Digit Lab's server takes {mb(app['memory_mb']['after_reads'])} after {reads:,} reads, "
        f"and {mb(app['training']['peak_mb'])} with a training beside it."
    )


def tested() -> str:
    """Where the pins resolve, from benchmarks/results/pins.json."""
    rows = record.read("pins")["rows"]
    pythons = sorted({row["python"] for row in rows if row["resolves"]}, key=lambda v: int(v.split(".")[1]))
    there = list(dict.fromkeys(row["platform"] for row in rows if row["resolves"]))
    absent = list(dict.fromkeys(row["platform"] for row in rows if not row["resolves"]))
    return (
        f"Python {pythons[0]} to {pythons[-1]} on {listed(there)} (not on {listed(absent, 'or')}, "
        "for which some libraries have no wheels)."
    )


CHOSEN = {"median": "median on the validation digits", "first": "one that reads real handwriting best"}

BLOCKS: dict[str, Callable[[], str]] = {
    "result": result,
    "models": models,
    "reads": reads,
    "networks": networks,
    "speed": speed,
    "lab": lab,
    "memory": memory,
    "classroom": classroom,
    "cloud": cloud,
    "tested": tested,
}


def default_model() -> str:
    """The model that the app reads with."""
    return model_store.shipped()[0]


def duration(value: float) -> str:
    """95.7 -> '96 s'; 1245 -> '21 minutes'."""
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} minutes"


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def mb(value: float) -> str:
    return f"{value:.0f} MB"


def ms(row: dict[str, Any]) -> str:
    value = row["fastest_milliseconds"]
    return f"{value:.3f} ms" if value < 0.1 else f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def times(row: dict[str, Any]) -> str:
    return f"{row['times_slower_at_the_fastest']:,.0f} times"


def machine(figures: dict[str, Any]) -> str:
    """On what it was measured."""
    facts = figures["machine"]
    return f"on {facts['cores']} cores of {facts['processor']}, {figures['date']}."


def listed(names: list[str], last: str = "and") -> str:
    """'a, b and c'."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
