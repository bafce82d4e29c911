# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lean transport's program, command and answer, without a connection."""

from __future__ import annotations

import ast
import json
import random
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import loader
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import (
    DEFAULT,
    NAMES,
    resolve_subsets,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.modules import kernel_memory_reading
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport import lean
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import this_python

ALL = resolve_subsets(["all"])
MODULE_UTILS = Path(loader.__file__).parent
SENT = sorted({*lean.ANY_SUBSET, *(name for names in lean.BY_SUBSET.values() for name in names)})
MARK = "0123456789abcdef"


def framed(document: object, before: str = "", after: str = "") -> str:
    """What a host prints."""
    return f"{before}\n<<{MARK}\n{json.dumps(document)}\n{MARK}>>\n{after}"


def answer(stdout: str, stderr: str = "", code: int = 0) -> lean.Answer:
    """The answer as read."""
    return lean.read_answer(MARK, stdout, stderr, code, ["python3"])


@pytest.mark.parametrize(("subsets", "limit"), [({}, 13), (DEFAULT, 25), (ALL, 36)], ids=["min", "default", "all"])
def test_program_is_small_and_has_no_documentation(subsets: dict[str, str], limit: int) -> None:
    """Its bytes travel to every host and are compiled there; what is for readers stays here."""
    text = lean.program(MARK, "/proc", "/sys", 5, subsets)
    assert len(text) < limit * 1024
    assert '"""' not in text and "Copyright" not in text and "Parameters:" not in text
    assert text.isascii()


def meaning(source: str) -> str:
    """The syntax tree of a program, without its documentation and what every file begins with."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
            node.body = [
                inner
                for inner in node.body
                if not (isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant))
            ] or [ast.Pass()]
    tree.body = [
        node for node in tree.body if not isinstance(node, ast.ImportFrom) and "__metaclass__" not in ast.dump(node)
    ]
    return ast.dump(tree)


@pytest.mark.parametrize("file", [*lean.EVERY_HOST, *(f"{name}.py" for name in SENT)])
def test_a_program_means_what_its_source_means(file: str) -> None:
    """What is left out must be for readers only, and text over several lines would be harmed."""
    source = (MODULE_UTILS / file).read_text("utf-8")
    stripped = lean._without_documentation(source)
    assert meaning(stripped) == meaning(source)
    assert ast.get_docstring(ast.parse(stripped)) is None and len(stripped) < 0.9 * len(source)


def test_what_had_nothing_but_a_docstring_still_has_a_body() -> None:
    """A class of errors has no more than that."""
    source = 'class Late(Exception):\n    """Late."""\n\n    # why\n\n\nclass A:\n    def f(self):\n        """F."""\n'
    assert lean._without_documentation(source) == "class Late(Exception):\n pass\nclass A:\n def f(self):\n  pass"


def test_program_as_argument_fits_with_room_to_spare() -> None:
    """Linux refuses an argument of 128 KiB."""
    command = lean.command_with_program(lean.CANDIDATES, MARK, lean.program(MARK, "/proc", "/sys", 5, ALL))
    assert len(command) < 16 * 1024


def test_program_holds_the_modules_of_its_subsets_alone() -> None:
    """What is not asked for doesn't travel."""
    texts = {name: lean.program(MARK, "/proc", "/sys", 5, {name: "always"}) for name in NAMES}
    assert [name for name in NAMES if "def parse_slabinfo" in texts[name]] == ["slab"]
    assert [name for name in NAMES if "def parse_vmallocinfo" in texts[name]] == ["vmalloc"]
    assert all("def gather" in text for text in texts.values())
    assert "def gather" not in lean.program(MARK, "/proc", "/sys", 5, {})


def test_every_module_of_a_program_can_be_loaded_by_the_ansible_module_too() -> None:
    """Both transports run the same code, by the same names."""
    assert set(lean.BY_SUBSET) == set(NAMES)
    for name in SENT:
        assert loader.load(name).__name__.endswith("." + name)


def test_the_module_that_reads_has_the_modules_of_the_subsets_that_it_is_given() -> None:
    """It carries no more, since every KiB costs each host."""
    assert set(kernel_memory_reading.NAMES) == set(DEFAULT)
    for name in {*lean.ANY_SUBSET, *(name for subset in DEFAULT for name in lean.BY_SUBSET[subset])}:
        assert kernel_memory_reading.load(name) is loader.load(name)


def test_a_module_is_compiled_once_and_only_when_it_is_asked_for() -> None:
    """An idle host must not pay for what it does not need."""
    space: dict[str, Any] = {}
    exec("import sys\n" + lean.module_sources(("slab",)), space)
    assert space["LOADED"] == {}
    space["SOURCES"]["bound"] = "this is no program"
    load = space["load"]
    assert load("slabinfo") is load("slabinfo") and list(space["LOADED"]) == ["slabinfo"]


def test_program_too_long_for_an_argument_is_refused() -> None:
    """Better a sentence than 'Argument list too long' from a shell."""
    noise = "".join(random.Random(1).choices(string.ascii_letters, k=300_000))
    with pytest.raises(ValueError, match="transport: module"):
        lean.command_with_program(["python3"], MARK, noise)


def test_roots_are_data_and_not_code() -> None:
    """A root with quotes, backslashes or other letters must arrive as it is, and must not run."""
    root = "/tmp/a'b\\c\"d\ne\u00fc;import os"
    text = lean.program(MARK, root, "/sys", 5, DEFAULT)
    seen: list[object] = []
    call = text.rstrip().splitlines()[-2]
    exec(
        call,
        {
            "read": None,
            "load": None,
            "answer": lambda read, nonce, proc_root, sys_root, deadline, subsets, load: seen.extend(
                [proc_root, subsets]
            ),
        },
    )
    assert seen == [root, DEFAULT]


def test_first_python_that_starts_is_taken() -> None:
    """A candidate that is missing, and one that exists and can't start, are passed over with standard input intact."""
    command = lean.command_for_input(["/nowhere/python", "/bin/false-not-there", this_python()], MARK)
    said = subprocess.run(["sh", "-c", command], input=b"print('it ran')", capture_output=True, check=True)
    assert said.stdout == b"it ran\n"


def test_interpreter_of_several_words_works() -> None:
    """ansible_python_interpreter may be '/usr/bin/env python3'."""
    command = lean.command_for_input([f"/usr/bin/env {this_python()}"], MARK)
    said = subprocess.run(["sh", "-c", command], input=b"print('it ran')", capture_output=True, check=True)
    assert said.stdout == b"it ran\n"


def test_no_python_is_told() -> None:
    """And the sentence names what was looked for."""
    command = lean.command_for_input(["/nowhere/python"], MARK)
    said = subprocess.run(["sh", "-c", command], input=b"x" * 100000, capture_output=True, check=True)
    told = lean.read_answer(MARK, said.stdout.decode(), "", 0, ["/nowhere/python"])
    assert told.outcome == "no_python" and "/nowhere/python" in told.message


def test_reading_is_found_amid_noise() -> None:
    """A motd or a .bashrc that prints must not cost the host its data."""
    assert answer(framed({"reading": {"format": 1}}, before="Welcome!\n<<not-it\n", after="bye")).reading == {
        "format": 1
    }


def test_terminal_line_ends_do_not_matter() -> None:
    """Where sudo demands a terminal, line ends arrive as CR LF."""
    assert answer(framed({"reading": {"format": 1}}).replace("\n", "\r\n")).reading == {"format": 1}


@pytest.mark.parametrize(
    ("stdout", "stderr", "outcome"),
    [
        ("", "sudo: sorry, you must have a tty to run sudo", "needs_tty"),
        ("", "sudo: a terminal is required to read the password", "needs_tty"),
        ("", "", "no_answer"),
        ("", "Segmentation fault", "no_answer"),
        (f"<<{MARK}\n{{\n{MARK}>>", "", "no_answer"),
        (framed([1]), "", "failed"),
        (framed({"error": "OSError: no"}), "", "failed"),
        (framed({"error": "RuntimeError: deadline"}), "", "timed_out"),
        (framed({"reading": "x" * (lean.MAXIMUM_ANSWER_BYTES + 1)}), "", "no_answer"),
    ],
)
def test_everything_else_has_a_name(stdout: str, stderr: str, outcome: str) -> None:
    """Each failure is told apart, in a sentence."""
    told = answer(stdout, stderr, 1)
    assert (told.outcome, told.reading) == (outcome, None)
    assert len(told.message) > 20


@given(st.text(), st.text(), st.integers(-300, 300))
def test_hostile_answers_never_raise(stdout: str, stderr: str, code: int) -> None:
    """Whatever a host sends, there is an outcome."""
    for text in (stdout, f"<<{MARK}\n{stdout}\n{MARK}>>"):
        told = answer(text, stderr, code)
        assert told.reading is None or isinstance(told.reading, dict)
        assert len(told.message) < 1000


def test_deeply_nested_answer_is_refused() -> None:
    """A bomb of brackets must not end the worker."""
    assert answer(f"<<{MARK}\n{'[' * 100000}\n{MARK}>>").outcome == "no_answer"
