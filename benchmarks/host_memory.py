# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory the host's Python takes at most: the audit by each transport against ansible.builtin.ping, in one
run.

The host's interpreter is a small wrapper that notes the peak resident set of the Python that it starts.

Usage: .venv/newest/bin/python benchmarks/host_memory.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parent.parent / ".cache" / "collections"
WRAPPER = """#!{python} -ES
import os, resource, subprocess, sys
code = subprocess.call(["{python}", *sys.argv[1:]])
with open("{log}", "a") as log:
    log.write("%d\\n" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
TASKS = {
    "ping": "ansible.builtin.ping: {}",
    "module": "fleetaudit.kernel_memory.kernel_memory_facts: {transport: module}",
    "lean": "fleetaudit.kernel_memory.kernel_memory_facts: {transport: lean}",
}


def peak_kib(folder: Path, name: str) -> int:
    """The peak resident set, in KiB, of the host's Python for one task."""
    log, wrapper, book = folder / f"{name}.log", folder / "python", folder / f"{name}.yml"
    wrapper.write_text(WRAPPER.format(python="/usr/bin/python3", log=log))
    wrapper.chmod(0o755)
    book.write_text(f"- {{hosts: all, gather_facts: false, tasks: [{{{TASKS[name]}}}]}}\n")
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        "h,",
        "-c",
        "local",
        "-e",
        f"ansible_python_interpreter={wrapper}",
        str(book),
    ]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_PIPELINING": "1"}
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if said.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{said.stdout.decode()[-2000:]}")
    return max(int(line) for line in log.read_text().split())


def main() -> None:
    """Measure each task and print a table."""
    with tempfile.TemporaryDirectory() as name:
        seen = {task: peak_kib(Path(name), task) for task in TASKS}
    print("Peak memory of the host's Python")
    for task, kib in seen.items():
        print(f"{task:8}{kib / 1024:8.1f} MiB   {kib / seen['ping']:.2f} of ping")


if __name__ == "__main__":
    main()
