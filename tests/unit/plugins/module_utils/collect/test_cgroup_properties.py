# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever memory.stat holds: no exception, and only values that it holds."""

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.cgroup import COUNTERS, numbers

NAMES = sorted(name.decode("ascii") for name in COUNTERS)


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**15)), st.data())
def test_every_whole_line_counts_and_a_cut_one_does_not(values, data):
    text = "".join(f"{name} {values[name]}\nnot_{name} 5\n{name}_more 6\n" for name in values).encode("ascii")
    assert numbers(text, COUNTERS) == values
    cut = numbers(text[: data.draw(st.integers(0, len(text)))], COUNTERS)
    assert set(cut.items()) <= set(values.items())


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from([b"kernel", b" ", b"\n", b"1", b"-1", b"sock 5\n", b"\xff"])).map(b"".join),
    )
)
def test_garbage_gives_nothing_that_is_not_there(data):
    for name, number in numbers(data, COUNTERS).items():
        assert (f"{name} ").encode("ascii") in data and number >= 0
