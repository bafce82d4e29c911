# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as AWX runs it: ansible-runner in a folder with project, inventory, variables and environment; what it did
is read from its events.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PROGRAMS = Path(sys.executable).parent
HISTORY = "KERNEL_MEM_AUDIT_HISTORY"


class Job:
    """One job, which begins at once. As in AWX the project is this collection's checkout, and the collection is in
    the execution environment.
    """

    def __init__(
        self,
        folder: Path,
        playbook: str,
        hosts: Mapping[str, Mapping[str, Any]],
        history: str,
        *,
        forks: int = 2,
        **variables: Any,
    ) -> None:
        self.folder = folder
        (folder / "env").mkdir(parents=True)
        (folder / "inventory").mkdir()
        shutil.copytree(ROOT / "playbooks", folder / "project" / "playbooks")
        (folder / "inventory" / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
        (folder / "env" / "extravars").write_text(
            json.dumps({"awx_job_id": 1, "kernel_mem_audit_timeout": 600, **variables})
        )
        (folder / "env" / "envvars").write_text(
            json.dumps({HISTORY: history, "ANSIBLE_FORKS": str(forks), "MAX_EVENT_RES": "700000"})
        )
        self._process = subprocess.Popen(
            [
                str(PROGRAMS / "ansible-runner"),
                "run",
                str(folder),
                "-p",
                f"playbooks/{playbook}.yml",
                "--ident",
                "job",
                "-q",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(folder / "home")},
        )

    def wait(self) -> Job:
        """Wait until it has ended."""
        self._process.wait()
        return self

    def kill_after_the_first_host(self) -> Job:
        """Kill Ansible, and not its runner, once a host has been gathered."""
        while not any(
            event["event"] == "runner_on_ok" and event["event_data"]["task"] == "Gather kernel memory"
            for event in self.events()
        ):
            assert self._process.poll() is None, self.output
            time.sleep(0.05)
        children = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        for child in {int(number) for path in children for number in path.read_text().split()}:
            os.kill(child, signal.SIGKILL)
        return self.wait()

    @property
    def status(self) -> str:
        """``successful`` or ``failed``."""
        return (self.folder / "artifacts" / "job" / "status").read_text()

    @property
    def output(self) -> str:
        """What AWX shows."""
        path = self.folder / "artifacts" / "job" / "stdout"
        return path.read_text() if path.exists() else ""

    def events(self) -> Iterator[dict[str, Any]]:
        """The events so far, which AWX keeps in its database."""
        whole = [
            path
            for path in (self.folder / "artifacts" / "job" / "job_events").glob("*-*.json")
            if not path.name.endswith("-partial.json")
        ]
        for path in sorted(whole, key=lambda path: int(path.name.split("-")[0])):
            yield json.loads(path.read_text())

    @property
    def artifacts(self) -> dict[str, Any]:
        """What set_stats gave on."""
        found = [
            event["event_data"].get("artifact_data", {})
            for event in self.events()
            if event["event"] == "playbook_on_stats"
        ]
        assert len(found) == 1, self.output
        return dict(found[0])

    @property
    def audit(self) -> dict[str, Any]:
        """The one report that it wrote."""
        found = list((self.folder / "project" / "reports").glob("*/audit.json"))
        assert len(found) == 1, self.output
        return dict(json.loads(found[0].read_text()))
