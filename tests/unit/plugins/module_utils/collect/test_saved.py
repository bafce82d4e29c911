# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Support archives and crash scripts keep output of commands in place of files of /proc; it is read all the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.saved import (
    slabtop,
    threads,
    uptime_seconds,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import MIB, meminfo, plain

# As procps prints it; sizes are rounded.
SLABTOP = """ Active / Total Objects (% used)    : 1912345 / 2012345 (95.0%)
 Active / Total Slabs (% used)      : 45000 / 45000 (100.0%)
 Active / Total Caches (% used)     : 109 / 155 (70.3%)
 Active / Total Size (% used)       : 412345.12K / 432345.67K (95.4%)
 Minimum / Average / Maximum Object : 0.01K / 0.22K / 8.00K

  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME
1638400 1638400 100%    0.50K  51200       32    819200K kmalloc-512
 30702  30702 100%    0.10K    787       39      3148K buffer_head
  4096   2048  50%    0.96K    256       16      4096K dnode_t
"""
PS_AUXM = """USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.1 169000 13000 ?        -    Nov25   0:05 /usr/lib/systemd/systemd --system
root           -  0.0    -      -     - -        Ss   Nov25   0:05 -
root           2  0.0  0.0      0     0 ?        -    Nov25   0:00 [kthreadd]
root           -  0.0    -      -     - -        S    Nov25   0:00 -
app          900  1.0  9.1 9169000 413000 ?      -    Nov25  55:05 /opt/jdk/bin/java -Xmx4g -jar app.jar
app            -  0.0    -      -     - -        Ssl  Nov25   0:05 -
app            -  0.0    -      -     - -        Ssl  Nov25   0:05 -
app            -  0.0    -      -     - -        Ssl  Nov25   0:05 -
"""


@pytest.fixture
def copy(tmp_path):
    """A saved copy; called with {path: text} it writes files and returns the facts of the tree, or of a flat folder."""

    def write_and_read(files, flat=False, asked=("default",)):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        proc = str(tmp_path if flat else tmp_path / "proc")
        return build_facts(read(proc, str(tmp_path / "sys"), 20, resolve_subsets(asked, True), load))

    return write_and_read


MEMINFO = meminfo(**plain(Slab=900000, SReclaimable=40000, SUnreclaim=860000, MemTotal=8000000, MemFree=6000000))


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (" 10:23:45 up 12 days,  3:04,  2 users,  load average: 0.00, 0.01, 0.05", 12 * 86400 + 3 * 3600 + 240),
        (" 10:23:45 up 1 day, 25 min,  1 user,  load average: 0.00", 86400 + 1500),
        ("10:23:45 up  3:04,  2 users,  load average: 0.00", 3 * 3600 + 240),
        ("10:23:45 up 25 min,  0 users", 1500),
        ("10:23:45 up 300 days", 300 * 86400),
        ("load average: 0.00", None),
        ("", None),
        ("1924.52 843.69", None),
    ],
)
def test_uptime_as_procps_prints_it(line, seconds):
    assert uptime_seconds(line) == seconds


def test_threads_of_ps_with_a_line_for_each():
    """sos keeps ``ps auxwwwm``: a line a process, and lines with ``-`` for its threads."""
    part = threads(PS_AUXM.splitlines())
    assert (part["seen"], part["threads_seen"]) == (3, 5)
    assert part["threads"][0] == [900, "java", 3, None]
    assert part["commands"][0] == ["java", 1, None, 3, None] and ["kthreadd", 1, None, 1, None] in part["commands"]


@pytest.mark.parametrize(
    "listing",
    [
        "UID PID PPID LWP C NLWP STIME TTY TIME CMD\nroot 7 1 7 0 2 10:00 ? 00:00:00 /sbin/x y\n"
        "root 7 1 8 0 2 10:00 ? 00:00:00 /sbin/x y\n",
        "PID NLWP COMMAND\n7 2 /sbin/x y\n",
    ],
    ids=["-eLf", "nlwp"],
)
def test_threads_of_other_forms_of_ps(listing):
    part = threads(listing.splitlines())
    assert part["threads_seen"] == 2 and part["threads"] == [[7, "x", 2, None]]


def test_a_ps_without_threads_tells_none():
    """A number of processes is no number of threads."""
    lines = [line for line in PS_AUXM.splitlines() if " - " not in line.replace("?        -  ", "")]
    assert threads(lines) is None and threads([]) is None


def test_slabtop_gives_the_caches():
    part = slabtop(SLABTOP.splitlines())
    assert part["rows"][0] == ["kmalloc-512", 1638400, 1638400, 512, 32, 4, 51200]
    assert (part["caches"], part["listed"], part["pages"]) == (155, 3, 204800 + 787 + 1024)
    assert part["zfs_pages"] == 1024 and slabtop(["nothing"]) is None


def test_an_sos_report_tells_uptime_threads_and_caches(copy):
    """As its folder lies there: proc/ beside links and sos_commands/."""
    facts = copy(
        {
            "proc/meminfo": MEMINFO,
            "uptime": " 10:23:45 up 12 days,  3:04,  2 users,  load average: 0.00\n",
            "ps": PS_AUXM,
            "uname": "Linux web1 5.14.0-570.el9.x86_64 #1 SMP Tue Nov 25 x86_64 x86_64 x86_64 GNU/Linux\n",
            "lsmod": "Module                  Size  Used by\nmmfs26 3014656 1\nxfs 100 2\n",
            "sos_commands/memory/slabtop_-o": SLABTOP,
            "sos_commands/kernel/sysctl_-a": (
                "kernel.pid_max = 32768\nkernel.threads-max = 200000\n"
                "kernel.random.boot_id = 40860cda-7ef9-4d56-92fa-2d1fb727912a\nfs.file-nr = 96\t0\t73176\n"
            ),
        }
    )
    host = facts["host"]
    assert (host["uptime_seconds"], host["threads"], host["threads_limit"]) == (12 * 86400 + 11040, 5, 32768)
    assert (host["kernel_release"], host["architecture"]) == ("5.14.0-570.el9.x86_64", "x86_64")
    assert host["boot_id"] == "40860cda-7ef9-4d56-92fa-2d1fb727912a"
    assert facts["attribution"]["slab_caches"]["caches"][0]["bytes"] == 800 * MIB
    assert "slabtop has shown 3 of 155 caches." in facts["attribution"]["slab_caches"]["reason"]
    assert facts["attribution"]["thread_processes"]["processes"][0]["command"] == "java"
    assert "ps tells threads only" in facts["attribution"]["page_table_processes"]["reason"]
    assert facts["attribution"]["commands"]["commands"][0]["page_table_bytes"] is None
    assert facts["modules"]["count"] == 2 and facts["accounting"]["holders"][0]["name"] == "mmfs26"
    assert [limit["value"] for limit in facts["limits"] if limit["name"] == "files"] == [96]


def test_a_flat_folder_of_a_crash_script_is_a_copy_too(copy):
    """Files of /proc by their own names, and output of commands among them."""
    facts = copy(
        {
            "meminfo": MEMINFO,
            "vmstat": "nr_free_pages 1500000\n",
            "uptime": " 10:23:45 up 25 min,  0 users,  load average: 0.00\n",
            "slabtop.txt": SLABTOP,
        },
        flat=True,
    )
    assert facts["host"]["uptime_seconds"] == 1500 and facts["saved"] is True
    assert facts["attribution"]["slab_caches"]["caches"][0]["name"] == "kmalloc-512"


def test_files_of_proc_win_over_output_of_commands(copy):
    facts = copy(
        {
            "proc/meminfo": MEMINFO,
            "proc/uptime": "77.5 1.0\n",
            "proc/loadavg": "0 0 0 1/900 7\n",
            "uptime": "10:23:45 up 25 min,  0 users\n",
            "ps": PS_AUXM,
        }
    )
    assert (facts["host"]["uptime_seconds"], facts["host"]["threads"]) == (77, 900)


def test_default_subsets_of_a_copy_read_what_costs_a_running_kernel(copy):
    """vmallocinfo, slabinfo and all processes, however small the host is."""
    status = "Name:\tx\nVmPTE:\t 8 kB\nThreads:\t1\n"
    facts = copy(
        {
            "proc/meminfo": meminfo(**plain(VmallocUsed=0)),
            "proc/sys/kernel/osrelease": "4.18.0-553.el8.x86_64\n",
            "proc/vmallocinfo": "0x0-0x1 8192 alloc_it+0x1/0x2 [mydrv] pages=256 vmalloc\n",
            "proc/7/status": status,
        }
    )
    assert facts["dimensions"]["vmalloc_bytes"] == MIB and facts["accounting"]["vmalloc_meaning"] == "pages"
    assert facts["attribution"]["page_table_processes"]["seen"] == 1


TEXTS = st.lists(
    st.one_of(st.text(max_size=60), st.sampled_from(SLABTOP.splitlines() + PS_AUXM.splitlines())), max_size=20
)


@given(TEXTS)
@example(["PID", ""])
@example(["PID NLWP", "7"])
def test_any_output_gives_a_part_or_none(lines):
    """Whatever stands in such a file; a host's user may have written it."""
    for part in (threads(lines), slabtop(lines)):
        assert part is None or part["rows" if "rows" in part else "threads"]
    for line in lines:
        seconds = uptime_seconds(line)
        assert seconds is None or seconds >= 0
