"""Who may import whom (design: app -> pages -> pages/shared -> digitcore), and what a server never loads."""

import ast
import functools
import graphlib
import os
import re
import subprocess
import sys
from itertools import pairwise

from digitcore import paths

ROOT = paths.REPOSITORY
TENSORFLOW = {"tensorflow", "keras", "tf_keras"}
FILES = [
    ROOT / "app.py",
    *sorted((ROOT / "digitcore").rglob("*.py")),
    *sorted((ROOT / "pages").rglob("*.py")),
]


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


@functools.cache
def parsed(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(nodes):
    """Modules that these statements import: `from a import b` gives a.b if that is a module, else a."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from [name for name in within if name in MODULES] or [node.module]


@functools.cache
def imports(name):
    """Everything that a module imports, anywhere in it."""
    return frozenset(imported(ast.walk(parsed(name))))


def imports_when_loaded(name):
    """What importing a module imports at once: statements outside functions and TYPE_CHECKING blocks."""
    found, waiting = set(), list(parsed(name).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        found |= set(imported([node]))
        waiting.extend(ast.iter_child_nodes(node))
    return found


def top(name):
    return name.split(".")[0]


CORE = [name for name in MODULES if top(name) == "digitcore"]
SHARED = [name for name in MODULES if name.startswith("pages.shared")]
PARTS = [name for name in MODULES if name.startswith("pages.parts.")]
PAGES = [name for name in MODULES if top(name) == "pages" and name not in (*SHARED, *PARTS, "pages.parts")]


def test_the_modules_are_found():
    assert {"digitcore.runs.store", "pages.draw", "pages.shared.canvas", "app"} <= set(MODULES)


def those(names, wrong):
    """Each of these modules with what it imports although it must not: wrong(other) says of what it imports
    whether it is."""
    found = {name: {other for other in imports(name) if wrong(other)} for name in names}
    return {name: others for name, others in found.items() if others}


def test_digitcore_knows_nothing_of_streamlit_or_the_pages():
    above = {"streamlit", "pages", "app", "benchmarks", "tests"}
    assert not those(CORE, lambda other: top(other) in above)


def test_what_pages_share_imports_no_page():
    assert not those(SHARED, {*PAGES, *PARTS, "app"}.__contains__)


def test_pages_stand_alone_and_share_no_parts():
    assert not those([*PAGES, *PARTS], {*PAGES, "app"}.__contains__)
    for name in (*PAGES, *PARTS):
        page = name.split(".")[-1] if name in PAGES else name.split(".")[2]
        assert {other.split(".")[2] for other in imports(name) if other in PARTS} <= {page}, name


def test_the_router_knows_pages_only_by_their_files():
    assert {other for other in imports("app") if top(other) in ("pages", "digitcore")} <= set(SHARED)


def test_pages_never_import_what_trains_or_exports():
    pages = [*PAGES, *PARTS, *SHARED, "app"]
    assert not those(pages, lambda other: other.startswith("digitcore.training") or top(other) in TENSORFLOW)


LOADS = {
    f"digitcore.training.{module}"
    for module in (
        "batches",
        "character_kinds_fit",
        "fit",
        "line_reader_fit",
        "part_networks_fit",
        "reporting",
    )
}


def test_only_training_loads_tensorflow_when_imported():
    assert {name for name in CORE if set(map(top, imports_when_loaded(name))) & TENSORFLOW} == LOADS


def test_only_training_export_and_build_know_tensorflow_at_all():
    knows = {
        *LOADS,
        "digitcore.training.export",
        "digitcore.training.further_files",
        "digitcore.networks.architectures",
    }
    assert set(those(CORE, lambda other: top(other) in TENSORFLOW)) <= knows


# From the ground up: a wing imports only from those before it (the README's tree says what each is for).
WINGS = (
    "errors",
    "paths",
    "files",
    "process",
    "limits",
    "preprocessing",
    "datasets",
    "networks",
    "browser",
    "reading",
    "api",
    "evaluation",
    "augmentation",
    "runs",
    "classroom",
    "cluster",
    "training",
    "backends",
    "commands",
    "__main__",
)


def wing(name):
    return name.split(".")[1]


@functools.cache
def all_imports(name):
    """Everything a module imports or names in a string: `-m digitcore.training.worker`, `import_module`."""
    named = set()
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.fullmatch(r"(?:.*-m )?(digitcore(?:\.\w+)+)\.?", node.value)
            named |= {found[1]} & set(MODULES) if found else set()
            if node.value.endswith("."):  # import_module(f"digitcore.commands.{name}")
                named |= {other for other in MODULES if other.startswith(node.value)}
        if isinstance(node, (ast.List, ast.Tuple)):
            words = [getattr(part, "value", None) for part in node.elts]
            if ("-m", "digitcore") in pairwise(words):
                named.add("digitcore.__main__")
    return frozenset((imports(name) & set(MODULES)) | named - {name})


def test_names_in_strings_are_seen():
    assert "digitcore.training.worker" in all_imports("digitcore.backends") - imports("digitcore.backends")
    assert {"digitcore.commands.train", "digitcore.commands.predict"} <= all_imports("digitcore.__main__")


def test_a_wing_imports_only_from_those_below_it():
    for name in CORE[1:]:
        for other in all_imports(name) - {"digitcore"}:
            if top(other) == "digitcore":
                assert WINGS.index(wing(other)) <= WINGS.index(wing(name)), f"{name} imports {other}"


def test_a_drawing_of_the_wings_is_taken_in_at_a_glance():
    assert len(WINGS) == len({wing(name) for name in CORE if name != "digitcore"}) <= 20


def test_nothing_imports_the_command_line_but_itself():
    for name in MODULES:
        if wing(f"{name}.") not in ("commands", "__main__"):
            assert not {o for o in all_imports(name) if re.match(r"digitcore\.(commands|__main__)", o)}, name


def test_errors_are_at_the_bottom():
    assert not imports("digitcore.errors") & set(MODULES)


def test_there_is_no_circle_wherever_a_module_imports_another():
    graph = {name: all_imports(name) & set(MODULES) - {name} for name in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


WALK = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from tests.pages.running import as_on_a_server

from digitcore import paths

as_on_a_server()
app = AppTest.from_file(str(Path("app.py").resolve()), default_timeout=120).run()
assert not app.exception, app.exception
for page in sorted(Path("pages").glob("*.py")):
    app.switch_page(f"pages/{page.name}").run()
    assert not app.exception, (page, app.exception)
    print("walked", page.name)
print("loaded", sorted({"tensorflow", "keras", "tf_keras"} & set(sys.modules)))
"""


def test_a_server_that_has_shown_every_page_has_not_loaded_tensorflow(tmp_path):
    walk = subprocess.run(
        [sys.executable, "-c", WALK],
        cwd=ROOT,
        env={**os.environ, "DIGITLAB_RUNS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert walk.returncode == 0, walk.stderr[-3000:]
    for page in (ROOT / "pages").glob("*.py"):
        assert f"walked {page.name}" in walk.stdout
    assert "loaded []" in walk.stdout
