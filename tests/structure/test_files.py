# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of docs/architecture.md for a single file: what it may import and open, how long it is, what it is
called.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.tests.structure.sources import (
    OURS,
    PLUGINS,
    ROOT,
    documentation,
    documented,
    every_python_file,
    imports,
    python_files,
    syntax_tree,
)

CONTROLLER_MAY_KNOW_ANSIBLE = {"_asked_hosts.py", "_callback.py", "_plain.py", "_screen.py", "_ssh_commands.py"}
HOST_MAY_OPEN_FILES = {
    "reader.py",
    "answer.py",
    "processes.py",
    "cgroup.py",
    # An investigation's own reader, its look at descriptors, its trace buffer, and its answer.
    "files.py",
    "descriptors.py",
    "instance.py",
    "ask.py",
}
MAXIMUM_LINES = {"plugins": 425, "tests": 400, "tools": 300, "benchmarks": 340}
OPENING = {"copyfile", "copytree", "makedirs", "mkstemp", "open", "read_bytes", "read_text", "replace_file", "rmtree"}
OPENING |= {"scandir", "symlink", "unlink", "write_bytes", "mkdir", "rename"}
"""What opens, makes or removes a file, by the last part of the name that is called."""


@pytest.mark.parametrize("path", python_files("module_utils"), ids=lambda path: path.name)
def test_host_files_need_the_standard_library_only(path: Path) -> None:
    """A host has nothing but Python: whatever else is imported would fail there."""
    for name in imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or name.startswith(OURS + ".module_utils"), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", python_files("plugin_utils"), ids=lambda path: path.name)
def test_controller_files_do_not_know_ansible(path: Path) -> None:
    """Pure code can be tested and reused without ansible-core; only the door knows it."""
    if path.name in CONTROLLER_MAY_KNOW_ANSIBLE:
        return
    for name in imports(path):
        assert not (name == "ansible" or name.startswith("ansible.")), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", python_files("module_utils"), ids=lambda path: path.name)
def test_only_the_reader_touches_files(path: Path) -> None:
    """Parsers and accounting take text and give data, so that a saved reading is as good as a host."""
    if path.name in HOST_MAY_OPEN_FILES:
        return
    tree = syntax_tree(path)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "open" not in called, f"{path.name} opens a file"
    assert not {"os", "posix", "io", "subprocess", "socket", "shutil"} & set(imports(path)), f"{path.name} imports I/O"


def opens_files(path: Path) -> bool:
    """Whether a file calls what opens, makes or removes files, or gives a path to SQLite."""
    for node in ast.walk(syntax_tree(path)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in OPENING:
            return True
        if isinstance(node.func, ast.Attribute) and (
            node.func.attr in OPENING or (node.func.attr == "connect" and "sqlite3" in ast.unparse(node.func))
        ):
            return True
    return False


def test_who_opens_files_on_the_controller_is_known() -> None:
    """Everything else there takes data and gives data, so that it can be tested and trusted without a disk."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    sentence = text.split("On the controller files are opened")[1].split("\n\n")[0]
    paths = [path for folder in ("plugin_utils", "action", "filter") for path in python_files(folder)]
    found = {str(path.relative_to(PLUGINS)) for path in paths if opens_files(path)}
    assert found == set(re.findall(r"`([^`]+\.py)`", sentence))


def hands_on(node: ast.stmt) -> bool:
    """Whether a statement only gives a name to what is somewhere else, or is a docstring."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        public = [target.id for target in targets if isinstance(target, ast.Name)] == ["__all__"]
        return public or isinstance(node.value, (ast.Name, ast.Attribute))
    return isinstance(node, (ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


@pytest.mark.parametrize("path", python_files("."), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_no_file_only_hands_names_on(path: Path) -> None:
    """A name has one place; whoever follows an import must arrive there at the first step."""
    assert not all(hands_on(node) for node in syntax_tree(path).body), f"{path.name} says nothing of its own"


@pytest.mark.parametrize("folder", ["modules", "filter"])
def test_adapters_do_no_arithmetic(folder: str) -> None:
    """Figures are made in the pure code alone, where they are tested."""
    for path in python_files(folder):
        operations = [
            node
            for node in ast.walk(syntax_tree(path))
            if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Mod, ast.Add))
        ]
        assert not operations, f"{path.name}: arithmetic in line {operations[0].lineno}"


def test_what_stands_outside_of_folders_is_private_by_name() -> None:
    """What is not for users begins with an underscore or lies in a folder."""
    for folder in ("module_utils", "plugin_utils"):
        for path in (PLUGINS / folder).glob("*.py"):
            assert path.name.startswith("_"), f"{folder}/{path.name} must be _{path.name}"


@pytest.mark.parametrize("path", every_python_file(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short_and_carry_the_licence(path: Path) -> None:
    """One idea a file; the licence in each."""
    lines = path.read_text().splitlines()
    # What ansible-doc shows has to stand in the plugin's own file, however long it is.
    long = len(lines) - sum((node.end_lineno or node.lineno) - node.lineno for node in documentation(path))
    most = MAXIMUM_LINES[path.relative_to(ROOT).parts[0]]
    assert long <= most, f"{path.name} has {long} lines"
    licence = ": ".join(("SPDX-License-Identifier", "GPL-3.0-or-later"))
    assert any(licence in line for line in lines[:6]), f"{path.name} has no licence line"


def test_version_is_the_same_everywhere() -> None:
    """The report names the version that was released."""
    from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.version import VERSION

    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == VERSION


@pytest.mark.parametrize("name", ["plan", "gather", "report", "history", "settings"])
def test_documentation_and_arguments_agree(name: str) -> None:
    """ansible-doc must not promise an option that the action refuses, nor hide one."""
    from ansible_collections.fleetaudit.kernel_memory.plugins.doc_fragments.audit import ModuleDocFragment
    from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _arguments as _audit_arguments
    from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import (
        _history_arguments,
        _settings_arguments,
    )

    module = {"history": _history_arguments, "settings": _settings_arguments}.get(name, _audit_arguments)
    specification = getattr(module, f"{name}_argument_spec")()
    own = yaml.safe_load(documented(PLUGINS / "modules" / f"kernel_memory_{name}.py", "DOCUMENTATION"))
    shared = "fleetaudit.kernel_memory.audit" in own["extends_documentation_fragment"]
    options = {**(yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"] if shared else {}), **own["options"]}
    assert set(options) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert options[option].get(key) == expected.get(key), f"{option}.{key}"
