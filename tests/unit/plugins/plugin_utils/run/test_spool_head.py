# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a spool: where it lies, who holds it, when it goes, how its report is made, what is said of it later."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.leftovers import KEPT_DAYS, clean
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.resume import (
    CommandLine,
    kept_sentence,
    run_to_resume,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile, record
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import (
    Holder,
    SpoolHead,
    chosen_path,
    remove_when_reported,
)

NOON = "2026-11-24T12:00:00Z"
COMMAND = "cd /srv && ansible-playbook fleetaudit.kernel_memory.report -e kernel_mem_audit_resume=spool"
DAY = 24 * 3600


@pytest.fixture(scope="module")
def gone() -> Holder:
    """A process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    holder = Holder.of(ended.pid)
    ended.wait()
    return holder


def head(holder: Holder, **more: Any) -> SpoolHead:
    """The head of a spool."""
    made = SpoolHead("r1", NOON, "/srv/reports/1", keep=False, command=COMMAND, holder=holder)
    return replace(made, **more)


def spool(folder: Path, made: SpoolHead, hosts: int = 2, name: str = "kernel-memory-r1.spool") -> Path:
    """A spool with a head and some records."""
    path = folder / name
    made.write(str(path), NOON)
    for number in range(hosts):
        entry = record(
            run_id=made.run_id,
            host=f"h{number}",
            written_at=NOON,
            outcome="facts",
            message=None,
            groups=(),
            environment=None,
            facts={},
        )
        SpoolFile(str(path)).append(entry)
    return path


def test_what_is_written_is_read_and_the_last_head_counts(tmp_path: Path, gone: Holder) -> None:
    """A run that is taken up again is held by another process."""
    path = spool(tmp_path, head(gone))
    head(Holder.of(os.getpid())).write(str(path), NOON)
    assert SpoolHead.read(str(path)) == head(Holder.of(os.getpid()))


def test_who_is_there_and_who_is_gone(gone: Holder) -> None:
    """A number of a process is given again; its start tells two apart. Of another machine nobody can tell."""
    me = Holder.of(os.getpid())
    assert me.is_alive() is True and gone.is_alive() is False
    assert replace(me, started=me.started + 1).is_alive() is False
    assert replace(me, boot="another").is_alive() is False
    assert replace(me, machine="another").is_alive() is None


def test_without_proc_the_number_of_the_process_is_all_there_is(gone: Holder) -> None:
    """As on a controller with macOS."""
    me = replace(Holder.of(os.getpid()), started=0)
    assert me.is_alive() is True and replace(me, process=gone.process).is_alive() is False


def test_the_spool_lies_beside_the_report_under_a_new_name(tmp_path: Path, gone: Holder) -> None:
    """Two runs with one id (slices, or a name that the user gave) don't share a file by accident."""
    report = str(tmp_path / "reports" / "1")
    first = chosen_path(report, "r1")
    assert first == str(tmp_path / "reports" / "kernel-memory-r1.spool")
    (tmp_path / "reports").mkdir()
    spool(tmp_path / "reports", head(gone))
    assert chosen_path(report, "r1") == str(tmp_path / "reports" / "kernel-memory-r1-2.spool")


def test_it_goes_with_the_report_unless_somebody_wants_it(tmp_path: Path, gone: Holder) -> None:
    """What the report has need not lie about; what a user placed is the user's."""
    path = spool(tmp_path, head(gone))
    assert remove_when_reported(str(path)) is None and not path.exists()
    assert remove_when_reported(str(path)) is None
    kept = spool(tmp_path, head(gone, keep=True))
    assert remove_when_reported(str(kept)) is None and kept.exists()


@pytest.mark.parametrize("content", ["", "no spool", '{"format": 1, "head": {}}'])
def test_what_is_no_spool_of_ours_is_never_removed(tmp_path: Path, content: str) -> None:
    """A name proves nothing."""
    path = tmp_path / "kernel-memory-r1.spool"
    path.write_text(content)
    os.utime(path, (0, 0))
    assert remove_when_reported(str(path)) is None
    assert clean(str(tmp_path), "").removed == []
    assert path.exists()


def test_a_run_that_ended_early_is_named_with_its_command(tmp_path: Path, gone: Holder) -> None:
    """Whoever comes next learns what is there, and how to use it; the own spool and a running one are left alone."""
    path = spool(tmp_path, head(gone))
    own = spool(tmp_path, head(gone), name="kernel-memory-own.spool")
    spool(tmp_path, head(Holder.of(os.getpid())), name="kernel-memory-runs.spool")
    spool(tmp_path, head(replace(gone, machine="another")), name="kernel-memory-elsewhere.spool")
    found = clean(str(tmp_path), str(own))
    assert len(found.notes) == 1 and found.removed == []
    assert "of 2 hosts" in found.notes[0] and str(path) in found.notes[0] and found.notes[0].endswith(COMMAND)


@pytest.mark.parametrize(
    ("hosts", "days", "stays"), [(2, KEPT_DAYS - 1, True), (2, KEPT_DAYS + 1, False), (0, 0, True), (0, 2, False)]
)
def test_leftovers_go_in_time(tmp_path: Path, gone: Holder, hosts: int, days: int, stays: bool) -> None:
    """One without a host holds nothing, and may just have been begun; the others are kept for a week."""
    path = spool(tmp_path, head(gone), hosts)
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    clean(str(tmp_path), "")
    assert path.exists() is stays


def test_many_leftovers_are_counted(tmp_path: Path, gone: Holder) -> None:
    """A controller whose runs are killed every night must not print a page of them."""
    for number in range(6):
        spool(tmp_path, head(gone), name=f"kernel-memory-{number}.spool")
    notes = clean(str(tmp_path), "").notes
    assert len(notes) == 4 and notes[-1].startswith("There are 3 more spools")
    assert clean(str(tmp_path / "nowhere"), "").notes == []


def test_a_run_that_goes_on_is_not_resumed(tmp_path: Path, gone: Holder) -> None:
    """Two that write one report would each lose the other's."""
    with pytest.raises(ValueError, match="is still going on"):
        run_to_resume(str(spool(tmp_path, head(Holder.of(os.getpid())))))
    with pytest.raises(ValueError, match="is no spool of an audit"):
        run_to_resume(str(tmp_path / "none"))
    found, contents = run_to_resume(str(spool(tmp_path, head(gone), name="other")))
    assert found.run_id == "r1" and sorted(contents.records) == ["h0", "h1"]


def test_the_command_is_the_one_of_the_run(tmp_path: Path) -> None:
    """The same hosts, judged in the same way, from any folder, whatever is in the names."""
    line = CommandLine(
        inventories=["/srv/in ventory.yml", "a,b,"],
        limit="web:!web3",
        extra_variables=[
            "@/srv/vars.yml",
            "kernel_mem_audit_policy=policy.yml",
            '{"kernel_mem_audit_fail_on": ["unknown"]}',
        ],
        vault=["--vault-id", "prod@prompt"],
        hosts_pattern="web",
        folder="/srv/my audits",
    )
    folder, command = line.resuming("/srv/my audits/a.spool").split(" && ")
    assert shlex.split(folder) == ["cd", "/srv/my audits"]
    words = shlex.split(command)
    assert words[:2] == ["ansible-playbook", "fleetaudit.kernel_memory.report"]
    assert words[2:] == [
        *("-i", "/srv/in ventory.yml", "-i", "a,b,", "--limit", "web:!web3", "--vault-id", "prod@prompt"),
        *("-e", "@/srv/vars.yml", "-e", "kernel_mem_audit_policy=policy.yml"),
        *("-e", '{"kernel_mem_audit_fail_on": ["unknown"]}', "-e", "kernel_mem_audit_hosts=web"),
        *("-e", "kernel_mem_audit_resume='/srv/my audits/a.spool'"),
    ]
    assert command in kept_sentence("/srv/my audits/a.spool", line.resuming("/srv/my audits/a.spool"))


@pytest.mark.parametrize(
    "given",
    [
        "kernel_mem_audit_history=postgresql://audit:s3cret@db/fleet",
        '{"kernel_mem_audit_history": "postgresql://audit:s3cret@db/fleet"}',
        "kernel_mem_audit_history='host=db password=s3cret user=audit'",
    ],
)
def test_a_password_is_not_repeated(given: str) -> None:
    """The command stands in logs, in a file and in messages."""
    line = CommandLine([], None, [given], [], "all", "/srv")
    assert "s3cret" not in line.resuming("x") and "***" in line.resuming("x")


def test_a_run_that_is_resumed_twice_names_its_spool_once() -> None:
    """The command of a resumed run is that of the first."""
    line = CommandLine([], None, ["kernel_mem_audit_resume=old"], [], "all", "/srv")
    assert line.resuming("new").count("kernel_mem_audit_resume") == 1
