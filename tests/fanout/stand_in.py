# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the ssh client: it takes a program, waits, and gives the answer of a saved host.

It shows how the controller bears many hosts and sudden ends. It notes its arguments and what it was given in its
environment. What it can't show is what connecting costs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import DEFAULT
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.question import Question

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"
SAVED = ROOT / "tests" / "samples" / "6.18-host"

# Its last two arguments are the host and the command, in which the mark of the answer stands.
_SCRIPT = """#!/bin/sh
host= last=
for word; do host=$last; last=$word; done
case " $* " in *" -Q "*) echo curve25519-sha256; exit 0 ;; *" -G "*) exit 0 ;; esac
[ -d '{notes}' ] && {{ printf '%s\\n' "$*"; env; }} > "{notes}/$host"
mark=${{last#*<<}}; mark=${{mark%% no-python*}}
cat > /dev/null
{wait}
printf '\\n<<%s\\n' "$mark"
cat '{answer}'
printf '\\n%s>>\\n' "$mark"
"""


class StandIns:
    """Hosts behind a stand-in for ssh, in a folder of their own."""

    def __init__(self, folder: Path, wait: str = ":") -> None:
        self.folder, self.notes = folder, folder / "notes"
        self.ssh = folder / "stand-in-for-ssh"
        answer = folder / "answer.json"
        asked = Question.first("lean", (sys.executable,), f"{SAVED}/proc", f"{SAVED}/sys", 30, DEFAULT)
        said = subprocess.run(
            ["/bin/sh", "-c", asked.command()], input=asked.program(), capture_output=True, check=True
        )
        answer.write_bytes(said.stdout.split(asked.nonce.encode())[1].strip(b"\n"))
        self.ssh.write_text(_SCRIPT.format(notes=self.notes, wait=wait, answer=answer))
        self.ssh.chmod(0o755)
        self.notes.mkdir()

    def __enter__(self) -> StandIns:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Kill what still runs of all that was started here, and wait until it is gone."""
        while found := self.running():
            for line in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(line.split()[0]), signal.SIGKILL)
            time.sleep(0.02)

    def inventory(self, hosts: dict[str, dict[str, Any]], **variables: Any) -> str:
        """Write an inventory of hosts that are reached by the stand-in; return its path."""
        path = self.folder / "hosts.json"
        given = {"ansible_ssh_executable": str(self.ssh), **variables}
        path.write_text(json.dumps({"all": {"hosts": hosts, "vars": given}}))
        return str(path)

    def start(self, *arguments: str, playbook: str = "fleetaudit.kernel_memory.audit") -> subprocess.Popen[bytes]:
        """Start a playbook over that inventory, in a session of its own."""
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            playbook,
            "-i",
            str(self.folder / "hosts.json"),
        ]
        with (self.folder / "output").open("wb") as output:
            return subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def environment(self) -> dict[str, str]:
        """The environment of Ansible, its programs first in the path."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        made = {
            **os.environ,
            "PATH": path,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local-tmp"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_NOCOLOR": "true",
            "LC_ALL": "C.UTF-8",
        }
        made.pop("ANSIBLE_CONFIG", None)
        return made

    def audit(self, *arguments: str, gather: str = "fanout") -> dict[str, Any]:
        """Audit, and return audit.json with output and exit code."""
        code = self.start("-e", f"kernel_mem_audit_gather={gather}", *arguments).wait()
        reports = sorted(self.folder.glob("reports/*/audit.json"))
        made = json.loads(reports[-1].read_text()) if reports else {}
        return {**made, "exit_code": code, "output": self.output()}

    def output(self) -> str:
        """What the last run printed."""
        return (self.folder / "output").read_text("utf-8", "replace")

    def spools(self) -> list[Path]:
        """The spools that lie beside reports."""
        return sorted(self.folder.glob("reports/kernel-memory-*.spool"))

    def note(self, host: str) -> str:
        """The arguments and the environment with which a host was asked."""
        return (self.notes / host).read_text("utf-8", "replace")

    def running(self) -> list[str]:
        """Command lines of stand-ins and of Ansible's processes of this folder that run."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if str(self.folder) in line and path.name != str(os.getpid()):
                found.append(f"{path.name} {line}")
        return found
