# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved host that has something for every part of the collector, and hostile names."""

from __future__ import annotations

import shutil
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "6.18-host"

FILES = {
    "proc/cmdline": "root=/dev/vda1 rd.iscsi.password=hunter2 quiet\n",
    "proc/modules": (
        "nf_tables 303104 0 - Live 0xffffffffc0a00000\n"
        "mmfs26 3014656 1 - Live 0x0 (POE)\n"
        "jool 45056 0 - Live 0x0 (OE)\n"
        "signed_elsewhere 16384 0 - Live 0x0 (E)\n"
        "ext4 962560 2 jbd2,mbcache, Live 0x0\n"
    ),
    "proc/allocinfo": "allocinfo - version: 1.0\n# <size>\n4096 1 mm/slub.c:9 func:a\n8192 2 fs/x.c:7 [x] func:b\n",
    "proc/key-users": "    0:     9 8/8 3/1000000 40/25000000\n 1000: 95002 95001/95001 95000/20000 900/2000000\n",
    "proc/net/packet": (
        "sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n"
        "00000000a1 3      3    0003   2     1 4096   0      4242\n"
        "00000000a2 3      3    0003   2     1 0      1000   4243\n"
    ),
    "proc/sysvipc/msg": (
        "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime\n"
        "         0          0   600       81920         10   100     0  1000  1000  1000  1000 1764000000          0\n"
        "         0          1   600          16          1   100     0     0     0     0     0 1764000000          0\n"
    ),
    "proc/sysvipc/shm": (
        "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime\n"
        "         0          0   600               1048576   100     0      0    26    26    26    26          0\n"
    ),
    "proc/self/mountinfo": "21 1 0:20 / /proc rw - proc proc rw\n22 1 0:21 / /sys rw - sysfs sysfs rw\n",
    "proc/sys/fs/mount-max": "100000\n",
    "proc/sys/fs/inotify/max_user_instances": "128\n",
    "proc/sys/kernel/sem": "32000\t1024000000\t500\t32000\n",
    "proc/sys/kernel/msgmni": "32000\n",
    "proc/sys/net/ipv4/udp_mem": "100 200 380000\n",
    "proc/sys/net/core/bpf_jit_limit": "264241152\n",
    "sys/block/zram0/mm_stat": "    4096       74    12288        0    12288        0        0        0\n",
    "sys/class/drm/card0/device/mem_info_gtt_used": "20971520\n",
    "sys/bus/virtio/drivers/virtio_balloon/virtio3/features": "01" + "0" * 62 + "\n",
    "sys/fs/cgroup/cgroup.controllers": "memory\n",
    "sys/fs/cgroup/cgroup.stat": "nr_descendants 900\nnr_dying_descendants 40\n",
    "sys/fs/cgroup/s1.slice/cgroup.stat": "nr_descendants 800\nnr_dying_descendants 39\n",
    "sys/fs/cgroup/system.slice/pids.current": "812\n",
    "sys/fs/cgroup/system.slice/pids.max": "max\n",
    "sys/fs/cgroup/user.slice/pids.current": "31\n",
    "sys/fs/cgroup/user.slice/pids.max": "4000\n",
}
_STATUS = "Name:\t%s\nGroups:\t%s\nVmPin:\t %d kB\nVmPTE:\t %d kB\nThreads:\t%d\nSigQ:\t0/1\n"


def eventful_host(root: Path, letter: str = "\u00fc") -> Path:
    """Make such a host in a folder and return that: the busy sample, and what stands above; *letter* is in names."""
    shutil.copytree(SAMPLE, root, dirs_exist_ok=True, symlinks=True)
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    with (root / "proc" / "slabinfo").open("ab") as table:
        table.write(b"torn\xff" if letter > "z" else b"torn")
        table.write(b" (256) 9 9 4096 8 8 : tunables 0 0 0 : slabdata 9 70000 0\nbad line\n")
        table.write(b"dnode_t 90 90 984 16 4 : tunables 0 0 0 : slabdata 6 6 0\n")
    with (root / "proc" / "vmallocinfo").open("ab") as areas:
        areas.write(b"\n0x00000000a1-0x00000000a2 86016 bpf_jit_alloc_exec+0x14/0x20 pages=20 vmalloc N0=20\n")
    _processes(root / "proc", letter)
    _groups(root / "sys" / "fs" / "cgroup", letter)
    (root / "sys" / "kernel" / "slab" / ":0000192").mkdir(parents=True)
    for name in ("ext4_inode_cache", f"b{letter}ro", "other"):
        (root / "sys" / "kernel" / "slab" / name).symlink_to(":0000192")
    return root


def _processes(proc: Path, letter: str) -> None:
    for pid in range(1, 301):
        folder = proc / str(pid)
        (folder / "fd").mkdir(parents=True)
        name = f"n{letter}{pid}" if pid > 250 else f"worker{pid % 7}"
        status = _STATUS % (name, "1 " * 4000 if pid == 7 else "", pid % 3 * 8, pid % 90, pid % 50 + 1)
        (folder / "status").write_text(status)
        (folder / "comm").write_text(name + "\n")
        (folder / "cgroup").write_text(f"4:memory:/a/{pid % 9}\n0::/\n")
        targets = (f"pipe:[9{pid % 40}]", "socket:[4242]", "anon_inode:inotify", "anon_inode:[io_uring]", "/dev/null")
        for number, target in enumerate(targets):
            (folder / "fd" / str(number)).symlink_to(target)


def _groups(top: Path, letter: str) -> None:
    for number in range(250):
        folder = top / f"s{number % 5}.slice" / (f"c{letter}{number}.scope" if number > 4 else "")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.stat").write_text(f"anon 5\nkernel {number * 1000}\npercpu 7\n")
