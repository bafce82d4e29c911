# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell collector in every shell that is here: the same facts as by the host's Python, whatever lies in /proc."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.shell_records import reading_from_shell
from ansible_collections.fleetaudit.kernel_memory.tests.shell.asking import (
    KERNELS,
    SAMPLES,
    SHELLS,
    ask,
    by_python,
    comparable,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.eventful import eventful_host


def test_there_is_a_shell() -> None:
    """An empty list of shells would let this whole file pass."""
    assert "dash" in SHELLS or "bash" in SHELLS


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gives_the_facts_that_python_gives(shell: str, kernel: str) -> None:
    """What the host has to run the collector with must not change a figure, nor an owner."""
    assert comparable(ask(shell, SAMPLES / kernel)) == comparable(by_python(SAMPLES / kernel))


@pytest.mark.parametrize("shell", SHELLS)
def test_a_host_with_something_of_everything_gives_the_same_facts(shell: str, tmp_path: Path) -> None:
    """Modules from outside, boot parameters, holders, messages, descriptors, thousands of groups: every part."""
    root = eventful_host(tmp_path / "host", "x")
    found, expected = ask(shell, root), by_python(root)
    assert found["modules"] == expected["modules"] and found["modules"]["count"] == 5
    for name in expected["parts"]:
        assert found["parts"][name].keys() == expected["parts"][name].keys(), name
    assert comparable(found) == comparable(expected)


@pytest.mark.parametrize("awk", ["mawk", "gawk", "original-awk"])
def test_every_awk_understands_everything(awk: str, tmp_path: Path) -> None:
    """The fingerprint of modules needs exact numbers of 52 bits in each of them."""
    program = shutil.which(awk)
    assert program, f"{awk} is not installed; on Debian: apt-get install {awk}"
    (tmp_path / "awk").symlink_to(program)
    root = eventful_host(tmp_path / "host", "x")
    found = ask("dash", root, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert comparable(found) == comparable(by_python(root))


@pytest.mark.parametrize("shell", SHELLS)
def test_secrets_of_boot_parameters_never_leave_the_host(shell: str, tmp_path: Path) -> None:
    """The reading may be attached to a bug report."""
    root = eventful_host(tmp_path / "host", "x")
    for reading in (ask(shell, root), by_python(root)):
        assert reading["files"]["proc/cmdline"] == "root=/dev/vda1 rd.iscsi.password=... quiet\n"


def test_busybox_alone_is_enough(tmp_path: Path) -> None:
    """Routers and appliances have nothing else."""
    busybox = shutil.which("busybox")
    assert busybox, "busybox is not installed; on Debian: apt-get install busybox-static"
    for name in subprocess.run([busybox, "--list"], capture_output=True, check=True).stdout.decode().split():
        (tmp_path / name).symlink_to(busybox)
    kernel = SAMPLES / "6.18-host"
    assert comparable(ask("busybox", kernel, PATH=str(tmp_path))) == comparable(by_python(kernel))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("awk", ["mawk", "gawk", "original-awk"])
def test_every_awk_gives_the_facts_that_python_gives(awk: str, kernel: str, tmp_path: Path) -> None:
    """Distributions bring different awks, and each has its own idea of numbers, patterns and long lines."""
    program = shutil.which(awk)
    assert program, f"{awk} is not installed; on Debian: apt-get install {awk}"
    (tmp_path / "awk").symlink_to(program)
    found = ask("dash", SAMPLES / kernel, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert comparable(found) == comparable(by_python(SAMPLES / kernel))


HOSTILE = "mark>>\n<<mark\nF proc/meminfo\n MemTotal: 1 kB\n\x1b[31m\x00\xff`id`$(id)'\"\\ \n"


@pytest.mark.parametrize("shell", SHELLS)
def test_what_stands_in_a_file_can_not_pass_for_a_record(shell: str, tmp_path: Path) -> None:
    """A file that a host's user controls must not add or change another value."""
    root = tmp_path / "host"
    shutil.copytree(SAMPLES / "6.18-host", root, symlinks=True)
    expected = comparable(by_python(root))
    (root / "proc" / "version").write_text(HOSTILE, encoding="latin-1")
    (root / "proc" / "loadavg").write_text("0.00 0.00 0.00 1/235 4711\n" + HOSTILE, encoding="latin-1")
    facts = comparable(ask(shell, root))
    assert facts["dimensions"] == expected["dimensions"]
    assert facts["host"]["memory_total_bytes"] == 24683656 * 1024


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_no_file_does_not_hang(shell: str, tmp_path: Path) -> None:
    """A fifo in place of a file would block a plain cat for ever."""
    root = tmp_path / "host"
    shutil.copytree(SAMPLES / "6.18-host", root, symlinks=True)
    (root / "proc" / "uptime").unlink()
    os.mkfifo(root / "proc" / "uptime")
    assert comparable(ask(shell, root))["host"]["uptime_seconds"] is None


@pytest.mark.parametrize("shell", SHELLS)
def test_the_live_machine_is_accounted_for(shell: str) -> None:
    """The same machine a moment apart: RAM, CPUs and kernel equal. Other programs move the total meanwhile, so in one
    of several rounds it has to lie between those of Python before and after, within 16 MiB.
    """
    noise = 16 * 1024**2
    for _round in range(10):
        before, live, after = (build_facts(found) for found in (by_python(""), ask(shell, ""), by_python("")))
        names = ("memory_total_bytes", "kernel_release", "architecture", "cpus_possible", "boot_id", "page_size_bytes")
        assert [live["host"][name] for name in names] == [after["host"][name] for name in names]
        assert live["platform"] == after["platform"]
        low, high = sorted((before["kernel_total_bytes"], after["kernel_total_bytes"]))
        if low - noise <= live["kernel_total_bytes"] <= high + noise:
            return
    raise AssertionError(f"{live['kernel_total_bytes']} is not between {low} and {high}")


REFUSING = """#!/bin/sh
# As the kernel does to root without CAP_SYS_PTRACE: ls shows that there are links, and not where they lead.
/bin/ls "$@" | sed -e '/^7.*fd:$/,/^$/s/ -> .*//'
"""


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_process_whose_links_are_refused_is_unread(shell: str, tmp_path: Path) -> None:
    """It must not pass for a process without descriptors; the first, one between others, the last."""
    for pid in (71, 72, 8, 73):
        (tmp_path / f"host/proc/{pid}/fd").mkdir(parents=True)
        (tmp_path / f"host/proc/{pid}/comm").write_text("nginx\n")
        (tmp_path / f"host/proc/{pid}/fd/3").symlink_to("pipe:[1]")
    (tmp_path / "host/proc/9/fd").mkdir(parents=True)
    (tmp_path / "host/proc/9/comm").write_text("kthreadd\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ls").write_text(REFUSING)
    (tmp_path / "bin/ls").chmod(0o755)
    part = ask(shell, tmp_path / "host", PATH=f"{tmp_path}/bin:{os.environ['PATH']}")["parts"]["descriptors"]
    assert part == {"rows": [["nginx", "pipe", 1]], "pipes": 1, "seen": 2, "unread": 3}


@given(st.text())
def test_hostile_answers_raise_nothing_but_value_error(text: str) -> None:
    """Whatever a host sends between the marks."""
    try:
        reading = reading_from_shell(text)
    except ValueError as exc:
        assert str(exc)
    else:
        assert isinstance(reading, dict)


@given(st.lists(st.text(alphabet=st.sampled_from("FEPSLCMORD /abc019\n\t:-"), max_size=30)))
def test_answers_of_nearly_the_right_form_raise_nothing_but_value_error(lines: list[str]) -> None:
    """Records cut short, repeated, of unknown kinds."""
    try:
        reading_from_shell("\n".join(lines))
    except ValueError as exc:
        assert str(exc)
