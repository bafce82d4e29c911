# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the shell collector as the transport does, and comparing what it brings with what Python brings."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport import shell as transport
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.lean import Answer

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
KERNELS = sorted(path.name for path in SAMPLES.iterdir() if (path / "proc").is_dir())
SHELLS = {
    name: command
    for name, command in {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]}.items()
    if shutil.which(command[0])
}
ALL = resolve_subsets(["all"])


def said(
    shell: str, root: Path | str, *, before: str = "", deadline: int = 5, user: int | None = None, **environment: str
) -> Answer:
    """What the shell collector answers; *before* is put before the program, for functions in the place of tools."""
    text = before + transport.shell_program("mark", f"{root}/proc", f"{root}/sys", deadline, ALL)
    run = subprocess.run(
        [*SHELLS[shell], "-c", transport.COMMAND],
        input=text.encode(),
        capture_output=True,
        check=False,
        timeout=60,
        user=user,
        env={**os.environ, **environment},
        cwd="/",
    )
    assert run.returncode == 0, run.stderr
    return transport.read_answer("mark", run.stdout.decode("ascii"), run.stderr.decode(), run.returncode)


def ask(shell: str, root: Path | str, **how: Any) -> dict[str, Any]:
    """The reading that the shell collector brings of a saved tree."""
    answer = said(shell, root, **how)
    assert answer.reading is not None, answer.message
    return answer.reading


def by_python(root: Path | str) -> dict[str, Any]:
    """The reading of the same tree by the other transports."""
    return dict(read(f"{root}/proc", f"{root}/sys", 5, ALL, load))


def comparable(reading: dict[str, Any]) -> dict[str, Any]:
    """Facts without what differs between two moments."""
    facts: dict[str, Any] = copy.deepcopy(build_facts(reading))
    for moment in ("collected_at", "duration_ms"):
        facts.pop(moment)
    facts["host"].pop("booted_at")
    for table in ("unavailable", "unavailable_class"):
        facts[table].pop("booted_at", None)
    for part in facts["attribution"].values():
        part.pop("duration_ms", None)
    return facts


def saved_host(folder: Path, kernel: str = "6.18-host") -> Path:
    """A copy of a sample that a test may spoil."""
    shutil.copytree(SAMPLES / kernel, folder / "host", symlinks=True)
    return folder / "host"
