"""Changes that no test may let pass: to constants and comparisons, and steps left out or in another order.

Each is what a typing mistake, or a simplification that went too far, would leave. `benchmarks.mutations`
makes them one at a time and runs the tests of their wing; a test of the default run checks that each one can
still be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from digitcore.paths import REPOSITORY


@dataclass(frozen=True)
class Mutant:
    """In a file (a path in the repository), a text that stands there exactly once becomes another."""

    file: str
    name: str
    text: str
    replacement: str

    @property
    def wing(self) -> str:
        """The folder of tests for the file: that of its wing of `digitcore`."""
        return self.file.split("/")[1]

    @property
    def tests(self) -> list[str]:
        """The tests of its wing, beginning with those of the file itself where there are any."""
        own = f"tests/{self.wing}/test_{PurePath(self.file).name}"
        return [own, f"tests/{self.wing}"] if (REPOSITORY / own).is_file() else [f"tests/{self.wing}"]

    def applied(self, source: str) -> str:
        """The changed source. ValueError where the text does not stand there exactly once."""
        if (found := source.count(self.text)) != 1:
            raise ValueError(
                f'{self.file} must hold the text of the change "{self.name}" once, got {found} times.'
            )
        return source.replace(self.text, self.replacement)


def _of(file: str, *changes: tuple[str, str, str]) -> list[Mutant]:
    return [Mutant(f"digitcore/{file}.py", *change) for change in changes]


MUTANTS = [
    *_of(
        "reading/parts",
        (
            "what is far larger than the rest stays",
            "return rest if (size[rest] > CORE * size[rest].max(initial=0)).sum() > 1 else able",
            "return able",
        ),
        ("CORE halved", "CORE = 0.4", "CORE = 0.2"),
        ("no second strength pass", "if found.writing.any():  # ink", "if False:  # what"),
        ("frames are writing", "if sides == 4 or (", "if sides == 5 or ("),
        ("what the table's edge leaves is writing", "seen &= ~(beside | below)", "seen &= ~(beside & below)"),
        ("faint print is writing", "FAINT = 0.4", "FAINT = 0.0"),
    ),
    *_of(
        "reading/layout",
        ("lines that slope are not levelled", "if len(slopes) > 1 else 0.0", "if False else 0.0"),
        (
            "the hat of a five is a character of its own",
            "STACKED, TALLEST = 0.2, 1.5",
            "STACKED, TALLEST = 0.0, 1.5",
        ),
        (
            "characters stand above one another without end",
            "STACKED, TALLEST = 0.2, 1.5",
            "STACKED, TALLEST = 2.0, 9.0",
        ),
        (
            "rows from the bottom up",
            "return sorted(rows, key=lambda row: np.mean(",
            "return sorted(rows, key=lambda row: -np.mean(",
        ),
    ),
    *_of(
        "reading/as_one",
        ("two digits far apart are one", " or _far_apart(lines):", ":"),
        (
            "a digit cut through is two",
            "if w < WIDE * h:\n        return True",
            "if w < WIDE * h:\n        return False",
        ),
    ),
    *_of(
        "reading/lines",
        (
            "a whole digit is sure at once",
            "SURE_OF_WHOLE, SURE_OF_CUT = 0.45, 0.5",
            "SURE_OF_WHOLE, SURE_OF_CUT = 0.05, 0.5",
        ),
        (
            "a cut digit is sure at once",
            "SURE_OF_WHOLE, SURE_OF_CUT = 0.45, 0.5",
            "SURE_OF_WHOLE, SURE_OF_CUT = 0.45, 0.05",
        ),
        (
            "what the picture's side cuts is kept",
            "or not (h < SECOND * tall or cut_off)",
            "or not h < SECOND * tall",
        ),
        ("dots are kept", "or not (h < SECOND * tall or cut_off)", "or not cut_off"),
        ("lines of no digits are kept", "POOR = 0.3", "POOR = 0.0"),
        ("one sure digit is enough for several", "SURE = 0.8", "SURE = 0.0"),
        (
            "boxes are at working size",
            "round(value / scale) for value in piece.box",
            "round(value) for value in piece.box",
        ),
    ),
    *_of(
        "reading/quick_look",
        ("small second digits are not looked for", "QUICK_SECOND = 0.25", "QUICK_SECOND = 0.9"),
    ),
    *_of(
        "reading/lattice",
        ("a gap costs nothing", "gap: float = 6.0", "gap: float = 0.0"),
        ("being low costs nothing", "low: float = 2.0", "low: float = 0.0"),
        ("being wide costs nothing", "wide: float = 0.02", "wide: float = 0.0"),
        ("where a digit was read does not count", "away: float = 10.5", "away: float = 0.0"),
        ("a digit may be as wide as a line", "WIDEST = 1.6", "WIDEST = 16"),
    ),
    *_of(
        "reading/fusion",
        ("the line reader does not count", "READER_COUNTS = 0.77", "READER_COUNTS = 0.0"),
        ("the pieces do not count", "READER_COUNTS * value - price", "READER_COUNTS * value"),
        ("the likeliest text alone", "TEXTS = 8", "TEXTS = 1"),
        (
            "the digitness of whole pieces does not count",
            "(1.0 if is_cut else float(answers.digitness[number]))",
            "1.0",
        ),
        ("a text with one digit more takes nothing away", "tally[i, text[i]] -= option.weight", "pass"),
    ),
    *_of(
        "reading/characters",
        ("nothing is taken apart", "SURE = 0.9", "SURE = 0.0"),
        ("sure and wide characters stay", "UNLIKELY = 2.0", "UNLIKELY = 20.0"),
        ("broken digits stay apart", "CLOSE = 0.3", "CLOSE = -9.0"),
    ),
    *_of(
        "reading/cut_paths",
        ("paths do not lean", "SLANTS = (-0.25, 0.0, 0.25, 0.5)", "SLANTS = (0.0,)"),
        ("cuts may cross any ink", "DEEPEST = 0.9", "DEEPEST = 9.0"),
    ),
    *_of(
        "preprocessing/strokes",
        ("soft shades are strokes", "SOFTEST = 0.08", "SOFTEST = 8.0"),
        ("dots are digits", "if size < max(5, 0.03 * max(mask.shape)):", "if size < 1:"),
        (
            "what the edge cuts off is a digit",
            "if cut and (not in_the_middle",
            "if False and (not in_the_middle",
        ),
        ("strokes apart from the heaviest are left out", "NEAR = 0.25", "NEAR = 0.0"),
        (
            "a neighbour at the rim is the digit",
            "AT_THE_RIM, AT_A_SIDE = 0.3, 0.6, 3",
            "AT_THE_RIM, AT_A_SIDE = 0.3, 0, 0",
        ),
        ("a slipped pen is a digit", "return inside.sum() > 0.95 * hull.sum()", "return False"),
    ),
    *_of(
        "preprocessing/normalisation",
        ("the centre of mass is a pixel off", "CENTRE = 14", "CENTRE = 13"),
        ("the digit is 22 pixels high", "BOX = 20", "BOX = 22"),
        ("thin pens stay thin", "THINNEST, PEN = 1.3, 1.7", "THINNEST, PEN = 0.0, 1.7"),
        ("blur widens the box", "side[: reach + 1].max() / 2", "side[: reach + 1].max() / 200"),
    ),
    *_of(
        "preprocessing/paper",
        ("pencil is too faint to be ink", "FAINTEST = 6", "FAINTEST = 60"),
        ("strokes are as wide as shadows", "WIDEST_STROKE = 0.35", "WIDEST_STROKE = 0.02"),
        ("lone specks stay", "(specks > 0.3 * span).mean() > 0.01", "(specks > 0.3 * span).mean() > 1"),
        ("fog stays", "UNEVEN = 0.1", "UNEVEN = 1.1"),
    ),
    *_of(
        "preprocessing/polarity",
        ("white on black is black on white", 'if evidence >= 0 else "light', 'if evidence >= -9 else "light'),
        ("what is too wide for strokes is ink all the same", "+= 2 * _sidedness(small)", "+= 0"),
        (
            "glyphs stretched to their box are inverted",
            "+= _cut_to_pieces(light) - ",
            "-= _cut_to_pieces(light) - ",
        ),
    ),
    *_of(
        "preprocessing/ruled_lines",
        ("ruled lines stay", "COVERED = 0.8", "COVERED = 1.1"),
        ("strokes are cut where lines crossed them", "np.where(mask, bridged, above)", "rest"),
    ),
    *_of(
        "preprocessing/sheet",
        ("the table around a sheet stays", "AROUND = 0.6", "AROUND = 1.6"),
        ("a shadow's edge is a sheet's", "return step >= SHARP * whole", "return True"),
    ),
    *_of(
        "preprocessing/drawn_lines",
        ("a stroke goes with the line that it crosses", "CROSSED = 1.7", "CROSSED = 17"),
        ("circles are lines", "STRAIGHT = 0.25", "STRAIGHT = 25"),
    ),
    *_of("preprocessing/margin", ("a tight number gets no margin", "digits.sum() >= 2 and", "False and")),
    *_of(
        "preprocessing/frame",
        ("the frame of a cell is part of its digit", "found[part] = thin and", "found[part] = False and"),
    ),
    *_of(
        "preprocessing/colour",
        ("red chalk on a green board is blank", "HARDLY = 48, 0.4", "HARDLY = 48, 0.0"),
    ),
    *_of(
        "preprocessing/images",
        (
            "a telephone's photograph lies on its side",
            "6: Image.Transpose.ROTATE_270",
            "6: Image.Transpose.ROTATE_90",
        ),
        (
            "strokes alone lie on a ground of their own colour",
            "(middle >= 128) == card",
            "(middle >= 128) != card",
        ),
        ("sixteen bits keep their lower eight", "np.int64) >> 8", "np.int64) & 255"),
    ),
    *_of(
        "preprocessing/ink",
        ("a stroke is as strong as its strongest pixel", "STRONGEST = 85", "STRONGEST = 100"),
        ("noise of the paper is ink", "levels.paper + 2 * levels.noise", "levels.paper"),
    ),
    *_of("preprocessing/levels", ("ink is a little paler than 1", "BRIGHTEST = 255", "BRIGHTEST = 256")),
    *_of("preprocessing/drawing_link", ("links lose corners", "NEAR = 0.6", "NEAR = 6.0")),
    *_of(
        "preprocessing/archives",
        ("a zip may swell without end", "max(MAX_BYTES, MAX_RATIO * len(data))", "2**60"),
    ),
    *_of(
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
    *_of(
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
    *_of(
        "networks/settings",
        ("the last small batch is no step", "math.ceil(self.n_train", "math.floor(self.n_train"),
        ("true is a number", "if isinstance(value, bool) or not", "if not"),
        (
            "the highest value is too high",
            "if not self.low <= value <= self.high:",
            "if not self.low <= value < self.high:",
        ),
    ),
    *_of(
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
    *_of("training/learning_rate", ("the warm-up is twice as long", "WARM_UP = 0.25", "WARM_UP = 0.5")),
    *_of(
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
    *_of(
        "runs/queue",
        ("places are never taken", "self.backend.places() - len(look.training)", "self.backend.places()"),
        (
            "no room for one is room for the next",
            "  # it may fit when something else has ended\n                    break",
            "",
        ),
    ),
    *_of("runs/admission", ("one more than allowed may wait", "if count >= most:", "if count > most:")),
    *_of(
        "runs/tidying",
        (
            "one run more is kept",
            "mine[max(0, allowed.kept_runs - 1) :]",
            "mine[max(0, allowed.kept_runs) :]",
        ),
    ),
    *_of(
        "runs/state",
        ("a run that kills its trainers is tried on", "MOST_RELAUNCHES = 3", "MOST_RELAUNCHES = 30"),
        (
            "what is being replaced is complete",
            "run.file(paths.CARD).exists() and not replaced and",
            "run.file(paths.CARD).exists() and",
        ),
    ),
    *_of("runs/requests", ("a recording can be changed", "if run.recorded:", "if False:")),
    *_of(
        "runs/run_folder",
        ("a step is a pause", ".exists() and not self.file(paths.STEP).exists()", ".exists()"),
    ),
    *_of(
        "runs/events",
        ("a line after a half line is lost", '("\\n" if torn else "")', '""'),
        (
            "what is learnt again counts twice",
            'event["epoch"] <= resumed["epoch"]',
            'event["epoch"] >= 0',
        ),
        ("half a line is an event", 'data[: data.rfind(b"\\n") + 1]', "data"),
    ),
    *_of(
        "runs/sweep",
        (
            "all runs of a sweep may wait, and be deleted",
            "return min(allowed.waiting_in_sweeps",
            "return max(allowed.waiting_in_sweeps",
        ),
        ("of equal runs the worse is best", "-(row.loss or 0.0)", "(row.loss or 0.0)"),
    ),
    *_of(
        "runs/extra_digits",
        ("any label is a digit", " or labels.max() > 9:", ":"),
        ("any number of digits is taken", "not 0 < len(labels) <= MOST", "not 0 < len(labels)"),
    ),
]
