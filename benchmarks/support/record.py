"""What every benchmark does with its figures: print them, and keep them with the machine on which they were
measured."""

from __future__ import annotations

import json
import os
import platform
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from digitcore.paths import RESULTS

_PACKAGES = ("streamlit", "tensorflow-cpu", "tensorflow", "keras", "ai-edge-litert", "numpy")


def write(name: str, command: str, figures: dict[str, Any]) -> Path:
    """Keep figures as benchmarks/results/<name>.json, with the command, the date and the machine.

    Figures are rounded to four significant digits; further digits would only be noise.
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {"command": command, "date": time.strftime("%Y-%m-%d"), "machine": machine()} | rounded(figures)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(name: str) -> dict[str, Any]:
    """The figures that `write` kept."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def rounded(value: Any) -> Any:
    """The same value, with every float in it rounded to four significant digits."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system, Python and the packages that determine speed."""
    import psutil

    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_at_the_end": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
