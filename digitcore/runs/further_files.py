"""A further file of a finished run, made on request in a process of its own, one at a time."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Sequence

from digitcore import paths
from digitcore.errors import RunError
from digitcore.networks import model_store
from digitcore.runs import memory
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run


class FurtherFiles:
    """What makes them, for everybody. Thread-safe. The process outlives neither a full memory nor an error;
    the run keeps the files that it has."""

    def __init__(self, command: Sequence[str]) -> None:
        """command: makes a file; a run's folder and the file's name are appended. If it fails, the last line
        that it prints says why."""
        self._command = command
        self._process: subprocess.Popen | None = None
        self._asked: tuple[Run, str] | None = None
        self._output = None
        self._mutex = threading.Lock()

    def start(self, run: Run, name: str) -> None:
        """Begin to make a file of `model_store.FURTHER`. RunError if the run is not finished, if another file
        is being made, or if there is too little memory."""
        if name not in model_store.FURTHER:
            raise RunError(f"A further file is one of {', '.join(model_store.FURTHER)}; this is {name!r}.")
        state = run_state.of(run)
        if run.recorded or state.active or not state.has_model:
            raise RunError("Only a run of one's own that is finished can get another file.")
        with self._mutex:
            if self._alive():
                raise RunError("Another file is being made at this moment; try again in half a minute.")
            if memory.available_memory() < memory.TRAINER_BYTES:
                raise RunError("Too little memory is free to make this file; try again when nobody trains.")
            self._output = tempfile.TemporaryFile()  # noqa: SIM115 (a pipe that nobody empties would block)
            self._asked = run, name
            self._process = subprocess.Popen(
                [*self._command, str(run.folder.resolve()), name],
                cwd=paths.REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )

    def makes(self, run: Run) -> str | None:
        """The name of the file that is being made of this run at this moment."""
        with self._mutex:
            return self._asked[1] if self._is_of(run) and self._alive() else None

    def problem(self, run: Run) -> str | None:
        """Why the last file that was asked for could not be made of this run; None if it was, or is being."""
        with self._mutex:
            if not self._is_of(run) or self._alive() or self._process.returncode == 0:
                return None
            self._output.seek(0)
            lines = self._output.read().decode(errors="replace").strip().splitlines()
            return lines[-1].strip() if lines else f"The process ended with code {self._process.returncode}."

    def _is_of(self, run: Run) -> bool:
        return self._asked is not None and self._asked[0].folder == run.folder

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None
