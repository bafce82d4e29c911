# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The biggest allocation sites of kernels that count them."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.allocinfo import parse_allocinfo

TEXT = b"""allocinfo - version: 1.0
#     <size>  <calls> <tag info>
           0        0 init/main.c:1314 func:do_initcalls
    55214080    13480 mm/filemap.c:1951 func:__filemap_get_folio
     8372224     2044 fs/ext4/super.c:1390 [ext4] func:ext4_alloc_inode
     8372224      100 drivers/net/tn40.c:77 [tn40xx] func:tn40_rx_alloc
"""


def test_sites_are_sorted_by_size_then_name():
    assert parse_allocinfo(TEXT.splitlines()) == {
        "rows": [
            ["mm/filemap.c:1951 func:__filemap_get_folio", 55214080, 13480],
            ["drivers/net/tn40.c:77 [tn40xx] func:tn40_rx_alloc", 8372224, 100],
            ["fs/ext4/super.c:1390 [ext4] func:ext4_alloc_inode", 8372224, 2044],
            ["init/main.c:1314 func:do_initcalls", 0, 0],
        ],
        "sites": 4,
        "bytes": 55214080 + 2 * 8372224,
    }


def test_only_ten_of_thousands_are_kept():
    part = parse_allocinfo(b"%d 1 a.c:%d func:f" % (number, number) for number in range(5000))
    assert [row[1] for row in part["rows"]] == list(range(4999, 4989, -1))
    assert (part["sites"], part["bytes"]) == (5000, sum(range(5000)))


@pytest.mark.parametrize(
    "line", [None, b"", b"1", b"1 2", b"x 2 a.c:1", b"1 -2 a.c:1", b"1_0 2 a.c:1", b"9" * 19 + b" 1 a.c:1"]
)
def test_a_bad_line_adds_nothing(line):
    assert parse_allocinfo([line]) == {"rows": [], "sites": 0, "bytes": 0}


def test_sites_are_bounded_text():
    assert parse_allocinfo([b"1 1 " + b"\xff" * 500])["rows"] == [["\ufffd" * 120, 1, 1]]
