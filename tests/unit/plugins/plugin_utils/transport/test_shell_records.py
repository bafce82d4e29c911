# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One record a line becomes the reading that Python would have given; nothing in it is trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.shell_records import reading_from_shell

HEADING = "H\tsystem\tLinux\nH\tsubsets\tslab processes limits cgroups numa\n"


def read(*records, heading=HEADING, end="Z"):
    return reading_from_shell(heading + "\n".join([*records, end]))


def test_a_file_has_the_lines_that_follow_it():
    """Whatever they begin with: each has a blank before it, which no record has."""
    found = read("F\tproc/a", " x", " Z", " F\tproc/b", "F\tproc/c", " y")
    assert found["files"] == {"proc/a": "x\nZ\nF\tproc/b\n", "proc/c": "y\n"} and found["cut"] == []


def test_a_file_with_an_error_has_no_text():
    """Half a file is no file."""
    found = read("F\tproc/a", " x", "E\tproc/a\tEIO")
    assert found["files"] == {} and found["errors"] == {"proc/a": "EIO"}


def test_an_answer_without_its_end_says_that_it_was_cut():
    """A connection that broke must not look like a host with little memory."""
    assert read(end="")["cut"] == ["collector"]


def test_lines_of_neither_program_are_left_out():
    """A banner, a profile that prints; but not one that looks like a record."""
    found = read("motd: welcome", "", "?", "S\tx\t5")
    assert found["sums"] == {"x": 5}
    with pytest.raises(ValueError, match="a record that the shell collector does not write: 'Sorry, no'"):
        read("Sorry, no")


def test_a_terminal_in_between_changes_nothing():
    """It makes CR LF of each line end."""
    assert reading_from_shell((HEADING + "S\tx\t5\nZ\n").replace("\n", "\r\n")) == read("S\tx\t5")


@pytest.mark.parametrize(
    "record",
    [
        "H\tcollected_at\tnow",
        "H\tcollected_at\t179>>6",
        "S\tx\t-1",
        "S\tx\t1.5",
        "S\tx\t",
        "S\tx",
        "S\tx\t" + "9" * 25,
        "S\tx\t٣",
        "R\tunheard\t1",
        "X\tslab\tunheard\t1",
    ],
)
def test_a_record_of_another_form_is_refused_and_shown(record):
    """The whole answer is: nobody knows what else in it is wrong."""
    with pytest.raises(ValueError, match="It was not read") as told:
        read(record)
    assert repr(record[:80]) in str(told.value) and "\n" not in str(told.value)


def test_a_line_before_any_file_is_refused():
    """It would be the line of whatever file comes next."""
    with pytest.raises(ValueError, match="does not write"):
        read(" x")


def test_an_answer_without_a_heading_is_not_ours():
    """Another program may print marks, too."""
    with pytest.raises(ValueError, match="no heading"):
        reading_from_shell("S\tx\t5\nZ\n")


def test_rows_and_totals_become_parts():
    """As the reader's Python brings them."""
    found = read(
        "T\tslab\tpages\t7",
        "R\tslab\tdentry\t1\t2\t3\t4\t5\t6",
        "A\tdentry\t:0000192",
        "A\tbio\t:0000192",
        "T\tprocesses\tseen\t3",
        "R\tpage_tables\t42\tjava\t9\t/x",
        "R\tthreads\t42\tjava\t2\t",
        "T\tcgroups\tversion\t2",
        "R\tcgroups\t/a=b\tpercpu=5",
        "T\tlimits\tmounts\t9",
        "T\tlimits\tmessages.rows\t1",
        "R\tpids\t/a\t5\t",
    )["parts"]
    assert found["slab"]["rows"] == [["dentry", 1, 2, 3, 4, 5, 6]] and found["slab"]["pages"] == 7
    assert found["slab"]["aliases"] == {"dentry": ["bio"]}
    assert found["processes"]["page_tables"] == [[42, "java", 9, "/x"]] and found["processes"]["threads"] == [
        [42, "java", 2, None]
    ]
    assert found["cgroups"] == {"version": 2, "dying": None, "living": None, "rows": [["/a=b", {"percpu": 5}]]}
    assert found["limits"] == {"mounts": 9, "messages": {"rows": 1}, "pids": [["/a", 5, None]]}


def test_nodes_are_sorted_as_numbers():
    """Ten comes after two."""
    rows = ["T\tnuma\tnodes\t2", "R\tnuma\t10\tMemTotal:5", "R\tnuma\t2\tMemTotal:6"]
    assert read(*rows)["parts"]["numa"] == {"rows": [[2, {"MemTotal": 6}], [10, {"MemTotal": 5}]]}


def test_every_part_that_is_not_there_has_its_reason():
    """What was asked for and did not come was cut; what nobody asked for is not missing."""
    found = read("X\tslab\terrors\tEACCES", "X\tcgroups\tskipped\tnot_needed", "X\tnuma\tms\t12")
    assert found["part_errors"] == {"slab": "EACCES", "processes": "deadline", "limits": "deadline", "numa": "deadline"}
    assert found["part_skipped"]["cgroups"] == "not_needed" and found["part_skipped"]["vmalloc"] == "not_asked"
    assert found["part_ms"] == {"numa": 12}
    assert read("K", end="")["part_errors"]["slab"] == "ENOSYS"


def test_without_awk_only_the_lines_that_are_wanted_stay():
    """The host could not choose them, and sent the whole file."""
    found = read("F\tproc/vmstat", " nr_mlock 7", " unheard_of 8", "K", end="")
    assert "unheard_of" not in found["files"]["proc/vmstat"] and found["cut"] == []


@pytest.mark.parametrize("total", ["mounts.x", "x.", ".x", "mounts"])
def test_a_total_that_is_named_as_a_table_is_ends_nothing(total):
    """The number of mounts is no table, whatever a host says of it."""
    limits = read(f"T\tlimits\t{total}\t5", "T\tlimits\tfiles.held\t7")["parts"]["limits"]
    assert limits["files"] == {"held": 7} and limits["mounts"] == (5 if total == "mounts" else None)


@pytest.mark.parametrize("name", ["kmalloc\ud800", "\udc80", "\U0010ffff"])
def test_a_name_of_any_signs_is_a_name(name):
    """Also of half a sign, which has no bytes."""
    part = read(f"A\t{name}\tsame", f"R\tslab\t{name}\t1\t2\t3\t4\t5\t6", "T\tslab\tcaches\t1")["parts"]["slab"]
    assert len(part["rows"]) == 1


KNOWN = [
    *("slab", "vmalloc", "allocinfo", "processes", "limits", "cgroups", "numa", "page_tables", "threads", "pinned"),
    *(
        "commands",
        "groups",
        "descriptors",
        "pids",
        "mounts",
        "mounts.x",
        "files.held",
        "tasks",
        "ms",
        "parts",
        "errors",
    ),
    *("part_errors", "part_skipped", "system", "subsets", "collected_at", "duration_ms", "uid", "page_size", "live"),
    *("proc/meminfo", "1", "0", "-1", "x=1", "0:7", "x", "", "\ud800", "\udc80", "9" * 25),
]
"""Words of the program, each where another belongs."""


@given(
    st.lists(st.tuples(st.sampled_from("HFECSNMOLRTAXKZ"), st.lists(st.sampled_from(KNOWN), max_size=5)), max_size=9)
)
def test_known_words_in_wrong_places_are_a_reading_or_a_sentence(records):
    """A host that knows the program can send what is nearly right."""
    try:
        assert isinstance(read(*("\t".join((kind, *words)) for kind, words in records))["files"], dict)
    except ValueError as told:
        assert str(told).endswith("It was not read.")


@given(st.lists(st.text("HF ECSNMOLRTAXKZ\t0159abmessytlinux", max_size=30), max_size=8))
def test_no_answer_is_anything_but_a_reading_or_a_sentence(records):
    """A host can send whatever it likes."""
    try:
        assert isinstance(read(*records)["files"], dict)
    except ValueError as told:
        assert str(told).endswith("It was not read.")
