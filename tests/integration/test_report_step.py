# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report step killed at any moment, and on a disk that is full at any output: nothing gathered is lost.

The step is that of the action itself, in a process of its own, without the play around it.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetaudit.kernel_memory.plugins.action.kernel_memory_report import ActionModule
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._arguments import report_argument_spec
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import RENDERERS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import Origin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import Holder, SpoolHead
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import as_many_as
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic

HOSTS, KILLS = 24, as_many_as(5, 100)
PAGE = 4096
LIBC = ctypes.CDLL(None, use_errno=True)
_RUN, RECORDS = synthetic.fleet(HOSTS)


@dataclass(frozen=True)
class Step:
    """A run that has gathered everything, and the step that makes its report."""

    folder: Path
    run_id: str

    @property
    def spool(self) -> Path:
        """Where its answers are."""
        return self.folder / f"kernel-memory-{self.run_id}.spool"

    @property
    def report(self) -> Path:
        """Where its report goes."""
        return self.folder / "reports" / self.run_id

    @property
    def history(self) -> Path:
        """The history, which other runs of the folder share."""
        return self.folder / "history.sqlite3"

    def gather(self) -> None:
        """Write the spool."""
        head = SpoolHead(self.run_id, "2026-11-24T11:58:00Z", str(self.report), False, "the-command", Holder.of(1))
        head.write(str(self.spool), "2026-11-24T11:58:00Z")
        for name, record in RECORDS.items():
            if record["facts"]:
                made = Origin(self.run_id, name, record["groups"], None).record(record["facts"])
                SpoolFile(str(self.spool)).append(made)

    def make(self, history: str | None = None) -> dict[str, Any]:
        """Make the report, in this process."""
        given = {
            "run_id": self.run_id,
            "report_dir": str(self.report),
            "spool": [str(self.spool)],
            "outputs": list(RENDERERS),
            "history": history or str(self.history),
        }
        checked = ArgumentSpecValidator(report_argument_spec()).validate(given)
        assert not checked.error_messages
        action = ActionModule(SimpleNamespace(check_mode=False, args=given), None, None, None, None, None)
        return action._report(checked.validated_parameters, {"ansible_play_hosts_all": sorted(RECORDS)})

    def in_a_child(self, before: Callable[[], object], history: str | None = None) -> tuple[int, str]:
        """Make the report in a child after what is done *before*; return how it ended, and what the step said."""
        says = self.folder / "said"
        says.write_text("")
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                before()
                says.write_text(str(self.make(history).get("msg", "")))
            except BaseException:
                says.write_text(traceback.format_exc())
            finally:
                os._exit(0)
        return os.waitpid(child, 0)[1], says.read_text()

    def hosts(self) -> set[str]:
        """The hosts of its audit.json that have data."""
        hosts = json.loads((self.report / "audit.json").read_text())["hosts"]
        return {host["name"] for host in hosts if host["no_data"] is None}


ANSWERED = {name for name, record in RECORDS.items() if record["facts"]}


@pytest.mark.once
@pytest.mark.limit(600)
def test_a_kill_at_any_moment_leaves_what_makes_the_report(tmp_path: Path) -> None:
    """The spool goes when the report is complete and not before; no file has its name before it is whole; the history
    has the run once.
    """
    first = Step(tmp_path, "first")
    first.gather()
    begun = time.process_time()
    first.make()
    longest = 1.2 * (time.process_time() - begun)
    assert first.hosts() == ANSWERED and not first.spool.exists()
    chance = random.Random(11)
    unfinished = 0
    for number in range(KILLS):
        step = Step(tmp_path, f"run{number}")
        step.gather()
        # The kernel ends it after so much CPU time of its own, whatever else this machine does. Nothing of it runs any
        # more then, as after SIGKILL.
        seconds = chance.uniform(0.0005, longest)
        step.in_a_child(lambda after=seconds: signal.setitimer(signal.ITIMER_PROF, after))
        for path in step.report.glob("*") if step.report.exists() else ():
            assert path.name.startswith(".") or path.stat().st_size, f"{path} is empty"
        if (step.report / "audit.json").exists():
            assert step.hosts() == ANSWERED
        if step.spool.exists():
            unfinished += 1
            ended, said = step.in_a_child(lambda: None)
            assert (ended, said) == (0, "")
        assert step.hosts() == ANSWERED
        assert {path.name for path in step.report.iterdir()} >= set(RENDERERS)
        assert not step.spool.exists()
        store = open_store(str(step.history))
        assert store.upkeep.verify() == []
        assert store.info.runs == number + 2, "each run is there once"
        store.close()
    assert unfinished, "no kill came early enough to test anything"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of its own, or None where none may be mounted here."""
    if LIBC.mount(b"tmpfs", str(tmp_path).encode(), b"tmpfs", 0, b"size=64m") != 0:
        yield None
        return
    yield tmp_path
    LIBC.umount2(str(tmp_path).encode(), 2)


def pages(path: Path) -> int:
    """How many pages a file takes."""
    return -(-path.stat().st_size // PAGE)


@pytest.mark.once
@pytest.mark.parametrize("output", RENDERERS)
def test_a_disk_that_is_full_at_an_output_costs_that_output(
    output: str, small_disk: Path | None, tmp_path: Path
) -> None:
    """What was written before it is whole, it is named and not there, the answers stay, and the command that is named
    makes the report when there is room. Where no disk can be mounted, a limit on the size of a file stands in for it:
    it costs every output that is larger, too.
    """
    step = Step(tmp_path, "full")
    step.gather()
    made = step.make("none")
    order = list(made["written"])
    before = order[: order.index(output)]
    sizes = {name: (step.report / name).stat().st_size for name in order}
    room = sum(pages(step.report / name) for name in before) + pages(step.report / output) - 1
    for path in step.report.iterdir():
        path.unlink()
    step.gather()
    (tmp_path / "said").touch()
    if small_disk is not None:
        used = os.statvfs(tmp_path)
        # What says how it ended gets a page of its own.
        kept = (used.f_blocks - used.f_bfree) * used.f_frsize // PAGE
        option = f"size={(kept + room) * PAGE}".encode()
        assert LIBC.mount(b"tmpfs", str(tmp_path).encode(), b"tmpfs", 32, option) == 0  # remounted
        made = step.make("none")
    else:
        limit = sizes[output] - 1
        step.in_a_child(lambda: with_files_of(limit), "none")
    assert not (step.report / output).exists()
    for name in before if small_disk is not None else ():
        assert (step.report / name).stat().st_size == sizes[name]
    assert {path.name for path in step.report.iterdir()} <= set(RENDERERS) - {output}, "no half file is left"
    assert step.spool.exists()
    if small_disk is not None:
        assert made["failed"] and f"{step.report / output} can't be written: No space left on device" in made["msg"]
        assert "Nothing that was gathered is lost" in made["msg"] and "the-command" in made["msg"]
        assert LIBC.mount(b"tmpfs", str(tmp_path).encode(), b"tmpfs", 32, b"size=64m") == 0
    assert "failed" not in step.make("none")
    assert step.hosts() == ANSWERED and not step.spool.exists()


def with_files_of(size: int) -> None:
    """Let no file of this process become larger."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
