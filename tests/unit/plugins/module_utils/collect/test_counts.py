# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of the kernel whose first line names the columns, added up."""

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.counts import OWNERS, TABLES, parse_table

HEAD = b"  key  msqid perms cbytes qnum nattch uid"


def parse(*rows):
    return parse_table([HEAD, *rows], "cbytes qnum", "uid")


def test_rows_sums_and_the_owner_of_most():
    found = parse(b"0 0 600 100 2 1 1000", b"0 1 600 50 1 0 26", b"0 2 600 60 3 1 26")
    assert found == {"rows": 3, "cbytes": 210, "qnum": 6, "unattached": 50, "owner": 26}


def test_rows_without_an_amount_have_an_owner_by_their_number():
    """Packet sockets with nothing to receive still hold their rings."""
    found = parse(b"0 0 600 0 0 1 5", b"0 0 600 0 0 1 7", b"0 0 600 0 0 1 7")
    assert found["owner"] == 7 and found["rows"] == 3


def test_an_empty_table_has_no_owner():
    assert parse() == {"rows": 0, "unattached": 0}
    assert parse_table([], "cbytes", "uid") == {"rows": 0, "unattached": 0}


def test_many_owners_cost_no_memory():
    found = parse(*(b"0 0 600 1 1 1 %d" % number for number in range(OWNERS + 50)))
    assert found["rows"] == OWNERS + 50 and found["owner"] == 0


def test_real_tables_have_these_columns():
    """As kernels from 5.10 to 7.3 write them."""
    heads = {
        "messages": b"       key      msqid perms      cbytes       qnum lspid lrpid   uid  gid cuid cgid  stime",
        "segments": b"       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid  rss   swap",
        "semaphores": b"       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime",
        "packets": b"sk       RefCnt Type Proto  Iface R Rmem   User   Inode",
    }
    for name, _file, columns, owner in TABLES:
        assert {*columns.split(), owner} <= set(heads[name].decode().split())


@given(st.lists(st.one_of(st.none(), st.binary(max_size=60), st.just(HEAD), st.just(b"0 0 600 100 2 1 1000"))))
def test_any_lines_give_numbers(lines):
    found = parse_table(lines, "cbytes qnum", "uid")
    assert all(isinstance(value, int) and value >= 0 for value in found.values())
