"""What browser tests and benchmarks drive."""

import contextlib
import sys

import psutil
import pytest

from benchmarks.support import driving

SWITCH = driving.SWITCH


@pytest.mark.skipif(sys.platform != "linux", reason="Linux shows how a program was started")
def test_the_last_switch_for_features_repeats_playwrights_and_no_window_loads_its_own_pages(chromium):
    context = chromium.new_context()
    context.new_page()
    lines = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that has ended by now
            lines.append(process.cmdline())
    kinds = [next((word for word in line if word.startswith("--type=")), None) for line in lines]
    browser = next(line for line, kind in zip(lines, kinds, strict=True) if SWITCH in str(line) and not kind)
    switches = [word.removeprefix(SWITCH).split(",") for word in browser if word.startswith(SWITCH)]
    assert len(switches) > 1 and set(switches[-1]) == set(driving.FEATURES)
    assert set().union(*switches) == set(driving.FEATURES)
    assert "--type=renderer" in kinds
    assert not any("--top-chrome-webui" in line for line in lines)
    context.close()
