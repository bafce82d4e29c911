# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that a slice needs, and the report of all slices, by their number of hosts.

python benchmarks/slice_memory.py 200 1000 [--forks 20]

The hosts are saved trees, read over the local connection, so an SSH client for each fork comes on top (some 10 MiB).
Memory is the highest sum of what all processes have for themselves, with what they share counted once (PSS), looked at
four times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
SAMPLE = CHECKOUT / "tests" / "samples" / "6.18-host"
MARKER = "KERNEL_MEM_AUDIT_RUN"
MIB = 1024**2


def tree(folder: Path, number: int) -> dict[str, Any]:
    """A host like the saved one, with a boot id of its own; all else is shared."""
    root = folder / f"host{number:05}"
    (root / "proc").mkdir(parents=True)
    for entry in (SAMPLE / "proc").iterdir():
        if entry.name != "sys":
            (root / "proc" / entry.name).symlink_to(entry)
    shutil.copytree(SAMPLE / "proc" / "sys", root / "proc" / "sys")
    random = root / "proc" / "sys" / "kernel" / "random"
    random.mkdir(parents=True, exist_ok=True)
    (random / "boot_id").write_text(f"00000000-0000-4000-8000-{number:012}\n")
    return {
        "ansible_connection": "local",
        "kernel_mem_audit_proc_root": f"{root}/proc",
        "kernel_mem_audit_sys_root": f"{SAMPLE}/sys",
    }


def together(marker: str) -> int:
    """Bytes of all processes with the marker in their environment: those of the run."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARKER}={marker}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                total += sum(
                    int(line.split()[1]) * 1024
                    for line in (folder / "smaps_rollup").read_text().splitlines()
                    if line.startswith("Pss:")
                )
        except OSError:
            continue
    return total


def run(folder: Path, playbook: str, forks: int) -> tuple[int, float, float]:
    """Run a playbook; return its highest memory, its CPU seconds and its wall seconds."""
    begin, before = time.monotonic(), os.times()
    marker = str(os.getpid())
    with open(folder / f"{playbook}.log", "wb") as log:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "ansible-playbook"),
                f"fleetaudit.kernel_memory.{playbook}",
                "-i",
                "hosts.json",
                "--forks",
                str(forks),
                "-e",
                "kernel_mem_audit_run_id=slices",
                "-e",
                "kernel_mem_audit_keep_records=true",
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".cache" / "collections"),
                "KERNEL_MEM_AUDIT_HISTORY": str(folder / "history.db"),
                MARKER: marker,
                "LC_ALL": "C.UTF-8",
            },
        )
        highest = 0
        while process.poll() is None:
            highest = max(highest, together(marker))
            time.sleep(0.25)
    after = os.times()
    if process.returncode:
        sys.exit((folder / f"{playbook}.log").read_text()[-2000:])
    return (
        highest,
        after.children_user + after.children_system - before.children_user - before.children_system,
        time.monotonic() - begin,
    )


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hosts", type=int, nargs="+")
    parser.add_argument("--forks", type=int, default=20)
    arguments = parser.parse_args()
    for number in arguments.hosts:
        with tempfile.TemporaryDirectory(prefix="slice-memory-") as name:
            folder = Path(name)
            (folder / "hosts.json").write_text(
                json.dumps({"all": {"hosts": {f"host{each:05}": tree(folder, each) for each in range(number)}}})
            )
            for playbook in ("audit", "report"):
                memory, seconds, wall = run(folder, playbook, arguments.forks)
                print(
                    f"{number:6,} hosts, {playbook:6}: {memory / MIB:6,.0f} MiB, {seconds:6.1f} s of CPU, "
                    f"{wall:6.1f} s",
                    flush=True,
                )
            with sqlite3.connect(folder / "history.db") as store:
                print(
                    f"{number:6,} hosts, records: "
                    f"{store.execute('SELECT avg(length(document)) FROM record').fetchone()[0]:,.0f} bytes each"
                )


if __name__ == "__main__":
    main()
