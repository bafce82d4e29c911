# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell transport without its connection: the program for a host without Python, and what its answer means.

The program is ``collector/collect.sh`` with ``collect.awk`` in it; what it looks for is taken from the reader, so that
the two transports can't drift apart. Its answer is one record a line, the kind in the first sign, and a file's lines
begin with a space, so that nothing that stands in a file can pass for a record.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from ...module_utils.collect import allocinfo as _allocinfo
from ...module_utils.collect import cgroup as _cgroup
from ...module_utils.collect import counts as _counts
from ...module_utils.collect import descriptors as _descriptors
from ...module_utils.collect import numa as _numa
from ...module_utils.collect import parts as _parts
from ...module_utils.collect import processes as _processes
from ...module_utils.collect import rare_parts as _rare_parts
from ...module_utils.collect import reader as _reader
from ...module_utils.collect import slabinfo as _slabinfo
from ...module_utils.collect import vmallocinfo as _vmallocinfo
from . import lean
from .shell_records import reading_from_shell

COMMAND = 'eval "$(cat)"'
"""Runs a program given on standard input. bash would read it byte by byte, were it not for cat."""


@cache
def host_source() -> str:
    """Return the program without its settings and without what is for readers only."""
    folder = Path(__file__).parent / "collector"
    awk = _without_comments((folder / "collect.awk").read_text("utf-8") + (folder / "parts.awk").read_text("utf-8"))
    if "'" in awk:
        raise ValueError("The awk program holds an apostrophe, which a shell would take for its end; take it out.")
    return f"PROGRAM='{_limits()}{awk}'\n" + _without_comments((folder / "collect.sh").read_text("utf-8"))


def _without_comments(source: str) -> str:
    """Leave out comments, indentation and empty lines. A comment is a number sign between blanks, which no text of
    the programs holds.
    """
    lines = (re.sub(r"(^|\s)#(\s.*|!.*|)$", "", line).strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def _limits() -> str:
    """Return the limits of the awk program, from the modules that hold them for the host's Python."""
    numbers = {
        "KEPT": _reader.KEPT,
        "SCANNED": _reader.SCANNED,
        "ZONEINFO": _reader.ZONEINFO,
        "OUTSIDE": _reader.OUTSIDE,
        "PRIME": _reader.PRIMES[0],
        "PRIME_LEFT": _reader.PRIMES[1],
        "PRIME_RIGHT": _reader.PRIMES[2],
        "LONGEST": _parts.LONGEST,
        "WALK": int(_parts.WALK_SECONDS),
        "LONGEST_FILE": _rare_parts.LIMIT,
        "TOP_SLAB": _slabinfo.TOP,
        "NAME_SLAB": _slabinfo.NAME,
        "TOP_VMALLOC": _vmallocinfo.TOP,
        "NAME_VMALLOC": _vmallocinfo.NAME,
        "CALLERS_VMALLOC": _vmallocinfo.CALLERS,
        "TOP_ALLOC": _allocinfo.TOP,
        "SITE_ALLOC": _allocinfo.SITE,
        "TOP_PROCESSES": _processes.TOP,
        "COMM_PROCESSES": _processes.COMM,
        "CGROUP_PROCESSES": _processes.CGROUP,
        "NAMES_PROCESSES": _processes.NAMES,
        "TOP_DESCRIPTORS": _descriptors.TOP,
        "OWNERS_COUNTS": _counts.OWNERS,
        "MANY_CGROUP": _cgroup.MANY,
        "TOP_CGROUP": _cgroup.TOP,
        "PATH_CGROUP": _cgroup.PATH,
        "READS_CGROUP": _cgroup.READS,
        "NODES_NUMA": _parts.NODES,
    }
    texts = {
        "SECRETS": _reader.SECRETS,
        "FLAGS_VMALLOC": _words(_vmallocinfo.FLAGS, " "),
        "STACKS_VMALLOC": _words(_vmallocinfo.STACKS, " "),
        "JIT_VMALLOC": _words(_vmallocinfo.JIT, " "),
        "COUNTERS_CGROUP": _words(_cgroup.COUNTERS, "|"),
        "FIELDS_NUMA": _words(_numa.FIELDS, "|"),
        "ZFS_SLAB": "|".join(_slabinfo.ZFS),
        "KINDS_DESCRIPTORS": " ".join(sorted(_descriptors.KINDS)),
        "TABLES_COUNTS": ";".join(
            " ".join((name, key, owner, columns)) for name, key, columns, owner in _counts.TABLES
        ),
        "SLICES_COUNTS": _counts.SLICES,
        "FILES_CGROUP": " | ".join(f"{name} | {name}.*" for name in sorted(_cgroup.FILES)),
    }
    texts = {name: f" {text} " if name.endswith(("_VMALLOC", "_DESCRIPTORS")) else text for name, text in texts.items()}
    settings = [f"{name} = {number}" for name, number in numbers.items()] + [
        f'{name} = "{text}"' for name, text in texts.items()
    ]
    return "BEGIN { " + "; ".join(settings) + " }\n"


def _words(words: Iterable[bytes], between: str) -> str:
    return between.join(sorted(word.decode("ascii") for word in words))


def _files(subsets: Mapping[str, str]) -> str:
    """Return the files to keep, one a line: the key, whether its absence is worth a word, the first words of the
    lines to keep.
    """
    files = ["+proc/meminfo", f"+proc/vmstat {_reader.VMSTAT}", "proc/cmdline", *_reader.FILES.split("\n")]
    files += [line for name in sorted(_parts.FILES) if name in subsets for line in _parts.FILES[name].split("\n")]
    listed = (line.removeprefix("+").partition(" ") + (int(line.startswith("+")),) for line in files)
    return "\n".join(f"{key} {must} {words}".rstrip() for key, _blank, words, must in listed)


def shell_program(nonce: str, proc_root: str, sys_root: str, deadline_seconds: int, subsets: Mapping[str, str]) -> str:
    """Return the program text for one host. *nonce* frames its answer and must be new for each call.

    *subsets* is what ``resolve_subsets`` gave: the names of parts, each ``always`` or ``needed``.
    Raises ValueError for a root with a control character.
    """
    for name, root in (("proc_root", proc_root), ("sys_root", sys_root)):
        if not root.isprintable():
            raise ValueError(f"{name} is {root!r}; give a path without control characters.")
    proc, sys = proc_root.rstrip("/"), sys_root.rstrip("/")
    live = (proc, sys) == ("/proc", "/sys")
    settings = {
        "NONCE": nonce,
        "PROC": proc,
        "SYS": sys,
        "TOP": proc.rpartition("/")[0],
        "LIVE": "1" if live else "",
        "DEADLINE": str(int(deadline_seconds)),
        "WANTS": " ".join(f"{name}={when}" for name, when in subsets.items()),
        "FILES": _files(subsets),
        "MODULES": _reader.MODULES,
        "BELOW": _reader.BELOW_ROOTS,
        "EACH": "\n".join(
            f"{folder} {start} {file}"
            for folder, start, files in (*_reader.HOLDINGS, _reader.HUGE_PAGES)
            for file in files.split()
        ),
        "PLACES": _reader.PLACES if live else "",
    }
    return "".join(f"{name}={shlex.quote(text)}\n" for name, text in settings.items()) + host_source()


def shell_command(program: str) -> str:
    """Return the command that carries the *program* itself, for connections without standard input.

    Raises ValueError if it is longer than a Linux command argument may be.
    """
    if len(shlex.quote(program)) > lean.MAXIMUM_ARGUMENT_BYTES - 4096:
        raise ValueError(
            "The shell collector is too long for a command argument; use a connection with standard input on this host."
        )
    return program


def read_answer(nonce: str, stdout: str, stderr: str, exit_code: int) -> lean.Answer:
    """Return what the host answered to the shell program."""
    answer = lean.read_answer(nonce, stdout, stderr, exit_code, (), reading_from_shell)
    if answer.reading and answer.reading["cut"] and "proc/meminfo" not in answer.reading["files"]:
        return lean.Answer(
            "timed_out",
            None,
            "The collector ran into its own deadline on the host; a file of /proc or /sys did not answer.",
        )
    return answer
