"""All changes, wing by wing."""

from benchmarks.support.mutants import preprocessing, reading, training_and_runs

MUTANTS = [*reading.MUTANTS, *preprocessing.MUTANTS, *training_and_runs.MUTANTS]
