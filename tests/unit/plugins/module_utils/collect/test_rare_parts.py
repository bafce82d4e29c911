# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read line by line: lines come whole or not at all, and what was cut is said."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import rare_parts as _rare_parts


def lines_of(pieces, late=False):
    """The lines of a file that comes in pieces, and what was cut."""

    class Source:
        late = KeyError

        def path(self, key):
            return key

        def chunks(self, path, limit):
            yield from pieces
            if late:
                raise self.late()

    cut = []
    return list(_rare_parts.lines(Source(), "x", cut)), cut


@pytest.mark.parametrize(
    "pieces, lines",
    [
        ([], []),
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a\n\nb", b"c", b"\nd\n"], [b"a", b"", b"bc", b"d"]),
        ([b"a\nb"], [b"a", None]),
        ([b"x" * 4096 + b"\na\n"], [b"x" * 4096, b"a"]),
        ([b"x" * 4097 + b"\na\n"], [None, b"a"]),
        ([b"x" * 60000] * 200 + [b"\na\n"], [None, b"a"]),
        ([b"x" * 60000], [None]),
    ],
)
def test_lines_come_whole_or_not_at_all(pieces, lines):
    assert lines_of(pieces) == (lines, [])


def test_a_line_that_the_deadline_tore_is_no_bad_line():
    assert lines_of([b"a\nb"], late=True) == ([b"a"], ["deadline"])


def test_a_file_without_end_is_cut():
    lines, cut = lines_of([b"ab\n" * 20000] * (_rare_parts.LIMIT // 60000 + 1))
    assert cut == ["limit"] and None not in lines


class Host:
    """A reader of a folder with links, in which the clock goes on by a second for each look at it."""

    def __init__(self, links, end=1000):
        self.links, self.end, self.time = links, end, 0

    def listed(self, folder):
        if self.links is None:
            raise OSError(13, "Permission denied")
        return list(self.links)

    def target(self, path):
        target = self.links[path.rpartition("/")[2]]
        if target is None:
            raise OSError(22, "Invalid argument")
        return target

    def clock(self):
        self.time += 1
        return self.time


def test_what_is_no_link_is_left_out():
    """Most caches have a folder of their own, and no other name."""
    assert _rare_parts.links_in(Host({"dentry": ":0000192", "own": None}), "/x") == [("dentry", ":0000192")]


def test_names_that_take_too_long_are_left_out_whole():
    """A half list would name one of the merged caches, and not the one that leaks."""
    many = {f"c{number}": ":1" for number in range(200)}
    assert len(_rare_parts.links_in(Host(many), "/x")) == 200
    assert _rare_parts.links_in(Host(many, end=2), "/x") == []


def test_a_folder_that_may_not_be_read_costs_names_alone():
    """The caches are known by their own names, as without aliases."""
    assert _rare_parts.links_in(Host(None), "/x") == []


def test_a_walk_of_the_processes_ends_in_two_seconds_or_with_the_reader():
    """A host with a hundred thousand processes is asked by the gathering of a whole fleet."""
    asked = []

    class Walker:
        @staticmethod
        def walk(root, live, end, clock):
            asked.append((root, live, end))
            return {"seen": 1}, "deadline"

    for end, expected in ((100.0, 2.0), (1.5, 1.5)):
        reader = Host({}, end)
        reader.roots, reader.live, reader.clock, reader.load = {"proc": "/p"}, True, lambda: 0.0, lambda name: Walker
        cut = []
        assert _rare_parts.processes(reader, cut) == {"seen": 1} and cut == ["deadline"]
        assert asked.pop() == ("/p", True, expected)
