# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of docs/architecture.md that a machine can hold: who may import whom, and what each file must be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
OURS = "ansible_collections.fleetaudit.kernel_memory.plugins."
CONTROLLER_MAY_KNOW_ANSIBLE = {"_plain.py"}
MAY_READ_FILES = {"reader.py", "answer.py", "processes.py", "cgroup.py"}
MAXIMUM_LINES = 300
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def python_files(room: str) -> list[Path]:
    """The Python files of a room and below."""
    return sorted((PLUGINS / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at any level."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; rooms import each other by full name"
            yield node.module or ""
            if (node.module or "").startswith(OURS):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def every_python_file() -> list[Path]:
    """All Python of the project."""
    return [path for folder in ("plugins", "tests", "tools", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", python_files("module_utils"), ids=lambda path: path.name)
def test_host_rooms_need_the_standard_library_only(path: Path) -> None:
    """A host has nothing but Python: whatever else is imported would fail there."""
    for name in imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or name.startswith(OURS + "module_utils"), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", python_files("plugin_utils"), ids=lambda path: path.name)
def test_controller_rooms_do_not_know_ansible(path: Path) -> None:
    """Pure rooms can be tested and reused without ansible-core; only the door knows it."""
    if path.name in CONTROLLER_MAY_KNOW_ANSIBLE:
        return
    for name in imports(path):
        assert not (name == "ansible" or name.startswith("ansible.")), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", python_files("module_utils"), ids=lambda path: path.name)
def test_only_the_reader_touches_files(path: Path) -> None:
    """Parsers and accounting take text and give data, so that a saved reading is as good as a host."""
    if path.name in MAY_READ_FILES:
        return
    tree = ast.parse(path.read_text())
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "open" not in called, f"{path.name} opens a file"
    assert not {"os", "posix", "io", "subprocess", "socket", "shutil"} & set(imports(path)), f"{path.name} imports I/O"


@pytest.mark.parametrize("room", ["modules", "filter"])
def test_adapters_do_no_arithmetic(room: str) -> None:
    """Figures are made in the pure rooms alone, where they are tested."""
    for path in python_files(room):
        operations = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Mod, ast.Add))]
        assert not operations, f"{path.name}: arithmetic in line {operations[0].lineno}"


def test_shared_rooms_are_private_by_name() -> None:
    """Everything that is not for users begins with an underscore (or lies in a folder of outputs)."""
    for room in ("module_utils", "plugin_utils"):
        for path in (PLUGINS / room).glob("*.py"):
            assert path.name.startswith("_"), f"{room}/{path.name} must be _{path.name}"


def test_no_circular_imports() -> None:
    """A circle means that two rooms are one."""
    graph: dict[str, set[str]] = {}
    for path in [*python_files("module_utils"), *python_files("plugin_utils")]:
        name = OURS + ".".join(path.relative_to(PLUGINS).with_suffix("").parts)
        graph[name] = set(imports(path))
    known = set(graph)

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "circular import: " + " -> ".join((*trail, name)).replace(OURS, "")
        for target in graph[name] & known:
            visit(target, (*trail, name))

    for name in known:
        visit(name, ())


@pytest.mark.parametrize("path", every_python_file(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short_and_carry_the_licence(path: Path) -> None:
    """One idea a file; the licence in each."""
    lines = path.read_text().splitlines()
    # What ansible-doc shows has to stand in the plugin's own file, however long it is.
    shown = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTATION]
    long = len(lines) - sum((node.end_lineno or node.lineno) - node.lineno for node in shown)
    assert long <= MAXIMUM_LINES, f"{path.name} has {long} lines"
    assert any("SPDX-License-Identifier: GPL-3.0-or-later" in line for line in lines[:6]), f"{path.name} has no licence line"


def test_version_is_the_same_everywhere() -> None:
    """The report names the version that was released."""
    from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._version import VERSION

    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == VERSION


@pytest.mark.parametrize("name", ["plan", "report", "history"])
def test_documentation_and_arguments_agree(name: str) -> None:
    """ansible-doc must not promise an option that the action refuses, nor hide one."""
    from ansible_collections.fleetaudit.kernel_memory.plugins.doc_fragments.audit import ModuleDocFragment
    from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _arguments as _audit_arguments
    from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _history_arguments

    room = _history_arguments if name == "history" else _audit_arguments
    specification = getattr(room, f"{name}_argument_spec")()
    tree = ast.parse((PLUGINS / "modules" / f"kernel_memory_{name}.py").read_text())
    text = next(node.value.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "DOCUMENTATION")
    own = yaml.safe_load(text)
    shared = "fleetaudit.kernel_memory.audit" in own["extends_documentation_fragment"]
    documented = {**(yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"] if shared else {}), **own["options"]}
    assert set(documented) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert documented[option].get(key) == expected.get(key), f"{option}.{key}"
