"""Settings go through an address and come back; what cannot be used is reported, and the rest is used."""

from urllib.parse import parse_qsl

import pytest

from digitcore.networks import settings_query
from digitcore.networks.ranges import ARCHITECTURES, RANGES, Choice
from digitcore.networks.settings import Settings

CHANGED = {
    "learning_rate": 0.00123456789,
    "optimizer": "sgd",
    "seed": 2**31 - 1,
    "shift": 2.5,
    "n_train": 700,
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("changed", [{}, CHANGED], ids=["recipe", "changed"])
def test_a_link_gives_back_the_settings_that_it_was_made_from(architecture, changed):
    settings = Settings.for_architecture(architecture, **changed)
    values, problems = settings_query.taken(dict(parse_qsl(settings_query.query(settings))), "cnn")
    assert not problems
    assert Settings.for_architecture(**values) == settings


def test_a_link_names_what_people_look_for_and_otherwise_only_what_differs_from_the_recipe():
    assert settings_query.query(Settings.for_architecture("mlp-128", epochs=3, n_train=1000)) == (
        "architecture=mlp-128&epochs=3&n_train=1000"
    )
    link = settings_query.query(Settings.for_architecture("custom", depth=4))
    assert link == "architecture=custom&epochs=5&n_train=55000&depth=4"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("epochs", "900", "epochs must be between 1 and 60 (got 900)"),
        ("epochs", "three", "epochs must be a whole number (got three)"),
        ("epochs", "2.5", "epochs must be a whole number (got 2.5)"),
        ("epochs", "", "epochs must be a whole number (got nothing)"),
        ("epochs", "1_0", "epochs must be a whole number"),
        ("seed", "9" * 5_000, "seed must be a whole number (got " + "9" * 20 + ")"),
        ("learning_rate", "nan", "learning_rate must be a number (got nan)"),
        ("dropout", "1e9", "dropout must be between 0 and 0.8 (got 1e9)"),
        ("architecture", "resnet", "architecture must be one of mlp-128"),
        ("epoch", "3", "there is no setting epoch"),
        ("depth", "3", "depth is only for the network custom"),
    ],
)
def test_what_cannot_be_used_is_reported_and_the_rest_is_used(name, text, said):
    values, problems = settings_query.taken({name: text, "n_train": "1000"}, "simple-cnn")
    assert values == {"n_train": 1000}
    assert len(problems) == 1 and problems[0].startswith(said)


def test_no_markup_from_outside_gets_through():
    hostile = "![x](http://elsewhere/y.png)<b>`$"
    _, problems = settings_query.taken({"epochs": hostile, hostile: "1", "optimizer": hostile}, "cnn")
    assert len(problems) == 3
    told = [problem.rsplit("(got ", 1)[-1] for problem in problems]
    assert not any(set(text) & set("![]<>`$:/*") for text in told)


def test_every_setting_can_be_in_a_link():
    for name, allowed in RANGES.items():
        edges = allowed.options if isinstance(allowed, Choice) else (allowed.low, allowed.high)
        for value in edges:
            values, problems = settings_query.taken({"architecture": "custom"} | {name: str(value)}, "cnn")
            assert (values[name], problems) == (value, [])
