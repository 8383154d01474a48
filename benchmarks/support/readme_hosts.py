"""The READMEs' figures of hosts: memory as measured, and the limits that follow from it."""

from __future__ import annotations

from benchmarks.support import record
from benchmarks.support.readme_figures import machine, mb, seconds
from digitcore.limits import PROFILES
from digitcore.runs.memory import TRAINER_BYTES

MEMORY = "python -m benchmarks.startup_and_memory"
LIMITS = {
    "trainers": "Trainings at once",
    "waiting_runs": "Waiting runs per visitor",
    "waiting_in_sweeps": "Waiting runs in sweeps, per visitor",
    "waiting_at_an_address": "Waiting runs from one address, such as a school's router",
    "waiting_in_all": "Waiting runs in all",
    "unread_megabytes": "Uploads that no page has read yet, MB per session",
    "unread_megabytes_in_all": "The same, MB in all (one address may use half)",
    "kept_runs": "Ended runs kept per visitor",
    "kept_megabytes": "Ended runs and data sets kept, MB in all",
    "kept_datasets": "Data sets of their own kept per visitor",
    "runs_a_trainer": "Runs per trainer before a fresh one replaces it",
    "idle_seconds": "Seconds for which an idle trainer waits for another run",
    "paused_seconds": "Seconds of pause after which a run gives up its place",
    "class_drawings_per_student": "A class: drawings per student",
    "class_drawings": "A class: drawings in all",
    "class_days": "A class: days until everything is deleted",
}


def memory() -> str:
    """Start and memory, compared with the same Draw page on TensorFlow."""
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
    """What a class needs: from the memory as measured and the limits of hosts."""
    app = record.read("startup_and_memory")["app"]
    n = app["visitors"]["n"]
    rows = [("Limit", "1 GB", "2.7 GB", "laptop"), ("---", "---:", "---:", "---:")]
    for name, text in LIMITS.items():
        values = (f"{getattr(PROFILES[host], name):,}" for host in ("small", "cloud", "laptop"))
        rows.append((f"{text} (`DIGITLAB_{name.upper()}`)", *values))
    return "\n".join(
        [
            f"* **Drawing and uploading**: {n} visitors with one drawing each take "
            f"{mb(app['visitors']['memory_mb'])} in all, and an answer takes milliseconds of one core.",
            "* **Training**: everybody is in the queue once and goes back to its end after each of their "
            "runs; a waiting run shows its place and roughly when it will start. A trainer needs about "
            f"{TRAINER_BYTES / 2**30:.1f} GB of free memory and a core. Of the runs that have ended, the "
            "oldest is deleted first.",
            "* **Limits** depend on the size of the host, judged by its memory or given by `DIGITLAB_HOST` "
            "(`small`, `cloud`, `laptop`); each can also be set by itself:",
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
