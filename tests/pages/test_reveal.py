"""Until a class's teacher reveals the test, no page tells a student what the test digits say of a run of
theirs."""

import hashlib
import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import paths
from digitcore.classroom.classes import Classroom
from digitcore.classroom.students import Students
from digitcore.networks import model_store
from digitcore.runs import store as run_store
from pages.shared import reveal
from tests.classroom.test_classes import finished
from tests.pages.test_classroom import said

TEST_MISSES, VALIDATION_MISSES = 4_321, 137  # of 10,000 and of 5,000: no other figure looks like these
SECRETS = ("4,321", "4321", "56.79")


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    monkeypatch.setattr(reveal, "REMEMBERED_SECONDS", 0.0)


@pytest.fixture
def student():
    """A student with a finished run: (classes, teacher's key, the student's key, the run)."""
    rooms, key = Classroom(), run_store.new_key()
    room, teacher = rooms.make()
    Students(rooms).join(room.code, "Anna", key)
    return rooms, teacher, key, a_run(key)


def a_run(key):
    test = model_store.card("mlp-128-128")["test"] | {"accuracy": 0.5679, "misses": TEST_MISSES}
    report = {
        "0": {"precision": 0.5679, "recall": 0.5679, "f1-score": 0.5679, "support": 980},
        "accuracy": 0.5679,
    }
    exported = {"agreement": 1.0, "n": 1_000, "max_difference": 0.0, "test": test}
    run = finished(key, validation=VALIDATION_MISSES, name="my run")
    card = json.loads(run.file("card.json").read_text())
    file = paths.MODELS / "mlp-128-128.tflite"
    card["files"] = {"model.tflite": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}}
    card |= {"test": test | {"classification_report": report}, "exports": {"model.tflite": exported}}
    run.file("card.json").write_text(json.dumps(card))
    shutil.copyfile(file, run.file("model.tflite"))
    return run


def opened(page, key, **state):
    app = AppTest.from_file(str(paths.REPOSITORY / page), default_timeout=120)
    app.query_params["key"] = key
    for name, value in state.items():
        app.session_state[name] = value
    return app.run()


def everything(app):
    """All that a page says, its tables, captions of radios, metrics and charts included."""
    frames = " ".join(frame.value.to_csv() for frame in app.dataframe)
    metrics = " ".join(f"{metric.label} {metric.value}" for metric in app.metric)
    radios = " ".join(str(radio.proto) for radio in app.radio)
    charts = " ".join(str(chart.proto) for chart in app.get("vega_lite_chart"))
    return " ".join((said(app), frames, metrics, radios, charts))


def shown_by(key, run):
    """What Train (each of its tabs), Compare (each of its tabs), Draw and Upload say."""
    tabs = [{"train_shown": run.id, f"tabs_{run.id}": tab} for tab in ("Curves", "Take it home", "Run card")]
    pages = [opened("pages/train.py", key, **state) for state in tabs]
    for tab in ("Figures", "Confusion", "Two by two"):
        pages.append(opened("pages/compare.py", key, compare_tabs=tab))
    for page in ("draw", "upload"):
        pages.append(opened(f"pages/{page}.py", key, network=f"run:{run.id}"))
    return {str(n): everything(page) for n, page in enumerate(pages)}


def test_until_the_test_is_revealed_no_page_shows_it_and_each_says_why(student):
    rooms, teacher, key, run = student
    shown = shown_by(key, run)
    for text in shown.values():
        assert not [secret for secret in SECRETS if secret in text]
    assert "97.26%" in shown["0"] and "Misses of 5,000 137" in shown["0"]
    assert reveal.SENTENCE in shown["0"] and reveal.SENTENCE in shown["3"]
    assert "97.26% of the validation digits" in shown["6"] and "97.26%" in shown["7"]
    rooms.set_limits(teacher, revealed=True)
    revealed = shown_by(key, run)
    for number in ("0", "1", "3", "6", "7"):
        assert [secret for secret in SECRETS if secret in revealed[number]], number


def test_the_tabs_of_test_pictures_are_there_only_after_the_reveal(student):
    rooms, teacher, key, _ = student
    assert {tab.label for tab in opened("pages/train.py", key).tabs} & {"Misses", "By class"} == set()
    rooms.set_limits(teacher, revealed=True)
    assert {"Misses", "By class"} <= {tab.label for tab in opened("pages/train.py", key).tabs}


def test_the_card_that_is_taken_home_holds_no_test_figure_before_the_reveal(student):
    *_, run = student
    card = reveal.without_test(run.card())
    assert not [secret for secret in SECRETS if secret in json.dumps(card)]
    assert card["validation"]["misses"] == VALIDATION_MISSES and card["exports"]["model.tflite"]["n"] == 1_000


@pytest.mark.parametrize("whose", ["joined later", "no class", "other data", "board closed"])
def test_what_is_not_the_classs_business_is_shown(student, whose):
    rooms, teacher, key, run = student
    if whose == "no class":
        key = run_store.new_key()
        run = a_run(key)
    elif whose == "joined later":
        key = run_store.new_key()
        run = a_run(key)
        Students(rooms).join(rooms.of_teacher(teacher).code, "Bo", key)
    elif whose == "board closed":
        rooms.set_limits(teacher, runs_open=False)
        run = a_run(key)
    else:
        settings = json.loads(run.file("settings.json").read_text())
        settings["settings"]["dataset"] = "fashion-mnist"
        run.file("settings.json").write_text(json.dumps(settings))
    assert "4,321" in everything(opened("pages/train.py", key, train_shown=run.id))
