"""Photographs of digits, made here: a 28x28 digit -> ink on some paper, in some light, through some camera.

For measuring the pipeline on digits whose label is known (`benchmarks.pipeline`), and for its tests.
Everything is made from the digit, a kind and a seeded generator.
"""

import cv2
import numpy as np

from digitcore.preprocessing.levels import scaled

KINDS = (
    "plain",
    "noise",
    "low contrast",
    "gradient",
    "shadow",
    "ruled",
    "squared",
    "cell",
    "specks",
    "edge",
    "board",
    "coloured ink",
    "thin pen",
    "jpeg",
    "tiny",
    "huge",
    "faint",
    "chalk",
    "form",
    "fragments",
    "neighbours",
    "tight",
    "everything",
)

BITMAPS = ("stretched 16", "binary 16", "binary 32", "grey 32", "grey 12")
"""Kinds of `bitmap`: what older sets of digits hold, with their sides in pixels."""

COLOURS = ((20, 30, 140), (170, 20, 30), (10, 110, 40), (230, 120, 20), (110, 110, 235), (130, 20, 130))


def photograph(digit, kind, rng):
    """A picture of `digit`, (28, 28) uint8 with bright ink, of one of KINDS. Returns (h, w, 3) uint8 RGB."""
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    has = {kind}
    if kind == "everything":
        lines = rng.choice(["ruled", "squared", "plain"])
        has |= {"gradient", "shadow", "noise", "specks", "coloured ink", "jpeg", lines}
    height, width = (int(side) for side in rng.integers(260, 521, 2))
    if kind == "tiny":
        height, width = (int(side) for side in rng.integers(24, 49, 2))
    if kind in ("form", "fragments", "neighbours"):  # a cell cut out of a scan, small and nearly square
        height, width = (int(rng.integers(40, 161) * rng.uniform(0.85, 1.15)) for _ in range(2))
    ink = _strokes(digit, height, width, rng, thin="thin pen" in has)
    if kind == "neighbours":
        ink = np.maximum(ink, _neighbours(digit, (height, width), ink, rng))
    unit = min(height, width) / 100

    paper_level = rng.uniform(185, 250)
    paper = np.full((height, width, 3), paper_level) * rng.uniform(0.94, 1.0, 3)
    if has & {"ruled", "squared"}:
        strength = rng.uniform(0.25, 0.6)
        line = _lines((height, width), rng, squared="squared" in has)
        colour = np.array(COLOURS[rng.integers(2) * 4])
        paper = paper + (line * strength)[..., None] * (colour - paper)
    if "cell" in has:
        paper = paper * (1 - 0.85 * _cell((height, width), rng))[..., None]
    if has & {"form", "fragments"}:
        border = _borders((height, width), rng, broken="fragments" in has)
        paper = paper * (1 - rng.uniform(0.3, 0.9) * border)[..., None]
    if "specks" in has:
        for _ in range(rng.integers(5, 25)):
            at = int(rng.integers(width)), int(rng.integers(height))
            cv2.circle(paper, at, max(1, round(rng.uniform(0.2, 1.0) * unit)), (60.0, 60.0, 60.0), -1)

    colour = np.full(3, rng.uniform(10, 70))
    if "coloured ink" in has:
        colour = np.array(COLOURS[rng.integers(len(COLOURS))], float)
    if "low contrast" in has:
        colour = paper_level - rng.uniform(18, 40) * np.ones(3)
    if "faint" in has:
        colour = paper * (1 - rng.uniform(0.05, 0.09))
    picture = paper + ink[..., None] * (colour - paper)

    light = np.ones((height, width))
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    slope = across * np.cos(angle) + down * np.sin(angle)
    if "gradient" in has:
        light *= (
            1 - rng.uniform(0.2, 0.35) * (slope + 1) / 2 - rng.uniform(0, 0.2) * (across**2 + down**2) / 2
        )
    if "shadow" in has:
        soft = rng.uniform(0.005, 0.08)
        light *= 1 - rng.uniform(0.25, 0.55) / (1 + np.exp(-(slope - rng.uniform(-0.6, 0.6)) / soft))
    if "edge" in has:  # the paper ends, the table begins
        table = slope > rng.uniform(0.75, 0.95)
        picture[table] = rng.uniform(30, 110, 3)
    picture = picture * light[..., None]
    if has & {"board", "chalk"}:
        picture = 255 - picture * rng.uniform(0.75, 0.95)
    if "chalk" in has:  # the grain of the board shows through the chalk, and chalk dust lies on the board
        grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 0.012 * min(height, width))
        dust = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 0.1 * min(height, width))
        ground = picture.min()
        worn = np.clip(0.75 + 0.4 * grain / grain.std(), 0.25, 1)[..., None]
        picture = ground + (picture - ground) * worn + 6 * (dust / dust.std())[..., None]
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 0.6) * max(unit, 1))
    if "noise" in has:
        picture = picture + rng.normal(0, rng.uniform(4, 14), picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if "jpeg" in has:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 40))]
        packed = cv2.imencode(".jpg", picture[..., ::-1], quality)[1]
        picture = np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1])
    if "huge" in has:  # as many pixels as a telephone's camera gives
        picture = cv2.resize(picture, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    if "tight" in has:
        rows, columns = np.flatnonzero(ink.max(1) > 0.5), np.flatnonzero(ink.max(0) > 0.5)
        picture = np.ascontiguousarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return picture


def bitmap(digit, kind, rng):
    """`digit` as older data sets hold it, one of BITMAPS, light on dark: (side, side) uint8.

    "stretched": the glyph fills the box, whatever its proportions. "binary": two levels, as the scanner gave
    them.
    """
    name, side = kind.split()
    side = int(side)
    factor = 12
    big = scaled(digit)
    big = cv2.resize(big, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    if name != "grey":
        big = (big > rng.uniform(0.3, 0.6)).astype(np.float32)
    rows, columns = np.flatnonzero(big.max(1) > 0.5), np.flatnonzero(big.max(0) > 0.5)
    glyph = big[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if name == "stretched":
        small = cv2.resize(glyph, (side, side), interpolation=cv2.INTER_AREA)
        return np.where(small > 0.5, 255, 0).astype(np.uint8)
    scale = side / max(glyph.shape)
    size = [max(1, round(length * scale)) for length in glyph.shape[::-1]]
    small = np.clip(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), 0, 1)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    picture = np.zeros((side, side), np.float32)
    picture[top : top + size[1], left : left + size[0]] = small
    if name == "binary":
        picture = picture > 0.5
    return np.uint8(picture * np.float32(255))


def _strokes(digit, height, width, rng, thin):
    """(h, w) in 0..1: the digit drawn crisply near the middle, at 45-75 % of the picture's short side."""
    factor = rng.uniform(0.45, 0.75) * min(height, width) / 20
    side = round(28 * factor)
    big = cv2.resize(scaled(digit), (side, side), interpolation=cv2.INTER_CUBIC)
    if thin:  # the middle of each stroke only
        inside = cv2.distanceTransform((big > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        ridge = inside >= cv2.dilate(inside, np.ones((3, 3))) - 1e-6
        ridge = (ridge & (inside > 0)).astype(np.uint8)
        ridge = cv2.morphologyEx(ridge, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        pen = max(1, round(factor * rng.uniform(0.3, 0.7)))
        big = cv2.dilate(ridge, np.ones((pen, pen), np.uint8)).astype(np.float32)
    else:
        big = np.clip((big - 0.5) * min(factor, 5) + 0.5, 0, 1) if factor > 1.5 else np.clip(big, 0, 1)
    ink = np.zeros((height, width), np.float32)
    inner = round(20 * factor)
    top = (height - inner) * rng.uniform(0.25, 0.75) - 4 * factor
    left = (width - inner) * rng.uniform(0.25, 0.75) - 4 * factor
    move = np.float32([[1, 0, left], [0, 1, top]])
    return cv2.warpAffine(big, move, (width, height), dst=ink, borderValue=0)


def _lines(shape, rng, squared):
    step = min(shape) * (rng.uniform(0.06, 0.14) if squared else rng.uniform(0.16, 0.4))
    tilt = rng.uniform(-0.05, 0.05)
    thick = max(1, round(min(shape) / 300))
    page = np.zeros(shape, np.float32)
    reach = max(shape) * 2
    for way in (0, 1) if squared else (0,):
        for place in np.arange(-reach, reach, step) + rng.uniform(0, step):
            ends = ((-reach, place - reach * tilt), (reach, place + reach * tilt))
            if way:
                ends = tuple((-y, x) for x, y in ends)
            (x0, y0), (x1, y1) = (tuple(round(v) for v in end) for end in ends)
            cv2.line(page, (x0, y0), (x1, y1), 1.0, thick, cv2.LINE_AA)
    return np.clip(page, 0, 1)


def _cell(shape, rng):
    """Border lines of a form's cell, left in along some sides, a little askew."""
    height, width = shape
    page = np.zeros(shape, np.float32)
    thick = max(1, round(min(shape) * rng.uniform(0.008, 0.025)))
    sides = rng.random(4) < 0.6
    inset = min(shape) * rng.uniform(0.0, 0.06, 8)
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    for i in np.flatnonzero(sides):
        (x0, y0), (x1, y1) = corners[i], corners[(i + 1) % 4]
        sx, sy = (0, 1) if i == 0 else (-1, 0) if i == 1 else (0, -1) if i == 2 else (1, 0)
        a, b = inset[2 * i], inset[2 * i + 1]
        start = round(x0 + sx * a), round(y0 + sy * a)
        end = round(x1 + sx * b), round(y1 + sy * b)
        cv2.line(page, start, end, 1.0, thick, cv2.LINE_AA)
    return page


def _borders(shape, rng, broken):
    """The frame of a form's cell, left in along one to four sides: near the edge of the picture or cut off by
    it, a little askew, perhaps broken into pieces by poor print or by the cut."""
    height, width = shape
    page = np.zeros(shape, np.float32)
    sides = rng.permutation(4)[: rng.integers(1, 5)]
    thick = rng.uniform(0.01, 0.04) * min(shape)
    for side in sides:
        length, depth = (width, height) if side % 2 == 0 else (height, width)
        near, far = (rng.uniform(-0.02, 0.07) + rng.uniform(-0.015, 0.015, 2)) * depth
        along = np.arange(length)
        middle = near + (far - near) * along / length
        away = np.abs(np.arange(depth)[:, None] - middle)
        line = np.clip(thick / 2 + 0.5 - away, 0, 1)
        if broken:
            start, stop = np.sort(rng.uniform(-0.3, 1.3, 2)) * length
            line = line * ((along >= start) & (along <= stop))
        page = np.maximum(page, np.rot90(line, -int(side)))
    return page


def _neighbours(digit, shape, ink, rng):
    """Parts of other digits that reach in from the left and the right."""
    height, width = shape
    page = np.zeros(shape, np.float32)
    columns = np.flatnonzero(ink.max(0) > 0.2)
    for side in rng.permutation(2)[: rng.integers(1, 3)]:
        turned = np.ascontiguousarray(digit[:, ::-1]) if rng.random() < 0.5 else digit
        other = _strokes(turned, height, width, rng, thin=False)
        own = np.flatnonzero(other.max(0) > 0.2)
        room = columns[0] if side == 0 else width - 1 - columns[-1]
        reach = round(min(0.6 * room, 0.18 * width))
        if reach < 2:
            continue
        move = reach - own[-1] if side == 0 else width - reach - own[0]
        page = np.maximum(page, cv2.warpAffine(other, np.float32([[1, 0, move], [0, 1, 0]]), (width, height)))
    return page
