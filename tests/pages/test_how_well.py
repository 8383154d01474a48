"""The page of measured figures: what it shows is in the files, and a missing file leaves its part out."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import paths
from digitcore.evaluation import published
from digitcore.evaluation.published import Row
from digitcore.networks import model_store
from pages.shared.figures import percent

PAGE = str(paths.REPOSITORY / "pages" / "how_well.py")
PARTS = ("as_read", "handwriting", "strings", "not_a_digit", "calibration", "robustness", "pipeline")


def reader(misses, n=200):
    return {"misses": misses, "accuracy": 1 - misses / n}


def share(count, n=200):
    return {"n": n, "count": count, "share": count / n}


@pytest.fixture
def results(tmp_path, monkeypatch):
    """An empty folder of results."""
    monkeypatch.setattr(paths, "RESULTS", tmp_path)
    return tmp_path


@pytest.fixture
def measured(results):
    """Small files as the benchmarks write them."""
    name = model_store.shipped()[0]
    sets = ("usps_test", "photo", "crops")
    bins = [{"n": 100, "confidence": 0.8, "accuracy": 0.7}, {"n": 100, "confidence": 0.99, "accuracy": 1.0}]
    content = {
        "handwriting": {
            "usual": "resized, another network",
            "sets": {each: {"n": 200, "readers": {name: reader(7), "usual": reader(61)}} for each in sets},
        },
        "as_read": {
            "model": name,
            "sets": {
                each: {"n": 200, "right and sure": 188, "wrong and sure": 1, "several and sure": 2}
                for each in (*sets, "sudoku_cells")
            },
            "pages": {"pages": 25, "exact": 21},
        },
        "strings": {
            "model": "digitnet",
            "split": "validation",
            "apart": {"strings": 50, "exact": 48},
            "multi": {"in rows": {"strings": 10, "exact": 8}},
        },
        "not_a_digit": {
            "model": name,
            "mnist": "validation",
            "refused": {"Fashion-MNIST": share(190), "scribble": share(100), "dot": share(200)},
            "accepted": {"MNIST": share(199), "photo": share(180)},
        },
        "calibration": {
            "aims": {"sure": 0.95},
            "models": {
                name: {
                    "n": 200,
                    "reliability": bins,
                    "sure": {"n": 120, "right": 117},
                    "after": {"expected_calibration_error": 0.031},
                }
            },
        },
        "robustness": {
            "n": 200,
            "part": "validation",
            "factors": {
                "rotation": {
                    "title": "rotated",
                    "kind": "geometry",
                    "unit": "degrees",
                    "untouched": 0,
                    "levels": [-15, 0, 15],
                    "readers": {name: {"accuracy": [0.97, 0.99, 0.96], "points_lost": [2.0, 0.0, 3.0]}},
                }
            },
        },
        "pipeline": {
            "model": name,
            "n": {"photo": 200},
            "misses": {
                "photo": {
                    "every step": 10,
                    "usual": 60,
                    "no ink": 150,
                    "no box": 90,
                    "no scale": 40,
                    "no centre of mass": 20,
                }
            },
        },
    }
    assert set(content) == set(PARTS)
    for part, figures_ in content.items():
        (results / f"{part}.json").write_text(json.dumps(figures_), encoding="utf-8")
    return results


def opened():
    page = AppTest.from_file(PAGE, default_timeout=120).run()
    return page


def texts(page):
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def test_without_any_result_the_card_is_shown_and_each_part_names_its_command(results):
    text = texts(opened())
    test = model_store.card(model_store.shipped()[0])["test"]
    assert f"{test['misses']:,} misses of {test['n']:,}" in text
    for part in PARTS:
        assert f"python -m benchmarks.{part}" in text


def test_every_part_shows_its_counts(measured):
    page = opened()
    text = texts(page)
    assert "Not measured yet" not in text
    for expected in (
        "**94.0%** · 12 misses of 200",  # USPS as it is sent
        "Wrong and sure were 4 of 800, and 8 were taken for several digits. Of 25",
        "**96.5%** · 7 misses of 200",  # USPS
        "**96.5%** · 14 misses of 400",  # photographs: two sets together
        "69.5%",  # the usual way
        "**96.0%** · 2 misses of 50",
        "**80.0%** · 2 misses of 10",
        "**95.0%** · 10 misses of 200",  # clothes
        "**75.0%** · 100 misses of 400",  # nothing: both kinds
        "97.5% of those are right",
        "3.0 more digits in a hundred",
    ):
        assert expected in text, expected
    assert page.selectbox[0].options == ["rotated"]
    assert len(page.get("vega_lite_chart")) == 4


def test_figures_of_another_network_are_not_shown_as_this_ones(measured):
    found = json.loads((measured / "handwriting.json").read_text())
    assert published.kinds(found["sets"], "another") == []


@pytest.mark.parametrize("spoilt", PARTS)
def test_one_missing_file_leaves_the_others(measured, spoilt):
    (measured / f"{spoilt}.json").unlink()
    text = texts(opened())
    assert text.count("Not measured yet") == 1
    assert f"python -m benchmarks.{spoilt}" in text


def test_the_test_digits_figures_go_before_those_of_validation(measured):
    found = json.loads((measured / "strings.json").read_text())
    found |= {"model": "digitnet", "split": "test", "apart": {"strings": 50, "exact": 30}}
    (measured / "strings_test.json").write_text(json.dumps(found))
    text = texts(opened())
    assert "**60.0%** · 20 misses of 50" in text and "MNIST's test digits" in text


def test_a_hundred_per_cent_is_said_only_where_nothing_was_missed():
    assert percent(1.0) == "100%"
    assert percent(0.99999) == "99.99%"
    assert percent(0.0) == "0%"
    assert Row("", "", 3000, 1).accuracy < 1
