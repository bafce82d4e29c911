# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small /proc and /sys in a folder, of which a test changes what it likes between two readings."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import Host

SLABINFO = """\
slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount>
kmalloc-2k           100    120   2048   16    8 : tunables    0    0    0 : slabdata      {slabs}      {slabs}      0
a (b) cache            8      8     64   64    1 : tunables    0    0    0 : slabdata      2      2      0
broken line
"""
FILES = {
    "proc/meminfo": "MemTotal:  1000 kB\nMemFree:    500 kB\nHugePages_Total:  3\nActive(anon):     7 kB\n",
    "proc/zoneinfo": "Node 0, zone DMA\n  cpu: 0\n              count: 3\n  cpu: 1\n              count: 4\n",
    "proc/vmstat": "nr_free_pages 5\nnr_zspages 2\n",
    "proc/slabinfo": SLABINFO.format(slabs=8),
    "proc/vmallocinfo": (
        "0xffffc90000000000-0xffffc90000005000   20480 dup_task_struct+0x1/0x2 pages=4 vmalloc N0=4\n"
        "0xffffc90000008000-0xffffc9000000d000   20480 nft_alloc+0x1/0x2 [nf_tables] pages=2 vmalloc\n"
        "0xffffc90000010000-0xffffc90000015000   20480 ioremap+0x1/0x2 phys=0xfe ioremap\n"
    ),
    "proc/allocinfo": "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n4096 1 mm/slub.c:1 func:f\n",
    "proc/key-users": "    0:   145 144/144 142/1000000 2896/25000000\n",
    "proc/sysvipc/msg": (
        "key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime\n"
        "0 0 600 4000 2 77 0 1000 0 0 0 0 0 0\n0 1 600 1000 1 77 0 1000 0 0 0 0 0 0\n"
    ),
    "proc/net/sockstat": "sockets: used 44\nTCP: inuse 5 orphan 0 tw 0 alloc 9 mem 3\nUDP: inuse 1 mem 1\n",
    "proc/net/tcp": (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F90 0100007F:C350 01 00000010:00000020 00:00000000 00000000  1000        0 555 1 0 20\n"
    ),
    "proc/net/netlink": (
        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
        "0000 0   77 00000000 4352     0        1     2        0        669490\n"
    ),
    "proc/sys/fs/file-nr": "1056\t0\t9223372036854775807\n",
    "proc/77/status": (
        "Name:\tweb server\nState:\tS (sleeping)\nTgid:\t77\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\nFDSize:\t64\n"
        "VmPin:\t       0 kB\nVmPTE:\t      48 kB\nThreads:\t3\nSigQ:\t5/95000\n"
    ),
    "proc/77/cgroup": "0::/system.slice/web.service\n",
    "proc/78/status": "Name:\tsh\nState:\tZ (zombie)\nPPid:\t77\nThreads:\t1\nSigQ:\t5/95000\n",
    "proc/2/status": "Name:\tkworker/0:1-events\nState:\tI (idle)\nPPid:\t0\nThreads:\t1\n",
    "proc/1/comm": "systemd\n",
    "sys/block/zram0/mm_stat": "  10 20 30 0 0 0 0 0\n",
    "sys/fs/cgroup/cgroup.controllers": "memory\n",
    "sys/fs/cgroup/system.slice/memory.stat": "anon 5\nkernel 8192\nsock 100\n",
    "sys/fs/cgroup/system.slice/web.service/memory.stat": "slab 10\npercpu 20\nsock 1\n",
}


class Tree:
    """Files below a folder."""

    def __init__(self, folder: Path, **changed: str) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Make or change a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def host(self, seconds: float = 60.0) -> Host:
        """Who reads it."""
        return Host(str(self.folder / "proc"), str(self.folder / "sys"), seconds)
