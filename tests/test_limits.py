"""Limits by the size of the host, and how the environment changes them."""

from dataclasses import fields

import pytest

from digitcore import limits
from digitcore.errors import SettingsError


@pytest.fixture(autouse=True)
def no_host_in_the_environment(monkeypatch):
    for name in ("HOST", *(field.name.upper() for field in fields(limits.Limits))):
        monkeypatch.delenv(f"DIGITLAB_{name}", raising=False)


@pytest.mark.parametrize(("gigabytes", "host"), [(1, "small"), (2.7, "cloud"), (8, "laptop")])
def test_a_hosts_memory_names_it(monkeypatch, gigabytes, host):
    monkeypatch.setattr(limits, "total_memory", lambda: int(gigabytes * 2**30))
    limits._measured.cache_clear()
    assert limits.current() == limits.PROFILES[host]
    limits._measured.cache_clear()


def test_the_environment_names_the_host_and_changes_single_limits(monkeypatch):
    monkeypatch.setenv("DIGITLAB_HOST", "small")
    monkeypatch.setenv("DIGITLAB_TRAINERS", "4")
    assert limits.current().trainers == 4
    assert limits.current().kept_runs == limits.PROFILES["small"].kept_runs


@pytest.mark.parametrize(
    ("variable", "value"),
    [("DIGITLAB_HOST", "mainframe"), ("DIGITLAB_TRAINERS", "two"), ("DIGITLAB_RUNS_A_TRAINER", "0")],
)
def test_what_is_no_host_or_no_number_is_said_in_one_sentence(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=value):
        limits.current()


def test_a_smaller_host_never_allows_more():
    small, cloud, laptop = (limits.PROFILES[name] for name in ("small", "cloud", "laptop"))
    for field in fields(limits.Limits):
        assert getattr(small, field.name) <= getattr(cloud, field.name) <= getattr(laptop, field.name)
