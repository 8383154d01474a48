"""Settings: one validated dataclass, usable without TensorFlow."""

import dataclasses

import pytest

from digitcore.errors import SettingsError
from digitcore.networks.ranges import ARCHITECTURES, RANGES, Choice
from digitcore.networks.recipes import RECIPES
from digitcore.networks.settings import Settings


def test_every_field_has_a_stated_range_and_every_range_a_field():
    assert set(RANGES) == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_each_network_has_a_recipe_of_its_own_that_is_valid(name):
    settings = Settings.for_architecture(name)
    assert settings.architecture == name
    assert all(getattr(settings, key) == value for key, value in RECIPES[name].items())


def test_a_value_outside_its_range_is_an_error_that_names_the_range_and_the_value():
    with pytest.raises(SettingsError, match=r"epochs must be between 1 and 60, got 61\."):
        Settings(epochs=61)
    with pytest.raises(SettingsError, match=r"dropout must be between 0 and 0.8, got -0.1\."):
        Settings(dropout=-0.1)


@pytest.mark.parametrize("value", [2.5, "3", True, None, float("nan")])
def test_a_value_of_the_wrong_type_is_an_error(value):
    with pytest.raises(SettingsError, match="epochs must be a whole number"):
        Settings(epochs=value)


@pytest.mark.parametrize("name", [name for name, allowed in RANGES.items() if isinstance(allowed, Choice)])
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(name):
    with pytest.raises(SettingsError, match=RANGES[name].options[0]):
        Settings(**{name: "quantum"})


def test_an_unknown_setting_is_an_error():
    with pytest.raises(SettingsError, match="momentum"):
        Settings.from_dict({"momentum": 0.9})


def test_an_unknown_network_is_an_error_that_lists_the_networks():
    with pytest.raises(SettingsError, match="mlp-128"):
        Settings.for_architecture("transformer")


def test_settings_survive_the_way_through_a_dictionary():
    settings = Settings.for_architecture("deeper-cnn", seed=7)
    assert Settings.from_dict(settings.to_dict()) == settings


def test_the_last_batch_counts_as_a_step():
    assert Settings(n_train=1000, batch_size=64).steps_per_epoch == 16


def test_what_only_makes_sense_together_is_asked_for_together():
    with pytest.raises(SettingsError, match="start must be shipped"):
        Settings(kept=0.5)
    with pytest.raises(SettingsError, match="distil needs one-hot targets"):
        Settings(distil=0.5)
    with pytest.raises(SettingsError, match="smoothing needs one-hot targets"):
        Settings(smoothing=0.1)
    with pytest.raises(SettingsError, match="may add up to 1"):
        Settings(plain=0.7, mild=0.5)
