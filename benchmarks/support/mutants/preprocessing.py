"""Changes to the wing that finds the ink of a picture and makes it 28x28."""

from benchmarks.support.mutants.mutant import of

MUTANTS = [
    *of(
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
    *of(
        "preprocessing/normalisation",
        ("the centre of mass is a pixel off", "CENTRE = 14", "CENTRE = 13"),
        ("thin pens stay thin", "THINNEST, PEN = 1.3, 1.7", "THINNEST, PEN = 0.0, 1.7"),
    ),
    *of(
        "preprocessing/digit_box",
        ("the digit is 22 pixels high", "BOX = 20", "BOX = 22"),
        ("blur widens the box", "side[: reach + 1].max() / 2", "side[: reach + 1].max() / 200"),
    ),
    *of(
        "preprocessing/paper",
        ("pencil is too faint to be ink", "FAINTEST = 6", "FAINTEST = 60"),
        ("strokes are as wide as shadows", "WIDEST_STROKE = 0.35", "WIDEST_STROKE = 0.02"),
        ("fog stays", "UNEVEN = 0.1", "UNEVEN = 1.1"),
    ),
    *of(
        "preprocessing/noise",
        ("lone specks stay", "(specks > 0.3 * span).mean() > 0.01", "(specks > 0.3 * span).mean() > 1"),
    ),
    *of(
        "preprocessing/polarity",
        ("white on black is black on white", 'if evidence >= 0 else "light', 'if evidence >= -9 else "light'),
        ("what is too wide for strokes is ink all the same", "+= 2 * sided", "+= 0"),
        (
            "glyphs stretched to their box are inverted",
            "+= _cut_to_pieces(light) - ",
            "-= _cut_to_pieces(light) - ",
        ),
    ),
    *of(
        "preprocessing/ruled_lines",
        ("ruled lines stay", "COVERED = 0.8", "COVERED = 1.1"),
        ("strokes are cut where lines crossed them", "np.where(crossed, bridged, rest)", "rest"),
    ),
    *of(
        "preprocessing/sheet",
        ("the table around a sheet stays", "AROUND = 0.6", "AROUND = 1.6"),
        ("a shadow's edge is a sheet's", "return step >= SHARP * whole", "return True"),
    ),
    *of(
        "preprocessing/drawn_lines",
        ("a stroke goes with the line that it crosses", "CROSSED = 1.7", "CROSSED = 17"),
        ("circles are lines", "STRAIGHT = 0.25", "STRAIGHT = 25"),
    ),
    *of("preprocessing/margin", ("a tight number gets no margin", "digits.sum() >= 2 and", "False and")),
    *of(
        "preprocessing/frame",
        ("the frame of a cell is part of its digit", "found[part] = thin and", "found[part] = False and"),
    ),
    *of(
        "preprocessing/colour",
        ("red chalk on a green board is blank", "HARDLY = 48, 0.4", "HARDLY = 48, 0.0"),
    ),
    *of(
        "preprocessing/images",
        (
            "a telephone's photograph lies on its side",
            "6: Image.Transpose.ROTATE_270",
            "6: Image.Transpose.ROTATE_90",
        ),
    ),
    *of(
        "preprocessing/grey",
        (
            "strokes alone lie on a ground of their own colour",
            "(middle >= 128) == card",
            "(middle >= 128) != card",
        ),
        ("sixteen bits keep their lower eight", "np.int64) >> 8", "np.int64) & 255"),
    ),
    *of(
        "preprocessing/ink",
        ("a stroke is as strong as its strongest pixel", "STRONGEST = 85", "STRONGEST = 100"),
        ("noise of the paper is ink", "levels.paper + 2 * levels.noise", "levels.paper"),
    ),
    *of("preprocessing/levels", ("ink is a little paler than 1", "BRIGHTEST = 255", "BRIGHTEST = 256")),
    *of("preprocessing/drawing_link", ("links lose corners", "NEAR = 0.6", "NEAR = 6.0")),
    *of(
        "preprocessing/archives",
        ("a zip may swell without end", "max(MAX_BYTES, MAX_RATIO * len(data))", "2**60"),
    ),
]
