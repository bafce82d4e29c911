# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private instance: who made it, who may not make another, and that it goes.

A folder stands for tracefs here: it lets directories be made and removed, and takes no settings. The kernel's own
instances, with events and kills, are in ``tests/investigate``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import instance as instances
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.instance import (
    NAME,
    Instance,
    Refused,
    others,
    remove,
    started,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where instances can be made."""
    (tmp_path / "instances").mkdir()
    return tmp_path


def test_it_is_made_and_gone_with_its_watchdog(root: Path) -> None:
    """The name says which process made it, and when that began, so that a number used again is nobody's."""
    one = Instance(str(root), 64, 30)
    made = os.listdir(root / "instances")
    assert made == [f"{NAME}{os.getpid()}_{started(os.getpid())}"]
    assert os.getsid(one.watchdog) == one.watchdog
    assert one.close() is True
    assert os.listdir(root / "instances") == []
    with pytest.raises(ProcessLookupError):
        os.kill(one.watchdog, 0)


def test_what_a_dead_process_left_is_removed_by_the_next(root: Path) -> None:
    """Also where its number belongs to somebody else by now; what others made is not touched."""
    for name in (f"{NAME}999999999_1", f"{NAME}{os.getppid()}_1", f"{NAME}nonsense", "somebody_elses"):
        (root / "instances" / name).mkdir()
    gone, lives = others(str(root))
    assert len(gone) == 3 and not lives
    Instance(str(root), 64, 30).close()
    assert os.listdir(root / "instances") == ["somebody_elses"]


def test_one_at_a_time(root: Path) -> None:
    """Two investigations of a host would trace each other, and need two buffers."""
    first = Instance(str(root), 64, 30)
    with pytest.raises(Refused, match="busy"):
        Instance(str(root), 64, 30)
    assert first.close()


def test_an_instance_that_the_kernel_refuses_leaves_no_watchdog(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In lockdown mkdir fails with EINVAL, which is the reason that is told."""
    watchdogs = []
    fork = os.fork

    def noted() -> int:
        watchdogs.append(fork())
        return watchdogs[-1]

    def refused(_path: str) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fork", noted)
    monkeypatch.setattr(instances.os, "mkdir", refused)
    with pytest.raises(Refused, match="EINVAL"):
        Instance(str(root), 64, 30)
    with pytest.raises(ProcessLookupError):
        os.kill(watchdogs[0], 0)


def test_the_death_of_its_process_removes_it(root: Path) -> None:
    """By SIGKILL, which no handler sees."""
    text = (
        "import sys, time; from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.instance "
        "import Instance; Instance(sys.argv[1], 64, 60); print('made', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", text, str(root)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None and process.stdout.readline() == "made\n"
    assert len(os.listdir(root / "instances")) == 1
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 30
    while os.listdir(root / "instances") and time.monotonic() < end:
        time.sleep(0.02)
    assert os.listdir(root / "instances") == []


def test_to_remove_what_is_not_there_is_success(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two may remove it; what is in use is tried for some time, and then it is said that it stays."""
    assert remove(str(root / "instances" / "x")) is True
    (root / "instances" / "x").mkdir()
    assert remove(str(root / "instances" / "x")) is True
    (root / "instances" / "x" / "y").mkdir(parents=True)
    monkeypatch.setattr(instances, "REMOVE_SECONDS", 0.1)
    monkeypatch.setattr(instances, "range", lambda _times: (0, 1), raising=False)
    assert remove(str(root / "instances" / "x")) is False


def test_entries_and_losses_are_summed_over_cpus(root: Path) -> None:
    """A CPU without a loss is not among those that lost."""
    one = Instance(str(root), 64, 30)
    path = Path(one.path)
    for cpu, text in enumerate(("entries: 7\noverrun: 0\ndropped events: 0\n", "entries: 5\noverrun: 2\ncommit: x\n")):
        (path / f"per_cpu/cpu{cpu}").mkdir(parents=True)
        (path / f"per_cpu/cpu{cpu}/stats").write_text(text)
    (path / "tracing_on").write_text("1")
    assert one.counts() == (12, {1: 2})
    assert one.put("tracing_on", 0) is True and (path / "tracing_on").read_text() == "0"
    assert one.put("events/none/enable", 1) is False
    subprocess.run(["find", str(path), "-mindepth", "1", "-delete"], check=True)
    assert one.close()


def test_a_process_that_is_gone_began_never() -> None:
    """So no instance is its own."""
    assert started(999999999) == "" and started(os.getpid()).isdigit()
