# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever status and cgroup files hold: a value that they hold, or ValueError."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.processes import cgroup_of, status

LINES = st.sampled_from(
    [
        b"Name:\tx\n",
        b"VmPTE:\t 12 kB\n",
        b"VmPTE:\t -1 kB\n",
        b"VmPTE: kB\n",
        b"Threads:\t3\n",
        b"Threads:\t\n",
        b"\xff\n",
        b"kB\n",
    ]
)
NAME = st.text("abc -:()\\", min_size=1, max_size=15).map(str.strip)
WHOLE = st.tuples(NAME, st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**9))


def text(name, size, threads, pinned):
    """A status file."""
    return (
        f"Name:\t{name}\nPid:\t1\nVmPin:\t{pinned:8} kB\nVmPTE:\t{size:8} kB\nVmSwap:\t0 kB\nThreads:\t{threads}\n"
        "SigQ:\t1/2\n"
    ).encode("ascii")


@given(WHOLE)
def test_a_whole_file_gives_its_values(values):
    assert status(text(*values)) == (values[0].encode("ascii"), list(values[1:]))


@given(WHOLE, st.data())
def test_a_file_cut_short_gives_its_values_or_none(values, data):
    whole = text(*values)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    try:
        assert status(cut) == (values[0].encode("ascii"), list(values[1:]))
    except ValueError:
        assert not cut.endswith(b"SigQ:\t1/2\n")


@given(st.one_of(st.binary(max_size=300), st.lists(LINES, max_size=10).map(b"".join)))
def test_garbage_is_refused_or_gives_what_is_there(data):
    try:
        command, size, threads = status(data)
    except ValueError:
        return
    assert command in data and b"Threads:" in data and size in (0, 12) and threads == 3


@given(st.binary(max_size=400))
def test_a_cgroup_is_bounded_text_or_nothing(data):
    path = cgroup_of(data)
    assert path is None or len(path) <= 200


def test_garbage_without_threads_is_refused():
    with pytest.raises(ValueError):
        status(b"Name:\tx\nVmPTE:\t 1 kB\n")
