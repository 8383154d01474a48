"""The blocks of figures in the READMEs, from what commands have measured; `benchmarks.readme` writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.support import readme_hosts, readme_speed, record
from benchmarks.support.readme_figures import duration, listed
from digitcore.evaluation.published import CELLS, KINDS, as_sent
from digitcore.networks import architectures, model_store
from digitcore.networks.recipes import RECIPES
from digitcore.networks.settings import Settings


def result() -> str:
    """The default model's result, in one sentence."""
    card = model_store.card(default_model())
    test, seeds = card["test"], card.get("seeds", [])
    further = ", continuing an earlier training," if "start" in card else ""
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
    """How well the app's network reads: MNIST, other people's handwriting, numbers, and non-digits."""
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
        rows.append((f"Non-digits: {what}", f"{n:,}", "", f"{count / n:.1%}", str(n - count), ""))
    usual = record.read("handwriting")["usual"]
    return "\n".join(
        [
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            f"By `{name}`. As sent: without a hint, exactly the right text and no “?”. A number is right if "
            "all of its digits are; for non-digits, right means refused. The usual way: "
            f"{usual}. {hands(strings)}Measured by `python -m benchmarks.as_read`, `.handwriting`, "
            "`.strings` and `.not_a_digit`.",
        ]
    )


def hands(strings: dict[str, Any]) -> str:
    """How much it matters who wrote the digits of which numbers are composed; "" where nobody measured it."""
    if "by students" not in strings["touching"]:
        return ""
    touching, validation = strings["touching"], record.read("strings")["touching"]
    shares = {
        name: f"{counts['exact'] / counts['strings']:.1%}"
        for name, counts in (
            ("students", touching["by students"]),
            ("employees", touching["by employees"]),
            ("validation", validation),
        )
    }
    return (
        "Numbers are composed of MNIST's test digits: where they touch, "
        f"{shares['students']} of those by high-school students are right, and {shares['employees']} of "
        "those by employees of the Census Bureau. Validation digits, whose writers are among those of the "
        f"training digits, give {shares['validation']}. "
    )


def networks() -> str:
    """Every network with its recipe; layers and parameters as the Train page shows them."""
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


def tested() -> str:
    """The platforms on which the pinned versions can be installed, from benchmarks/results/pins.json."""
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
    "speed": readme_speed.speed,
    "lab": readme_speed.lab,
    "memory": readme_hosts.memory,
    "classroom": readme_hosts.classroom,
    "cloud": readme_hosts.cloud,
    "tested": tested,
}


def default_model() -> str:
    """The model that the app reads with."""
    return model_store.shipped()[0]
