"""Changes to the wing that finds and reads the digits of a picture."""

from benchmarks.support.mutants.mutant import of

MUTANTS = [
    *of(
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
    *of(
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
    *of(
        "reading/as_one",
        ("two digits far apart are one", " or _far_apart(lines):", ":"),
        (
            "a digit cut through is two",
            "if w < WIDE * h:\n        return True",
            "if w < WIDE * h:\n        return False",
        ),
    ),
    *of(
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
    *of("reading/parts", ("a filled-in digit is a dot", "able |= _filled_in(parts, able)", "pass")),
    *of(
        "reading/reader",
        (
            "a sure digit does not vouch for its neighbour",
            "or (others.are_none and lines.are_neighbours(rows))",
            "",
        ),
    ),
    *of(
        "reading/quick_look",
        ("small second digits are not looked for", "QUICK_SECOND = 0.25", "QUICK_SECOND = 0.9"),
    ),
    *of(
        "reading/lattice",
        ("a gap costs nothing", "gap: float = 6.0", "gap: float = 0.0"),
        ("being low costs nothing", "low: float = 2.0", "low: float = 0.0"),
        ("being wide costs nothing", "wide: float = 0.02", "wide: float = 0.0"),
        (
            "where a digit was read does not count",
            "self.shape[:, text], away**2]",
            "self.shape[:, text], 0 * away]",
        ),
    ),
    *of("reading/knot", ("a digit may be as wide as a line", "WIDEST = 1.6", "WIDEST = 16")),
    *of(
        "reading/fusion",
        ("the line reader does not count", "np.array([value, *-costs])", "np.array([0.0, *-costs])"),
        ("the pieces do not count", "np.array([value, *-costs])", "np.array([value, *np.zeros(4)])"),
        ("the likeliest text alone", "TEXTS = 8", "TEXTS = 1"),
        (
            "the digitness of whole pieces does not count",
            "(1.0 if is_cut else float(answers.digitness[number]))",
            "1.0",
        ),
        ("a text with one digit more takes nothing away", "tally[i, text[i]] -= option.weight", "pass"),
    ),
    *of(
        "reading/second_look",
        ("no other text takes the place of digits", "if written:", "if False:"),
        (
            "whole digits are replaced as easily as those that were cut",
            "(AFTER_CUTS if cut else AFTER_NONE)",
            "AFTER_CUTS",
        ),
        (
            "digits that were cut are replaced as rarely as whole ones",
            "(AFTER_CUTS if cut else AFTER_NONE)",
            "AFTER_NONE",
        ),
        ("a weak piece is doubted no sooner", "(CLOSE if weak else 0)", "0"),
    ),
    *of(
        "reading/written_anew",
        ("a whole character may be lost", "fewer = len(digits) < len(mine)", "fewer = False"),
        (
            "characters that stand apart become one digit",
            "count, reached = count + 1, stop",
            "count, reached = 0, stop",
        ),
        ("what is low stays so", "piece.box[3] >= LOW * height", "piece.box[3] >= 0"),
        ("ink is divided at a digit's middle", "(middles[:-1] + middles[1:]) / 2", "middles[:-1]"),
        (
            "a new digit is surer than its text",
            "_surely(digit, share), digitness",
            "_surely(digit, 1.0), digitness",
        ),
    ),
    *of(
        "reading/other_writing",
        ("a 1 leans far over among digits that lean every way", "SPREAD * float(np.std(others))", "0.0"),
        (
            "a lone letter that looks like a digit is left out",
            "SURELY, PERHAPS = 0.9, 0.5",
            "SURELY, PERHAPS = 0.9, 0.9",
        ),
    ),
    *of(
        "reading/written",
        ("a drawn line is put back", "not any(map(_is_drawn, taken_out))", "True"),
        ("strokes in one line are taken out", "if taken_out and", "if False and"),
    ),
    *of(
        "reading/characters",
        ("nothing is taken apart", "SURE = 0.9", "SURE = 0.0"),
        ("sure and wide characters stay", "UNLIKELY = 2.0", "UNLIKELY = 20.0"),
        ("broken digits stay apart", "CLOSE = 0.3", "CLOSE = -9.0"),
    ),
    *of(
        "reading/cut_paths",
        ("paths do not lean", "SLANTS = (-0.25, 0.0, 0.25, 0.5)", "SLANTS = (0.0,)"),
        ("cuts may cross any ink", "DEEPEST = 0.9", "DEEPEST = 9.0"),
    ),
]
