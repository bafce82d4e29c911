# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lean transport without its connection: the program sent to a host, the command that starts it, its answer.

The program is the source of the host-side modules, without comments and docstrings, plus one call. Modules that only
some hosts need are in it as text, which costs a host nothing to compile until it is asked for. The program travels on
the standard input of the host's Python or, where the connection can't carry that, compressed in the command line.
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

from ...module_utils.collect.subsets import is_saved

EVERY_HOST = ("reader.py", "answer.py")
"""The files of module_utils that every host runs, in the order in which they are sent."""

BY_SUBSET = {
    "allocinfo": ("rare_parts", "allocinfo"),
    "cgroups": ("cgroup",),
    "descriptors": ("rare_parts", "descriptors"),
    "limits": ("rare_parts", "counts"),
    "numa": ("numa",),
    "objects": (),
    "pressure": (),
    "processes": ("rare_parts", "processes"),
    "slab": ("rare_parts", "slabinfo"),
    "vmalloc": ("rare_parts", "vmallocinfo"),
}
"""The modules that a subset needs on the host; every subset needs those of ANY_SUBSET, too."""

ANY_SUBSET = ("parts", "bound")

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
# What the reader calls for a module: compiled at the first call, and the same object at the next. Without compile(),
# whose first call costs a millisecond more. What few hosts need is packed.
_LOAD = """
def load(name):
    if name not in SOURCES:
        import binascii, zlib
        SOURCES.update(eval(zlib.decompress(binascii.a2b_base64(PACKED))))
    if name not in LOADED:
        LOADED[name] = type(sys)(name)
        exec(SOURCES[name], LOADED[name].__dict__)
    return LOADED[name]
LOADED = {}
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
    """Return the modules that every host runs as one program text, as small as it gets by leaving out what is for
    readers only.
    """
    return _HEAD + "\n".join(_source_of(file) for file in EVERY_HOST) + "\n"


@cache
def module_sources(always: tuple[str, ...], needed: tuple[str, ...] = (), saved: bool = False) -> str:
    """Return the program text that holds, as texts, the modules that these subsets need, and the function that gives
    them.

    Parameters: always, subsets that are gathered in any case; needed, those that only some hosts gather, whose modules
    are packed; saved, whether a saved copy is read.
    """
    plain = [*(ANY_SUBSET if always or needed else ()), *(module for name in always for module in BY_SUBSET[name])]
    plain += ["saved"] if saved else []
    rare = [module for name in needed for module in BY_SUBSET[name] if module not in plain]
    if rare:
        # Only the reading of a large host has to be shortened.
        plain.remove("bound")
        rare.append("bound")
    packed = base64.b64encode(zlib.compress(_as_dict(rare).encode("ascii"), 9)).decode("ascii") if rare else ""
    return f"{_LOAD}SOURCES = {_as_dict(plain)}\nPACKED = '{packed}'\n"


def _as_dict(modules: Sequence[str]) -> str:
    """Return the source of a dict of modules, as raw texts over several lines, in which nothing is escaped; no module
    holds three apostrophes.
    """
    sources = "".join(f"'{name}': r'''{_source_of(name + '.py')}''',\n" for name in dict.fromkeys(modules))
    return f"{{\n{sources}}}"


@cache
def _source_of(file: str) -> str:
    return _without_documentation((Path(__file__).parents[2] / "module_utils" / "collect" / file).read_text("utf-8"))


def _without_documentation(source: str) -> str:
    """Return Python source without comments, docstrings, empty lines and most of its indentation; it means the same.

    Lines are dropped rather than a syntax tree written out again, since every run of Ansible waits for this. A text
    over several lines would be harmed; no module that is sent has one.
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


def program(nonce: str, proc_root: str, sys_root: str, deadline_seconds: int, subsets: Mapping[str, str]) -> str:
    """Return the program text for one host.

    *nonce* frames its answer and must be new for each call; *subsets* are resolved (name to ``always`` or ``needed``).
    """
    wanted = dict(sorted(subsets.items()))
    call = (
        f"answer(read, {ascii(nonce)}, {ascii(proc_root)}, {ascii(sys_root)}, {int(deadline_seconds)}, "
        f"{ascii(wanted)}, load)\n"
        # What Python would do at its end (tearing down modules) is a fifth of all that it costs the host.
        "posix._exit(0)\n"
    )
    always, needed = (tuple(name for name in wanted if wanted[name] == when) for when in ("always", "needed"))
    return host_source() + module_sources(always, needed, is_saved(proc_root, sys_root)) + call


def interpreters(configured: str) -> tuple[str, ...]:
    """Return the Pythons to try: the configured one alone or, where none is configured, the usual places."""
    configured = configured.strip()
    return CANDIDATES if configured in _AUTOMATIC_INTERPRETERS else (configured,)


def command_for_input(candidates: Sequence[str], nonce: str) -> str:
    """Return the shell command that runs a program given on standard input with the first Python that starts."""
    # 126 and 127 mean that the candidate could not be started, so that standard input is untouched.
    return _first_of(candidates, f"{_FLAGS} -", nonce, otherwise="cat >/dev/null; ")


def command_with_program(candidates: Sequence[str], nonce: str, text: str) -> str:
    """Return the shell command that carries the program *text* itself, for connections without standard input.

    Raises ValueError if it is longer than a Linux command argument may be.
    """
    packed = base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")
    if len(packed) > MAXIMUM_ARGUMENT_BYTES - 4096:
        raise ValueError("The collector is too long for a command argument; use transport: module on this host.")
    start = f"import zlib,base64;exec(zlib.decompress(base64.b64decode(b'{packed}')).decode('ascii'))"
    return _first_of(candidates, f'{_FLAGS} -c "{start}"', nonce)


def _first_of(candidates: Sequence[str], arguments: str, nonce: str, otherwise: str = "") -> str:
    names = " ".join(shlex.quote(name) for name in candidates)
    # A configured interpreter may be several words ("/usr/bin/env python3"), so $p is left to be split.
    return (
        f"for p in {names}; do command -v ${{p%% *}} >/dev/null 2>&1 || continue; $p {arguments}; r=$?; "
        f"[ $r = 126 ] || [ $r = 127 ] || exit $r; done; {otherwise}echo '<<{nonce} no-python'; exit 0"
    )


def read_answer(
    nonce: str,
    stdout: str,
    stderr: str,
    exit_code: int,
    tried: Sequence[str],
    understand: Callable[[str], dict[str, Any]] | None = None,
) -> Answer:
    """Return what the host answered. Noise before and after the lines with the nonce (motd, .bashrc) is dropped.

    *understand* makes a reading of what stands between them, or raises ValueError with a sentence; without it that
    is JSON.
    """
    start, end = stdout.find(f"<<{nonce}\n"), stdout.rfind(f"\n{nonce}>>")
    if start < 0:
        start = stdout.find(f"<<{nonce}\r\n")  # a tty in between turns line ends into CR LF
    if 0 <= start < end:
        return _framed(stdout[start + len(nonce) + 3 : end], understand)
    if f"<<{nonce} no-python" in stdout:
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
