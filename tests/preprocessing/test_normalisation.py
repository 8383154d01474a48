"""A grey picture becomes MNIST's own picture of its digit, or one sentence that says why not."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks.support import papers
from digitcore import datasets
from digitcore.errors import BlankError
from digitcore.evaluation import corruption
from digitcore.networks import model_store
from digitcore.preprocessing import images, ink, noise, normalisation, strip


@pytest.fixture(scope="module")
def validation():
    """5,000 pictures (n, 28, 28) uint8 and their labels."""
    return datasets.load("mnist", "validation")


@pytest.fixture(scope="module")
def classifier():
    return model_store.load(model_store.DEFAULT_MODEL)


@pytest.fixture(scope="module")
def seven(validation):
    digits, labels = validation
    return digits[np.flatnonzero(labels == 7)[0]]


def unit(digits):
    return np.asarray(digits, np.float32) / 255


def answers(classifier, pictures):
    return classifier.predict(np.asarray(pictures, np.float32)).argmax(1)


def page_with(digit, factor, rng, inverted=False, enlarge=cv2.INTER_LINEAR, shape=(400, 500)):
    """`digit` enlarged and pasted anywhere on a page: light on dark, inverted: dark on light."""
    side = 28 * factor
    page = np.zeros(shape, np.uint8)
    top, left = rng.integers(shape[0] - side + 1), rng.integers(shape[1] - side + 1)
    page[top : top + side, left : left + side] = cv2.resize(digit, (side, side), interpolation=enlarge)
    return 255 - page if inverted else page


def canvas(draw, ground=0, side=280):
    page = np.full((side, side), ground, np.uint8)
    draw(page)
    return page


def located(grey):
    return normalisation.locate(ink.opened(grey))


def says(grey):
    with pytest.raises(BlankError) as caught:
        normalisation.read(grey)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_mnist_digits_lose_nothing_on_their_way_through(validation, classifier):
    digits, labels = (part[:2000] for part in validation)
    through = np.stack([normalisation.read(digit).picture for digit in digits])
    straight = (answers(classifier, unit(digits)) == labels).mean()
    read = (answers(classifier, through) == labels).mean()
    assert straight - read <= 0.0005
    assert np.abs(through - unit(digits)).mean() < 0.005


def test_mnist_digits_enlarged_moved_and_inverted_come_back(validation, classifier):
    rng = np.random.default_rng(0)
    digits = validation[0][:400]
    ways = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
    pages = (
        page_with(digit, int(rng.integers(2, 13)), rng, inverted=i % 2 == 1, enlarge=ways[i % 3])
        for i, digit in enumerate(digits)
    )
    pictures = np.stack([normalisation.read(page).picture for page in pages])
    assert np.abs(pictures - unit(digits)).mean() <= 0.03
    same = answers(classifier, pictures) == answers(classifier, unit(digits))
    assert same.mean() >= 0.995


def test_a_drawing_and_its_file_give_the_same_bytes(seven):
    grey = page_with(seven, 9, np.random.default_rng(1), shape=(280, 280))
    drawn = np.dstack([grey, grey, grey, np.full_like(grey, 255)])  # what the canvas holds

    def saved(pixels, kind, **options):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind, **options)
        return normalisation.read(images.decode(file.getvalue()))

    of_canvas = saved(drawn, "PNG")
    for other in (
        saved(grey, "PNG"),
        saved(grey, "BMP"),
        saved(drawn[..., :3], "PNG"),
        saved(drawn, "WEBP", lossless=True),
    ):
        assert other.picture.tobytes() == of_canvas.picture.tobytes()
        assert other.box == of_canvas.box


def test_the_picture_is_what_mnist_says(seven):
    reading = normalisation.read(page_with(seven, 6, np.random.default_rng(2), inverted=True))
    picture = reading.picture
    assert picture.shape == (28, 28) and picture.dtype == np.float32
    assert picture.min() == 0 and 0.9 < picture.max() <= 1
    rows, columns = np.flatnonzero(picture.max(1)), np.flatnonzero(picture.max(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    down, across = np.mgrid[:28, :28]
    centre = (picture * down).sum() / picture.sum(), (picture * across).sum() / picture.sum()
    assert centre == pytest.approx((14, 14), abs=0.51)


def test_every_step_is_returned_in_order(seven):
    reading = normalisation.read(page_with(seven, 6, np.random.default_rng(3)))
    steps = strip.steps(reading)
    titles = [title for title, _ in steps]
    assert titles == ["Picture", "Ink", "Box", "20 × 20", "Centred"]
    assert steps[-1][1] is reading.picture
    x, y, w, h = reading.box
    assert reading.located.ink[y : y + h, x : x + w].max() == 1
    assert max(steps[3][1].shape) == 20


def test_each_step_can_be_left_out_and_the_strip_says_so(seven):
    page = page_with(seven, 6, np.random.default_rng(3), inverted=True)
    every = normalisation.read(page)
    for step, (done, left_out) in strip.STEPS.items():
        reading = normalisation.read(page, without=(step,))
        titles = [title for title, _ in strip.steps(reading)]
        assert len(titles) == 5 and left_out in titles and done not in titles
        assert strip.steps(reading)[-1][1] is reading.picture
        assert reading.picture.shape == (28, 28) and reading.picture.dtype == np.float32
        assert np.abs(reading.picture - every.picture).max() > 0.2


def test_without_the_ink_the_levels_stay_as_they_came(seven):
    page = page_with(seven, 6, np.random.default_rng(3), inverted=True, shape=(180, 200))
    reading = normalisation.read(page, without=("ink",))
    np.testing.assert_array_equal(strip.steps(reading)[1][1], page.astype(np.float32) / 255)
    assert reading.box == normalisation.read(page).box
    assert reading.picture[10:18, 10:18].max() > 0.99  # white paper, not ink


def test_without_the_box_the_whole_picture_is_the_digit(seven):
    page = page_with(seven, 6, np.random.default_rng(3))
    reading = normalisation.read(page, without=("box",))
    assert reading.box == (0, 0, 250, 200)  # of the quick copy, which is enough
    assert reading.located.box_in_picture() == (0, 0, 500, 400)


def test_without_the_centre_of_mass_the_box_is_in_the_middle(seven):
    page = page_with(seven, 6, np.random.default_rng(3))
    picture = normalisation.read(page, without=("centre",)).picture
    rows, columns = np.flatnonzero(picture.max(1)), np.flatnonzero(picture.max(0))
    assert rows.min() + rows.max() == pytest.approx(27, abs=1)
    assert columns.min() + columns.max() == pytest.approx(27, abs=1)


def test_without_any_step_it_is_resized_and_no_more(seven):
    page = page_with(seven, 6, np.random.default_rng(3), inverted=True, shape=(180, 200))
    reading = normalisation.read(page, without=normalisation.LEAVABLE)
    usual = cv2.resize(page.astype(np.float32) / 255, (28, 28), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(reading.picture, usual, atol=1e-6)


@pytest.mark.parametrize("step", normalisation.LEAVABLE)
def test_a_blank_picture_is_blank_whatever_is_left_out(step):
    with pytest.raises(BlankError):
        normalisation.read(canvas(lambda page: None), without=(step,))


def test_light_and_dark_ground_are_told_apart_and_may_be_overruled(seven):
    rng = np.random.default_rng(4)
    light_on_dark = page_with(seven, 8, rng)
    assert located(light_on_dark).polarity == "light-on-dark"
    assert located(255 - light_on_dark).polarity == "dark-on-light"
    np.testing.assert_array_equal(
        normalisation.read(light_on_dark).picture, normalisation.read(255 - light_on_dark).picture
    )
    ring = canvas(lambda page: cv2.ellipse(page, (140, 140), (50, 100), 0, 0, 360, 255, 20))
    assert normalisation.read(ring).located.box_in_picture()[2] > 110
    inside = normalisation.read(ring, "dark-on-light")
    assert inside.located.polarity == "dark-on-light" and inside.box[2] < 90


@pytest.mark.parametrize("kind", papers.KINDS)
def test_photographs_of_every_kind_of_paper_are_read(kind, validation, classifier):
    rng = np.random.default_rng(5)
    some = 5 if kind == "huge" else 30
    digits, labels = validation[0][:some], validation[1][:some]
    pictures = []
    for digit in digits:
        photograph = papers.photograph(digit, kind, rng)
        try:
            pictures.append(normalisation.read(cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY)).picture)
        except BlankError:
            pictures.append(np.zeros((28, 28), np.float32))
    misses = int((answers(classifier, pictures) != labels).sum())
    assert misses <= {"thin pen": 10, "everything": 6}.get(kind, 3)


@pytest.mark.parametrize("kind", papers.BITMAPS)
def test_bitmaps_are_read_whichever_way_round_they_are(kind, validation, classifier):
    rng = np.random.default_rng(9)
    labels = validation[1][:60]
    bitmaps = [papers.bitmap(digit, kind, rng) for digit in validation[0][:60]]
    pictures = [normalisation.read(glyph).picture for glyph in bitmaps]
    inverted = [normalisation.read(255 - glyph).picture for glyph in bitmaps]
    np.testing.assert_array_equal(pictures, inverted)
    # The 1s of "stretched 16" are blocks: their proportions are lost.
    misses = int((answers(classifier, pictures) != labels).sum())
    assert misses <= (8 if kind == "stretched 16" else 2)


def test_a_ring_around_an_empty_middle_is_not_cut_off():
    ring = np.zeros((28, 28), np.uint8)
    cv2.ellipse(ring, (14, 14), (11, 13), 0, 0, 360, 255, 2)
    assert normalisation.read(ring).picture.max() > 0.9


@pytest.mark.parametrize(
    ("spoilt", "level", "allowed"),
    [("noise", 0.2, 4), ("impulses", 0.1, 4), ("fog", 0.5, 6), ("blur", 1.5, 6), ("scale", 0.5, 3)],
)
def test_small_spoilt_digits_are_read(spoilt, level, allowed, validation, classifier):
    digits, labels = validation[0][:60], validation[1][:60]
    pictures = [normalisation.read(digit).picture for digit in corruption.corrupt(digits, spoilt, level)]
    assert int((answers(classifier, pictures) != labels).sum()) <= allowed


def test_clean_small_pictures_are_not_smoothed(validation):
    for digit in validation[0][:200]:
        assert noise.quiet(digit) is digit


def test_a_thin_pen_leaves_strokes_as_strong_as_mnists():
    page = canvas(
        lambda page: cv2.polylines(page, [np.array([(60, 40), (220, 40), (120, 240)])], False, 255, 3)
    )
    picture = normalisation.read(page).picture
    assert np.percentile(picture[picture > 0.1], 75) > 0.8


def test_pieces_of_a_printed_frame_are_not_part_of_the_digit():
    paper = np.full((120, 100), 230, np.uint8)
    cv2.polylines(paper, [np.array([(30, 25), (70, 25), (45, 95)])], False, 40, 6, cv2.LINE_AA)
    clean = normalisation.read(paper).box
    cv2.line(paper, (15, 8), (85, 9), 90, 2)  # above, broken at both ends
    cv2.line(paper, (94, 40), (94, 110), 90, 2)
    assert normalisation.read(paper).box == clean


def test_the_digit_in_the_middle_is_taken_and_not_its_neighbour(seven):
    big = cv2.resize(seven, (140, 140), interpolation=cv2.INTER_CUBIC)
    page = np.zeros((150, 260), np.uint8)
    page[5:145, 60:200] = big
    alone = normalisation.read(page).box
    heavy = cv2.dilate(big, np.ones((7, 7), np.uint8))
    page[5:145, 190:260] = np.maximum(page[5:145, 190:260], heavy[:, 20:90])
    x, _, w, _ = normalisation.read(page).box
    assert (x, w) == (alone[0], alone[2])


def test_a_five_with_its_hat_apart_stays_one_digit():
    def five(page):
        cv2.line(page, (110, 60), (180, 60), 255, 14)
        cv2.line(page, (105, 90), (105, 140), 255, 14)
        cv2.ellipse(page, (125, 170), (50, 45), 0, -110, 130, 255, 14)

    _, top, _, height = normalisation.read(canvas(five)).located.box_in_picture()
    assert top <= 54 and top + height >= 214


def test_specks_and_a_stain_at_the_side_are_not_part_of_the_digit(seven):
    page = page_with(seven, 6, np.random.default_rng(6), inverted=True)
    clean = normalisation.read(page).box
    high = clean[1] > 200
    dirty = page.copy()
    for at in ((5, 380), (490, 20), (15, 15), (480, 390)):
        cv2.circle(dirty, at, 2, 0, -1)
    cv2.rectangle(dirty, (0, 150 if high else 330), (7, 190 if high else 370), 0, -1)
    assert normalisation.read(dirty).box == clean


@pytest.mark.parametrize("ground", [0, 255])
def test_an_empty_canvas_is_not_a_digit(ground):
    assert "Nothing is drawn" in says(canvas(lambda page: None, ground))


@pytest.mark.parametrize("noise", [1, 3, 8, 25])
def test_noise_alone_is_not_a_digit(noise):
    rng = np.random.default_rng(7)
    says(np.clip(rng.normal(180, noise, (480, 640)), 0, 255).astype(np.uint8))


@pytest.mark.parametrize("radius", [1, 2, 4, 9, 30, 80])
def test_a_dot_is_not_a_digit(radius):
    says(canvas(lambda page: cv2.circle(page, (150, 120), radius, 255, -1, cv2.LINE_AA)))


@pytest.mark.parametrize("margin", [1, 4, 10, 40])
def test_all_ink_is_not_a_digit(margin):
    says(canvas(lambda page: cv2.rectangle(page, (margin, margin), (279 - margin, 279 - margin), 0, -1), 255))


def test_a_smooth_shade_is_not_a_digit():
    across = np.linspace(60, 200, 640)
    says(np.tile(across, (480, 1)).astype(np.uint8))


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (3, 3), (2000, 2)])
def test_pictures_too_small_for_a_digit_say_so(shape):
    says(np.full(shape, 200, np.uint8))


@pytest.mark.parametrize("side", [8, 16])
def test_tiny_bitmaps_are_read(side, validation, classifier):
    digits, labels = validation[0][:300], validation[1][:300]
    boxes = [digit[4:24, 4:24] for digit in digits]
    tiny = [cv2.resize(box, (side, side), interpolation=cv2.INTER_AREA) for box in boxes]
    pictures = [normalisation.read(bitmap).picture for bitmap in tiny]
    assert (answers(classifier, pictures) == labels).mean() > (0.85 if side == 8 else 0.95)


def test_the_box_is_told_in_pixels_of_the_picture_that_came(seven):
    page = page_with(seven, 6, np.random.default_rng(8))
    large = cv2.resize(page, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    found = located(large)
    assert max(found.grey.shape) <= ink.FULL_SIDE
    expected = np.multiply(located(page).box_in_picture(), 6)
    assert np.abs(np.subtract(found.box_in_picture(), expected)).max() <= 12


def test_what_is_no_grey_picture_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match=r"\(h, w\) uint8"):
        ink.opened(np.zeros((28, 28), np.float32))
    with pytest.raises(ValueError, match="polarity"):
        ink.opened(np.zeros((28, 28), np.uint8), "upside-down")
    with pytest.raises(ValueError, match="without"):
        normalisation.read(np.zeros((28, 28), np.uint8), without=("colour",))


@pytest.mark.parametrize("shape", [(53, 1100), (1100, 53), (500, 400)])
def test_the_box_is_in_pixels_of_the_picture_that_came_in_however_narrow_it_is(shape):
    page = np.full(shape, 255, np.uint8)
    height, width = shape
    cv2.putText(page, "7", (width - 40, height - 8), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 4)
    left, top, w, h = located(page).box_in_picture()
    rows, columns = np.nonzero(page < 128)
    assert left == pytest.approx(columns.min(), abs=2)
    assert top == pytest.approx(rows.min(), abs=2)
    assert left + w == pytest.approx(columns.max() + 1, abs=2)
    assert top + h == pytest.approx(rows.max() + 1, abs=2)


@pytest.mark.parametrize("length", [0, 4, 8, 12])
def test_a_tap_that_slipped_is_a_blot_and_a_short_stroke_is_not(length):
    paper = np.full((280, 280), 255, np.uint8)
    cv2.line(paper, (140, 140), (140 + length, 140 + length // 2), 0, 18, cv2.LINE_AA)
    with pytest.raises(BlankError, match="dot"):
        normalisation.read(paper)
    cv2.line(paper, (140, 140), (140, 220), 0, 18, cv2.LINE_AA)
    assert normalisation.read(paper).picture.max() > 0.9


def test_a_large_drawing_is_read_from_a_small_copy_and_a_small_digit_from_the_picture(seven):
    page = np.zeros((400, 400), np.uint8)
    page[100:380, 60:340] = cv2.resize(seven, (280, 280), interpolation=cv2.INTER_CUBIC)
    large = normalisation.read(page)
    assert max(large.located.grey.shape) == 200
    small = np.zeros((400, 400), np.uint8)
    small[30:100, 40:110] = cv2.resize(seven, (70, 70), interpolation=cv2.INTER_CUBIC)
    assert normalisation.read(small).located.grey.shape == small.shape
    for reading, (x, y, side) in ((large, (60, 100, 280)), (normalisation.read(small), (40, 30, 70))):
        left, top, width, height = reading.located.box_in_picture()
        assert x < left and left + width < x + side and y < top and top + height < y + side
        assert 0.6 * side < max(width, height) < 0.9 * side
    assert np.abs(large.picture - normalisation.read(small).picture).mean() < 0.05


def test_blur_does_not_widen_the_box():
    ink = np.zeros((160, 120), np.float32)
    ink[30:130, 40:80] = 1
    blurred = cv2.GaussianBlur(ink, (0, 0), 2)
    wide = cv2.boundingRect((blurred > 0.02).view(np.uint8))
    assert wide == (36, 26, 48, 108)
    np.testing.assert_allclose(normalisation.tight(blurred, wide), (40, 30, 40, 100), atol=2)


@pytest.mark.parametrize("foot", [0, 60, 110])
def test_a_one_keeps_its_height_however_long_its_foot_is(foot):
    def draw(page):
        cv2.line(page, (140, 70), (140, 200), 255, 12)
        cv2.line(page, (140, 70), (118, 100), 255, 12)
        cv2.line(page, (140 - foot, 200), (140 + foot, 200), 255, 12)

    reading = normalisation.read(canvas(draw))
    assert reading.scaled.shape[0] == 20


def test_a_wide_digit_without_a_foot_keeps_its_width():
    def draw(page):
        cv2.ellipse(page, (140, 140), (110, 70), 0, 0, 360, 255, 16)

    assert normalisation.read(canvas(draw)).located.box_in_picture()[2] >= 230


@pytest.mark.parametrize("gap", [40, 90, 130])
def test_a_symbol_keeps_its_strokes_however_far_apart_they_are(gap):
    def equals(page):
        for y in (140 - gap // 2, 140 + gap // 2):
            cv2.line(page, (60, y), (220, y), 255, 12)

    def colon(page):
        for y in (140 - gap // 2, 140 + gap // 2):
            cv2.line(page, (140, y), (150, y), 255, 12)

    for sign in (equals, colon):
        picture = normalisation.read(canvas(sign), symbol=True).picture
        parts, _ = cv2.connectedComponents((picture > 0.4).view(np.uint8))
        assert parts - 1 == 2, "without the paper"
