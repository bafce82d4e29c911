# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lean transport without its connection: the program sent to a host, the command that starts it, its answer.

The program is the source of the host-side rooms, without comments and docstrings, plus one call. Rooms that only some
hosts need are in it as text, which costs a host nothing to compile until it is asked for. The program travels on the
standard input of the host's Python or, where the connection can't carry that, compressed in the command line.
"""

from __future__ import annotations

import ast
import base64
import json
import shlex
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOMS = ("reader.py", "answer.py")
"""The rooms of module_utils that every host runs, in the order in which they are sent."""

ROOMS_BY_SUBSET = {
    "allocinfo": ("rare_parts", "allocinfo"),
    "cgroups": ("cgroup",),
    "numa": ("numa",),
    "objects": (),
    "pressure": (),
    "processes": ("rare_parts", "processes"),
    "slab": ("rare_parts", "slabinfo"),
    "vmalloc": ("rare_parts", "vmallocinfo"),
}
"""The rooms that a subset needs on the host; every subset needs those of ROOMS_OF_ALL_SUBSETS, too."""

ROOMS_OF_ALL_SUBSETS = ("parts", "bound")

CANDIDATES = (
    "/usr/libexec/platform-python",
    "/usr/bin/python3",
    "python3",
    "/usr/local/bin/python3",
    "/usr/bin/python2",
    "python2",
    "python",
)
"""Where a Python is looked for when none is configured; the first that starts is taken."""

_AUTOMATIC_INTERPRETERS = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")

MAXIMUM_ARGUMENT_BYTES = 128 * 1024
"""Linux refuses a single argument of a command from this size on (MAX_ARG_STRLEN)."""

MAXIMUM_ANSWER_BYTES = 512 * 1024
"""A reading is a few KiB; what is far bigger was not written by the collector."""

_FLAGS = "-E -s -S"
# What the reader calls for a room: compiled at the first call, and the same object at the next. Without compile(),
# whose first call costs a millisecond more.
_ROOM = """
def room(name):
    if name not in MADE:
        MADE[name] = type(sys)(name)
        exec(SOURCES[name], MADE[name].__dict__)
    return MADE[name]
MADE = {}
"""
_HEAD = (
    "from __future__ import absolute_import, division, print_function\nimport sys\nsys.path[:] = [p for p in "
    "sys.path if p]\n"
)


@dataclass(frozen=True)
class Answer:
    """What a host sent back: a reading, or what went wrong.

    outcome is ``reading``, ``no_python``, ``no_answer``, ``needs_tty`` or ``failed``; message is a sentence unless it
    is ``reading``.
    """

    outcome: str
    reading: dict[str, Any] | None
    message: str


@cache
def host_source() -> str:
    """Return the rooms that every host runs as one program text, as small as it gets by leaving out what is for
    readers only.
    """
    return _HEAD + "\n".join(_room_source(room) for room in ROOMS) + "\n"


@cache
def room_sources(subsets: tuple[str, ...]) -> str:
    """Return the program text that holds, as texts, the rooms that these subsets need, and the function that gives
    them.
    """
    rooms = [*(ROOMS_OF_ALL_SUBSETS if subsets else ()), *(room for name in subsets for room in ROOMS_BY_SUBSET[name])]
    sources = "".join(f"{ascii(name)}: {ascii(_room_source(name + '.py'))},\n" for name in dict.fromkeys(rooms))
    return f"{_ROOM}SOURCES = {{\n{sources}}}\n"


@cache
def _room_source(file: str) -> str:
    return _without_documentation((Path(__file__).parents[2] / "module_utils" / "collect" / file).read_text("utf-8"))


def _without_documentation(source: str) -> str:
    """Return Python source without comments, docstrings, empty lines and most of its indentation; it means the same.

    Lines are dropped rather than a syntax tree written out again, since every run of Ansible waits for this. A text
    over several lines would be harmed; no room that is sent has one.
    """
    kept: dict[int, str] = {}
    for number, line in enumerate(source.splitlines(), 1):
        text = line.lstrip(" ")
        if text and not text.startswith("#"):
            kept[number] = " " * ((len(line) - len(text)) // 4) + text
    tree = ast.parse(source)
    for node in tree.body:
        if _is_boilerplate(node):
            _drop(node, kept)
    blocks: list[ast.stmt] = list(tree.body)
    while blocks:
        block = blocks.pop()
        if not isinstance(block, (ast.FunctionDef, ast.ClassDef)):
            continue
        blocks += block.body
        if _is_text(block.body[0]):
            first = _drop(block.body[0], kept)
            if len(block.body) == 1:
                kept[first] = " " * (block.body[0].col_offset // 4) + "pass"
    return "\n".join(kept[number] for number in sorted(kept))


def _drop(node: ast.stmt, kept: dict[int, str]) -> int:
    """Take the lines of a statement off those that are kept, and return the first one's number."""
    for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
        kept.pop(number, None)
    return node.lineno


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_boilerplate(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    if isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "__metaclass__" for target in node.targets
    ):
        return True
    return _is_text(node)


def program(mark: str, proc_root: str, sys_root: str, deadline_seconds: int, subsets: Mapping[str, str]) -> str:
    """Return the program text for one host.

    *mark* frames its answer and must be new for each call; *subsets* are resolved (name to ``always`` or ``needed``).
    """
    wanted = dict(sorted(subsets.items()))
    call = (
        f"answer(read, {ascii(mark)}, {ascii(proc_root)}, {ascii(sys_root)}, {int(deadline_seconds)}, "
        f"{ascii(wanted)}, room)\n"
    )
    return host_source() + room_sources(tuple(wanted)) + call


def interpreters(configured: str) -> tuple[str, ...]:
    """Return the Pythons to try: the configured one alone or, where none is configured, the usual places."""
    configured = configured.strip()
    return CANDIDATES if configured in _AUTOMATIC_INTERPRETERS else (configured,)


def command_for_input(candidates: Sequence[str], mark: str) -> str:
    """Return the shell command that runs a program given on standard input with the first Python that starts."""
    # 126 and 127 mean that the candidate could not be started, so that standard input is untouched.
    return _first_of(candidates, f"{_FLAGS} -", mark, otherwise="cat >/dev/null; ")


def command_with_program(candidates: Sequence[str], mark: str, text: str) -> str:
    """Return the shell command that carries the program *text* itself, for connections without standard input.

    Raises ValueError if it is longer than a Linux command argument may be.
    """
    packed = base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")
    if len(packed) > MAXIMUM_ARGUMENT_BYTES - 4096:
        raise ValueError("The collector is too long for a command argument; use transport: module on this host.")
    start = f"import zlib,base64;exec(zlib.decompress(base64.b64decode(b'{packed}')).decode('ascii'))"
    return _first_of(candidates, f'{_FLAGS} -c "{start}"', mark)


def _first_of(candidates: Sequence[str], arguments: str, mark: str, otherwise: str = "") -> str:
    names = " ".join(shlex.quote(name) for name in candidates)
    # A configured interpreter may be several words ("/usr/bin/env python3"), so $p is left to be split.
    return (
        f"for p in {names}; do command -v ${{p%% *}} >/dev/null 2>&1 || continue; $p {arguments}; r=$?; "
        f"[ $r = 126 ] || [ $r = 127 ] || exit $r; done; {otherwise}echo '<<{mark} no-python'; exit 0"
    )


def read_answer(
    mark: str,
    stdout: str,
    stderr: str,
    exit_code: int,
    tried: Sequence[str],
    understand: Callable[[str], dict[str, Any]] | None = None,
) -> Answer:
    """Return what the host answered. Noise before and after the marks (motd, .bashrc) is dropped.

    *understand* makes a reading of what stands between the marks, or raises ValueError with a sentence; without it that
    is JSON.
    """
    start, end = stdout.find(f"<<{mark}\n"), stdout.rfind(f"\n{mark}>>")
    if start < 0:
        start = stdout.find(f"<<{mark}\r\n")  # a tty in between turns line ends into CR LF
    if 0 <= start < end:
        return _framed(stdout[start + len(mark) + 3 : end], understand)
    if f"<<{mark} no-python" in stdout:
        return Answer("no_python", None, f"No Python was found on the host; looked for {', '.join(tried)}.")
    complaint = " ".join((stderr or stdout).split())[-300:]
    if "must have a tty" in complaint or "a terminal is required" in complaint:
        return Answer("needs_tty", None, f"The host demands a terminal: {complaint}")
    return Answer(
        "no_answer",
        None,
        f"The host ran the collector but sent no reading (exit code {exit_code}): {complaint or 'no output'}",
    )


def _framed(text: str, understand: Callable[[str], dict[str, Any]] | None) -> Answer:
    if len(text) > MAXIMUM_ANSWER_BYTES:
        return Answer(
            "no_answer",
            None,
            f"The host's answer is {len(text)} bytes long; a reading has a few thousand. It was not read.",
        )
    if understand:
        try:
            return Answer("reading", understand(text), "")
        except ValueError as exc:
            return Answer("no_answer", None, str(exc))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Answer(
            "no_answer", None, "The host's answer is not JSON, so something on the host garbled it. It was not read."
        )
    reading = document.get("reading") if isinstance(document, dict) else None
    if isinstance(reading, dict):
        return Answer("reading", reading, "")
    reason = str(document.get("error"))[:300] if isinstance(document, dict) else "it holds no reading"
    if reason == "RuntimeError: deadline":
        return Answer(
            "timed_out",
            None,
            "The collector ran into its own deadline on the host; a file of /proc or /sys did not answer.",
        )
    return Answer("failed", None, f"The collector failed on the host: {reason}.")
