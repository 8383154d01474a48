"""Changes to networks, training and runs."""

from benchmarks.support.mutants.mutant import of

MUTANTS = [
    *of(
        "networks/classifier",
        ("the temperature works the wrong way", "** (1 / temperature)", "** temperature"),
        ("digitness is what is no digit", "1 - outputs[:, -1]", "outputs[:, -1]"),
        ("only the best class makes a digit", "[:, :-2].sum(1)", "[:, :-1].sum(1)"),
        ("a hundred percent is said", "if self.confidence >= 0.9995", "if self.confidence > 1"),
        ("what is no digit may be accepted", "accepted = is_digit and confidence", "accepted = confidence"),
        (
            "a batch keeps its first part",
            "range(0, len(pictures), _CHUNK)]",
            "range(0, min(len(pictures), 1), _CHUNK)]",
        ),
    ),
    *of(
        "networks/model_store",
        ("a file of other bytes is loaded", "if file_sha256(path) != expected:", "if False:"),
        (
            "the default network is last",
            "key=lambda name: name != DEFAULT_MODEL",
            "key=lambda name: name == DEFAULT_MODEL",
        ),
        (
            "a finished run is read from its draft",
            "if draft.is_file() and not card.is_file() else",
            "if draft.is_file() else",
        ),
    ),
    *of(
        "networks/settings",
        ("the last small batch is no step", "math.ceil(self.n_train", "math.floor(self.n_train"),
    ),
    *of(
        "networks/ranges",
        ("true is a number", "if isinstance(value, bool) or not", "if not"),
        (
            "the highest value is too high",
            "if not self.low <= value <= self.high:",
            "if not self.low <= value < self.high:",
        ),
    ),
    *of(
        "networks/architectures",
        (
            "batch normalisation has half its parameters",
            "self.shape, 4 * filters)",
            "self.shape, 2 * filters)",
        ),
        ("no output for what is no digit", " + (settings.negatives > 0)", ""),
        (
            "multiplications are parameters",
            "layer.parameters * math.prod(layer.output_shape[:-1])",
            "layer.parameters",
        ),
    ),
    *of("training/learning_rate", ("the warm-up is twice as long", "WARM_UP = 0.25", "WARM_UP = 0.5")),
    *of(
        "runs/turns",
        (
            "who has many runs goes first with all",
            "order.append(((ahead[run.owner], since,",
            "order.append(((since,",
        ),
        ("a run at work gives no place away", "ahead = Counter(training)", "ahead = Counter()"),
        ("the longest run is waited for first", "sorted(busy)[-places:]", "sorted(busy)[:places]"),
        ("exporting takes no time", "max(0.0, run.seconds - run.fitting)", "0.0"),
    ),
    *of(
        "runs/queue",
        ("places are never taken", "self.backend.places() - len(look.training)", "self.backend.places()"),
        (
            "no room for one is room for the next",
            "  # it may fit when another run has ended\n                    break",
            "",
        ),
    ),
    *of("runs/admission", ("one more than allowed may wait", "if count >= most:", "if count > most:")),
    *of(
        "runs/tidying",
        (
            "one run more is kept",
            "mine[max(0, allowed.kept_runs - 1) :]",
            "mine[max(0, allowed.kept_runs) :]",
        ),
    ),
    *of(
        "runs/state",
        ("a run that kills its trainers is tried on", "MOST_RELAUNCHES = 3", "MOST_RELAUNCHES = 30"),
        (
            "what is being replaced is complete",
            "run.file(paths.CARD).exists() and not replaced and",
            "run.file(paths.CARD).exists() and",
        ),
    ),
    *of("runs/requests", ("a recording can be changed", "if run.recorded:", "if False:")),
    *of(
        "runs/run_folder",
        ("a step is a pause", ".exists() and not self.file(paths.STEP).exists()", ".exists()"),
    ),
    *of(
        "runs/events",
        ("a line after a half line is lost", '("\\n" if torn else "")', '""'),
        (
            "what is learnt again counts twice",
            'event["epoch"] <= resumed["epoch"]',
            'event["epoch"] >= 0',
        ),
        ("half a line is an event", 'data[: data.rfind(b"\\n") + 1]', "data"),
    ),
    *of(
        "runs/sweep",
        (
            "all runs of a sweep may wait, and be deleted",
            "return min(allowed.waiting_in_sweeps",
            "return max(allowed.waiting_in_sweeps",
        ),
        ("of equal runs the worse is best", "-(row.loss or 0.0)", "(row.loss or 0.0)"),
    ),
    *of(
        "runs/extra_digits",
        ("any label is a digit", " or labels.max() > 9:", ":"),
        ("any number of digits is taken", "not 0 < len(labels) <= MOST", "not 0 < len(labels)"),
    ),
]
