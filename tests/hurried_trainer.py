"""The trainer itself at normal priority, for Dask workers of tests (`dask worker --preload`).

It makes way for everything else, and a machine that runs tests is busy.
"""

import sys

HURRIED = """
import sys
from digitcore import __main__, manners
manners.lower_priority = lambda: None
sys.exit(__main__.main(["train", "--run", sys.argv[1]]))
"""


def dask_setup(worker):
    """Called by Dask in a worker that preloads this file."""
    from digitcore import cluster_worker

    cluster_worker.TRAINER = [sys.executable, "-c", HURRIED]
