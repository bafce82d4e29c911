# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program for a host without Python: whole, quoted, small, and what its answer means. tests/shell runs it."""

from __future__ import annotations

import re
import shlex

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import parts, reader
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport import shell

ALL = resolve_subsets(["all"])
HEADING = "H\tsystem\tLinux\nH\tuid\t0\n"


def program(proc="/proc", sys="/sys", subsets=ALL):
    return shell.shell_program("mark", proc, sys, 5, subsets)


def setting(text, name):
    """The value of a setting of the program, as the shell reads it."""
    return re.search(rf"^{name}=('[^']*'|\S*)$", text, re.MULTILINE).group(1).strip("'")


def keys(*lists):
    """The files of lists of the reader."""
    return {line.removeprefix("+").split()[0] for files in lists for line in files.split("\n")}


def always():
    """What is read of every host."""
    return keys(reader.FILES)


def of_parts():
    """What is read for parts that are asked for."""
    return keys(*parts.FILES.values())


def answer(records, code=0):
    return shell.read_answer("mark", f"\n<<mark\n{records}\nmark>>\n", "", code)


def test_what_is_for_readers_does_not_travel():
    """Each byte goes to every host."""
    source = shell.host_source()
    assert "Copyright" not in source and not re.search(r"^\s*#", source, re.MULTILINE)
    assert source.isascii() and len(source) < 40_000


def test_the_awk_program_can_stand_between_apostrophes():
    """One in it would end the shell's text, and the rest would be commands."""
    assert shell.host_source().partition("PROGRAM='")[2].partition("'\n")[0].count("'") == 0


def test_every_file_of_the_reader_is_asked_for():
    """A file that only one of the transports reads would make two hosts different that are alike."""
    asked = {line.split()[0] for line in setting(program(), "FILES").splitlines()}
    assert always() | of_parts() <= asked and {"proc/meminfo", "proc/vmstat"} <= asked


def test_a_subset_that_nobody_asked_for_has_no_files():
    """A host is read no more than it has to be."""
    few = {line.split()[0] for line in setting(program(subsets={}), "FILES").splitlines()}
    assert few - always() == {"proc/meminfo", "proc/vmstat", "proc/cmdline"} and not few & (of_parts() - always())
    assert setting(program(subsets={}), "WANTS") == ""


@pytest.mark.parametrize(
    ("proc", "sys", "live"),
    [("/proc", "/sys", "1"), ("/proc/", "/sys/", "1"), ("/mnt/proc", "/mnt/sys", ""), ("/proc", "/x", "")],
)
def test_only_a_running_host_is_asked_what_only_it_can_know(proc, sys, live):
    """A saved copy would be told by the machine that it lies on."""
    text = program(proc, sys)
    assert setting(text, "LIVE") == live and bool(setting(text, "PLACES")) is bool(live)


def test_a_root_is_a_word_whatever_is_in_it():
    """It comes from an inventory."""
    proc, sys = "/a'; touch /tmp/x; '/proc", "/b $(id)/sys"
    text = program(proc, sys)
    assert f"PROC={shlex.quote(proc)}\n" in text and "SYS='/b $(id)/sys'\n" in text


def test_a_root_with_a_control_character_is_refused():
    """In one sentence that names it."""
    with pytest.raises(ValueError, match=r"sys_root is '/a.nb'; give a path without control characters\."):
        program("/proc", "/a\nb")


def test_the_program_fits_into_a_command():
    """For connections without standard input; a longer one is refused here and not by the host's kernel."""
    assert shell.shell_command(program()) == program()
    with pytest.raises(ValueError, match="too long for a command argument"):
        shell.shell_command("x" * 131_072)


def test_an_answer_is_a_reading():
    """Of this form alone."""
    found = answer(HEADING + "F\tproc/meminfo\n MemTotal: 1 kB\nZ")
    assert found.reading["files"] == {"proc/meminfo": "MemTotal: 1 kB\n"} and found.reading["uid"] == 0


def test_a_host_that_ran_into_its_deadline_before_meminfo_timed_out():
    """It is not *damaged*: the file system did not answer, and that is what to look at."""
    for records in (HEADING + "C\tcollector\nZ", HEADING):
        found = answer(records)
        assert (found.outcome, found.reading) == ("timed_out", None) and "did not answer" in found.message
    assert answer(HEADING + "F\tproc/meminfo\n MemTotal: 1 kB\nC\tx\nZ").reading["cut"] == ["x"]
