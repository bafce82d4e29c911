# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell collector where files or tools are missing, too large, unreadable, stuck or thousands: it ends, and says
why.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport import shell as transport
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.shell_records import reading_from_shell
from ansible_collections.fleetaudit.kernel_memory.tests.shell.asking import (
    ALL,
    SAMPLES,
    SHELLS,
    ask,
    by_python,
    comparable,
    said,
    saved_host,
)
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import NOBODY
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import for_everybody, place_for_servers

COLLECTOR = Path(transport.__file__).parent / "collector"
every_shell = pytest.mark.parametrize("shell", SHELLS)


def status(name: str, tables: int | None, threads: int) -> str:
    """A process's status file, shortened."""
    return (
        f"Name:\t{name}\nState:\tS (sleeping)\n"
        + (f"VmPTE:\t{tables:8} kB\n" if tables is not None else "")
        + f"Threads:\t{threads}\n"
    )


@every_shell
def test_missing_files_have_the_errors_that_python_gives(shell: str, tmp_path: Path) -> None:
    """Nothing but meminfo: every absence has its name, and no part its place."""
    (tmp_path / "proc").mkdir()
    shutil.copy(SAMPLES / "6.18-host" / "proc" / "meminfo", tmp_path / "proc")
    reading, twin = ask(shell, tmp_path), by_python(tmp_path)
    for table in ("errors", "part_errors", "part_skipped", "parts", "cut", "files"):
        assert reading[table] == twin[table], table


@every_shell
def test_no_meminfo_is_the_same_refusal(shell: str, tmp_path: Path) -> None:
    """An empty folder is no host."""
    sentences = []
    for reading in (ask(shell, tmp_path), by_python(tmp_path)):
        with pytest.raises(ValueError, match="meminfo") as raised:
            build_facts(reading)
        sentences.append(str(raised.value))
    assert sentences[0] == sentences[1]


@every_shell
def test_what_is_unreadable_is_named(shell: str) -> None:
    """What root alone may read is an error with its name, never a 0."""
    with place_for_servers() as place:
        root = saved_host(Path(place))
        for_everybody(root)
        for name in ("vmstat", "zoneinfo", "slabinfo", "vmallocinfo"):
            (root / "proc" / name).chmod(0)
        reading = ask(shell, root, user=NOBODY if os.geteuid() == 0 else None)
    assert {reading["errors"]["proc/vmstat"], reading["errors"]["proc/zoneinfo"]} == {"EACCES"}
    assert reading["part_errors"]["slab"] == reading["part_errors"]["vmalloc"] == "EACCES"
    assert "pcp_pages" not in reading["sums"]


@every_shell
def test_huge_files_are_refused_and_nothing_hangs(shell: str, tmp_path: Path) -> None:
    """A gigabyte of nothing must not be read into a host's memory."""
    root = saved_host(tmp_path)
    for name in ("version", "uptime", "modules"):
        with (root / "proc" / name).open("wb") as file:
            file.truncate(1 << 30)
    (root / "proc" / "loadavg").write_text("0 " * 20000)
    with (root / "proc" / "slabinfo").open("ab") as file:
        file.truncate(1 << 30)
    reading = ask(shell, root)  # which ends a program that hangs
    assert {reading["errors"][f"proc/{name}"] for name in ("version", "uptime", "loadavg")} == {"too_large"}
    assert build_facts(reading)["dimensions"] == build_facts(by_python(SAMPLES / "6.18-host"))["dimensions"]


@every_shell
def test_five_thousand_processes(shell: str, tmp_path: Path) -> None:
    """The same owners as by Python, with names of any kind, folders that are no processes, and a fifo among them."""
    root = saved_host(tmp_path)
    for pid in range(1, 5001):
        (root / "proc" / str(pid)).mkdir()
        (root / "proc" / str(pid) / "status").write_text(
            status(f"worker-{pid % 7}", pid * 37 % 4001 if pid % 3 else None, pid * 11 % 997)
        )
    (root / "proc" / "2000" / "cgroup").write_text("3:cpu:/x\n0::/system.slice/docker-" + "ab" * 32 + ".scope\n")
    (root / "proc" / "4001" / "status").write_text(status("a'b \"$(id)\\n\t\x1b[31m", 90000, 4))
    (root / "proc" / "4001" / "cgroup").write_text("12:cpu,memory:/kube\n0::/other\n")
    (root / "proc" / "4002" / "status").write_text("Name:\tcut")
    (root / "proc" / "7x").mkdir()
    (root / "proc" / "6000").mkdir()
    os.mkfifo(root / "proc" / "6000" / "status")
    reading, twin = ask(shell, root), by_python(root)
    assert reading["parts"]["processes"]["page_tables"][0] == [4001, "a'b \"$(id)\\n?\x3f[31m", 90000, "/kube"]
    for part in (reading["parts"]["processes"], twin["parts"]["processes"]):
        part["page_tables"][0][1] = part.pop("unread") and ""
    assert reading["parts"]["processes"] == twin["parts"]["processes"]


@every_shell
def test_control_groups_of_any_name(shell: str, tmp_path: Path) -> None:
    """Names of control groups come from users; more than 200 of them are cut, as by Python."""
    root = saved_host(tmp_path, "7.3.4+deb13-cloud-amd64")
    top = root / "sys" / "fs" / "cgroup"
    for number in range(150):
        (top / f"user-{number}.slice" / "inner").mkdir(parents=True)
        (top / f"user-{number}.slice" / "memory.stat").write_text(
            f"anon 5\nkernel {number * 4096}\nslab_reclaimable {number}\n"
        )
        (top / f"user-{number}.slice" / "inner" / "memory.stat").write_text(f"kernel {number * 1024}\n")
    for name in ("a b", "$(id)", "it's", 'q"', "back\\slash", "x:y", "-n", "*"):
        (top / name).mkdir()
        (top / name / "memory.stat").write_text("kernel 99999999\nsock 12\n")
    reading, twin = ask(shell, root), by_python(root)
    assert reading["parts"]["cgroups"] == twin["parts"]["cgroups"]
    assert reading["part_cut"]["cgroups"] == twin["part_cut"]["cgroups"] == "limit"


@every_shell
@pytest.mark.parametrize("tool", ["timeout", "id", "date", "getconf", "readlink"])
def test_small_tools_may_be_missing(shell: str, tool: str) -> None:
    """Each of them only makes one thing unknown; none is needed for an account."""
    kernel = SAMPLES / "6.12.118+deb13-cloud-amd64"
    assert comparable(ask(shell, kernel, before=f"{tool}() {{ return 127; }}\n")) == comparable(by_python(kernel))


@every_shell
def test_without_awk_the_counters_are_still_there(shell: str) -> None:
    """No sum of zoneinfo and no owners then; the dimensions are the same, and what is missing has its reason."""
    kernel = SAMPLES / "6.12.118+deb13-cloud-amd64"
    reading = ask(shell, kernel, before="awk() { return 127; }\nbusybox() { return 127; }\n")
    twin = by_python(kernel)
    assert build_facts(reading)["kernel_total_bytes"] == build_facts(twin)["kernel_total_bytes"]
    assert reading["files"]["proc/vmstat"] == twin["files"]["proc/vmstat"]
    assert reading["errors"]["proc/zoneinfo"] == reading["part_errors"]["slab"] == "ENOSYS"


@every_shell
def test_without_grep_the_counters_are_still_there(shell: str) -> None:
    """The shell itself can read lines, if slowly."""
    kernel = SAMPLES / "6.12.118+deb13-cloud-amd64"
    reading = ask(shell, kernel, before='grep() { return 127; }\ncommand() { [ "$2" != grep ]; }\n')
    assert reading["files"] == by_python(kernel)["files"]


@every_shell
def test_a_file_that_never_answers_is_a_timeout(shell: str, tmp_path: Path) -> None:
    """Stuck reads are what a sick host has; grep stands in for one."""
    stuck = tmp_path / "grep"
    stuck.write_text("#!/bin/sh\nexec sleep 300\n")
    stuck.chmod(0o755)
    answer = said(shell, SAMPLES / "6.18-host", deadline=1, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert answer.outcome == "timed_out" or shell == "busybox", answer


@pytest.mark.parametrize("share", [10, 50, 90, 99])
def test_half_a_program_does_nothing(share: int) -> None:
    """A connection that breaks while the program is sent must not run the part that came."""
    text = transport.shell_program("mark", "/proc", "/sys", 5, ALL)
    run = subprocess.run(
        ["sh", "-c", transport.COMMAND],
        input=text[: len(text) * share // 100].encode(),
        capture_output=True,
        check=False,
    )
    assert run.stdout == b""


@every_shell
def test_an_answer_cut_anywhere_is_no_whole_one(shell: str) -> None:
    """Whatever came of it is either refused or marked as cut."""
    text = transport.shell_program("mark", f"{SAMPLES}/6.18-host/proc", f"{SAMPLES}/6.18-host/sys", 5, ALL)
    run = subprocess.run(
        [*SHELLS[shell], "-c", transport.COMMAND], input=text.encode(), capture_output=True, check=True
    )
    answer = run.stdout.decode("ascii").partition("<<mark\n")[2].rpartition("\nmark>>")[0]
    assert reading_from_shell(answer)["cut"] == []
    for end in range(0, len(answer) - 2, 97):
        try:
            reading = reading_from_shell(answer[:end])
        except ValueError:
            continue
        assert reading["cut"] == ["collector"]


def test_the_program_fits_into_a_command_and_is_ascii() -> None:
    """It must be carried by connections without standard input, with the longest roots."""
    text = transport.shell_program("m" * 16, "/" + "p" * 4000, "/" + "s" * 4000, 300, ALL)
    assert text.isascii()
    assert transport.shell_command(text) == text


def test_roots_are_quoted(tmp_path: Path) -> None:
    """A root is a path and never a command."""
    root = tmp_path / 'it\'s $(touch hacked) `id` "x" \\n'
    shutil.copytree(SAMPLES / "6.18-host", root, symlinks=True)
    assert comparable(ask("dash" if "dash" in SHELLS else "bash", root)) == comparable(by_python(root))
    with pytest.raises(ValueError, match="control characters"):
        transport.shell_program("mark", "/a\nb", "/sys", 5, ALL)


def test_nothing_is_written_on_the_host() -> None:
    """Redirections go to nowhere and there is no here-document, which some shells keep in a temporary file."""
    source = "\n".join(
        line for line in (COLLECTOR / "collect.sh").read_text().splitlines() if not line.lstrip().startswith("#")
    )
    targets = re.findall(r"[0-9]?>>?\s*([^\s;)}]+)", source.replace("%s>>", "").replace("-> ", ""))
    assert set(targets) == {"/dev/null"}, targets
    assert "<<" not in source.replace("<<%s", "")


def test_the_program_passes_shellcheck() -> None:
    """As it is written without any exception; as it is sent without an error."""
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "shellcheck is not installed; on Debian: apt-get install shellcheck"
    sent = transport.shell_program("mark", "/proc", "/sys", 5, ALL)
    for text, severity in (((COLLECTOR / "collect.sh").read_text(), "style"), ("#!/bin/sh\n" + sent, "error")):
        said = subprocess.run(
            [shellcheck, "-s", "sh", "-S", severity, "-"], input=text.encode(), capture_output=True, check=False
        )
        assert said.returncode == 0, said.stdout.decode()
