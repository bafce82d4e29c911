# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Families: which slab caches and which modules belong to one part of the kernel, what that part is, and what to do
where it holds too much. One table, read by the signs of patterns and by the names of owners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...module_utils.collect.slabinfo import ZFS as _ZFS_PREFIXES

_NONE = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Family:
    """One part of the kernel with its slab caches."""

    name: str
    """The pattern that it makes where it holds much; empty for one that makes none."""
    called: str
    caches: re.Pattern[str] = _NONE
    """The whole names of its caches that can't be reclaimed."""
    modules: re.Pattern[str] = _NONE
    """The whole names of its modules."""
    meaning: str = ""
    next_step: str = ""
    command: str = ""
    source: str = ""
    """Where the kernel, or the module, makes these caches."""
    percent: int = 25
    """From which share of unreclaimable slab on it is named."""


KMALLOC = re.compile(r"(dma-)?kmalloc-(cg-|rnd-\d+-)?\d+[kM]?|size-\d+(\(DMA\))?")
"""General caches: their name tells a size and no owner."""
DENTRY = re.compile(r"dentry(_cache)?")
ACCOUNTED = re.compile(r"(dma-)?kmalloc-\d+|dentry|cred_jar|inode_cache|shmem_inode_cache|\w+_inode_cache|taskstats")
"""What kernels before 5.9 copy for each control group most."""
DESCRIPTORS = re.compile(r"kmem_cache(_node)?")
"""The descriptors of caches: each control group of kernels 3.10 to 5.8 has a set of its own."""
OF_DESCRIPTORS = re.compile(r"kmem_cache(_node)?|kmalloc-64")
FILES = re.compile(
    r"dentry(_cache)?|(\w+_)?inode(_cache|_info|_slab)?|radix_tree_node|xa_node|xfs_(buf|ili)|(ext4_)?extent_status"
)
"""Names and nodes of files in memory, and the trees of their pages: all of them are given back."""
ZERO_COPY = re.compile(r"pf_ring|netmap|\w+_zc")
"""Modules for packet capture without copies."""

SELINUX = Family(
    "selinux_policy_leak",
    "SELinux",
    re.compile(r"ebitmap_node|avtab_node|avtab_extended_perms|hashtab_node"),
    meaning="These are nodes of the SELinux policy; some kernels lose the old policy at each reload.",
    next_step="Update the kernel and reboot; until then stop what reloads the policy again and again.",
    command="sudo grep -E '^(ebitmap|avtab|hashtab)' /proc/slabinfo; "
    "sudo ausearch -m MAC_POLICY_LOAD -ts this-week | tail",
    source="security/selinux/ss",
)
KERNFS = Family(
    "kernfs_leak",
    "sysfs",
    re.compile(r"kernfs_node_cache|kernfs_iattrs_cache|sysfs_dir_cache"),
    meaning="These are nodes of sysfs and of control groups; they stay where containers or devices come and go and "
    "something holds on to them.",
    next_step="Update the kernel and reboot; until then find the unit or pod that is started again and again.",
    command="sudo grep kernfs /proc/slabinfo; systemctl list-units --state=failed,activating; cat "
    "/sys/fs/cgroup/cgroup.stat",
    source="fs/kernfs/mount.c",
)
SKBUFF = Family(
    "skbuff",
    "network buffers",
    re.compile(
        r"skbuff_\w+|(request_sock_|tw_sock_)?(TCP|UDP|MPTCP)(v6|Lite)?|tcp_bind2?_bucket|PING(v6)?|UNIX(-STREAM)?"
    ),
    meaning="These are network buffers and sockets: packets that wait in queues, or that a driver does not give back.",
    next_step="Look at the queues of the sockets. If they are short, suspect the network driver: reload or update it.",
    command="ss -s; ss -uamp | sort -k2 -rn | head; cat /proc/net/sockstat",
    source="net/core/skbuff.c",
)
CONNTRACK = Family(
    "conntrack",
    "connection tracking",
    re.compile(r"nf_conntrack\w*|ip_conntrack\w*"),
    re.compile(r"nf_conntrack"),
    meaning="Each tracked connection takes about 320 bytes, and a new one is dropped when the table is full.",
    next_step="Find who opens the connections; then raise nf_conntrack_max, shorten its timeouts, or exempt that "
    "traffic.",
    command="sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; "
    "sudo conntrack -L 2>/dev/null | grep -o 'src=[^ ]*' | sort | uniq -c | sort -rn | head",
    source="net/netfilter/nf_conntrack_core.c",
    percent=20,
)
KEYS = Family(
    "kernel_keys",
    "key rings",
    re.compile(r"key_jar"),
    meaning="These are keys of the kernel's key rings, and their content is in general caches: somebody adds keys and "
    "does not remove them.",
    next_step="Find the user with the most keys and the program that adds them; give keys a timeout, or clear the key "
    "ring.",
    command="sort -t: -k2 -rn /proc/key-users | head; sudo sysctl kernel.keys; sudo head -20 /proc/keys",
    source="security/keys/key.c",
)

FAMILIES: tuple[Family, ...] = (
    SELINUX,
    Family(
        "zfs_slab",
        "ZFS",
        re.compile(
            "(" + "|".join(map(re.escape, _ZFS_PREFIXES)) + r")\w*|lz4_cache|zstd_\w+|range_seg_cache|btree_leaf"
        ),
        re.compile(r"zfs|spl|zunicode|zcommon|znvpair|zavl|icp|zlua|zzstd"),
        meaning="These are objects of ZFS: its nodes of files and the buffers of its cache. What is held in use can't "
        "be given back, whatever the size of the cache.",
        next_step="Bound the cache and its metadata: lower zfs_arc_max, zfs_arc_dnode_limit and, before OpenZFS 2.2, "
        "zfs_arc_meta_limit; see what keeps so many files in use (snapshots, backups, containers).",
        command="grep -E '^(size|c_max|dnode_size|arc_dnode_limit|arc_meta_used|arc_meta_limit|arc_prune) ' "
        "/proc/spl/kstat/zfs/arcstats; grep . /sys/module/zfs/parameters/zfs_arc_{max,dnode_limit}* 2>/dev/null",
        source="OpenZFS: module/zfs/{dnode.c,dbuf.c,arc.c,zio.c}",
    ),
    Family(
        "lustre",
        "Lustre",
        re.compile(r"(ldlm|ll|lov|lovsub|lu|osc|mdc|vvp|cl|ccc|ptlrpc|echo|lustre|osp|osd)_\w+|interval_node|upd_kmem"),
        re.compile(
            r"lustre|ptlrpc|obdclass|lnet|libcfs|ksocklnd|ko2iblnd|lov|osc|mdc|lmv|fld|fid|mgc|ldiskfs|ost|mdt|mdd"
        ),
        meaning="These are locks and objects of the cluster file system Lustre; a client keeps the locks of each file "
        "that it has looked at.",
        next_step="Bound the locks (lctl set_param ldlm.namespaces.*.lru_size=...), or drop those that nobody uses, "
        "and see which job walks through so many files.",
        command="sudo lctl get_param ldlm.namespaces.*.lock_count ldlm.namespaces.*.lru_size 2>/dev/null | head -40",
        source="Lustre: lustre/ldlm/ldlm_lockd.c, lustre/llite/super25.c",
    ),
    Family(
        "ceph",
        "Ceph",
        re.compile(r"(ceph|rbd)_\w+"),
        re.compile(r"ceph|libceph|rbd"),
        meaning="These are objects of Ceph: capabilities that the client holds for the files it has looked at, and "
        "requests that have not ended.",
        next_step="Look for requests that hang and for a health warning of clients that do not release capabilities; "
        "lower caps_max of the mount, or mount anew.",
        command="sudo grep -H . /sys/kernel/debug/ceph/*/caps 2>/dev/null | head; sudo cat "
        "/sys/kernel/debug/ceph/*/{mdsc,osdc} 2>/dev/null | head -20",
        source="fs/ceph/super.c, net/ceph/messenger.c",
    ),
    Family(
        "nfs",
        "NFS",
        re.compile(r"(nfs|nfsd|nfsd4|rpc|nlm|pnfs)\d?_\w+"),
        re.compile(r"nfsd?|nfsv[34]|sunrpc|lockd"),
        meaning="These are requests and state of NFS: of a server, files that clients hold open and replies it keeps; "
        "of a client, writes that the server has not confirmed.",
        next_step="On a server look for clients that hold files or that are gone; on a client, whether its server "
        "answers and mounts hang.",
        command="sudo ls /proc/fs/nfsd/clients 2>/dev/null | wc -l; sudo head /proc/fs/nfsd/pool_stats 2>/dev/null; "
        "nfsstat -rc 2>/dev/null; grep -c ' nfs' /proc/mounts",
        source="fs/nfs/write.c, fs/nfsd/nfs4state.c, net/sunrpc/sched.c",
    ),
    Family(
        "btrfs",
        "Btrfs",
        re.compile(r"btrfs_\w+|extent_(buffer|state|map)"),
        re.compile(r"btrfs"),
        meaning="These describe parts of files of Btrfs that are dirty, locked or being written; a transaction that "
        "does not end, or a very scattered file, makes many.",
        next_step="Look for a balance, a scrub or a transaction that hangs, and for large files that are written in "
        "small pieces (databases, images of machines: chattr +C).",
        command="sudo btrfs filesystem usage / 2>/dev/null | head; sudo btrfs balance status / 2>/dev/null; "
        "sudo dmesg | grep -i btrfs | tail",
        source="fs/btrfs/extent_io.c, fs/btrfs/extent_map.c",
    ),
    Family(
        "xfs",
        "XFS",
        re.compile(r"xfs_\w+"),
        re.compile(r"xfs"),
        meaning="These are records of changes of XFS that wait for its log or for a device, and of buffers in use.",
        next_step="See whether a device of such a file system is slow or hangs, and whether its log is small beside "
        "the load.",
        command="sudo grep ^xfs /proc/slabinfo; iostat -x 2 2 2>/dev/null | tail -20; sudo dmesg | grep -i xfs | tail",
        source="fs/xfs/xfs_super.c",
    ),
    SKBUFF,
    CONNTRACK,
    Family(
        "routes",
        "routes",
        re.compile(r"ip6?_dst_cache|rt6_info|xfrm\d?_(dst_cache|state)|ip_fib_\w+|fib6_nodes|inet_peer_cache"),
        meaning="These are routes, tunnels and what the kernel remembers of other machines; a reference that is not "
        "given back keeps them for ever.",
        next_step="Count routes and IPsec states. If there are few, something does not give references back: update "
        "the kernel and modules for VPN and filters.",
        command="ip route show table all | wc -l; ip -6 route show table all | wc -l; sudo ip xfrm state count; "
        "sudo grep -E 'dst_cache|xfrm|fib' /proc/slabinfo",
        source="net/ipv4/route.c, net/ipv6/route.c, net/xfrm/xfrm_state.c",
    ),
    Family(
        "open_files",
        "open files",
        re.compile(r"filp"),
        meaning="Each is an open file, pipe or socket: programs that open and do not close, or files that the kernel "
        "has not let go of.",
        next_step="Find the program with most descriptors, restart it and bound it with LimitNOFILE. If no program has "
        "so many, a module keeps files open.",
        command="cat /proc/sys/fs/file-nr; for p in /proc/[0-9]*; do echo $(sudo ls $p/fd 2>/dev/null | wc -l) $(cat "
        "$p/comm) ${p#/proc/}; done | sort -rn | head",
        source="fs/file_table.c",
    ),
    KEYS,
    Family(
        "sysv_messages",
        "System V messages",
        re.compile(r"msg_msg(-\w+)?|mqueue_inode_cache"),
        meaning="These are messages in queues of System V or POSIX that nobody has taken out.",
        next_step="Find the queues with messages and the program that should read them; remove a queue that nobody "
        "reads (ipcrm -q).",
        command="cat /proc/sysvipc/msg; ls -l /dev/mqueue 2>/dev/null",
        source="ipc/msgutil.c",
    ),
    Family(
        "watches",
        "inotify and fanotify",
        re.compile(r"inotify_inode_mark|fanotify_\w+|fsnotify_\w+|dnotify_\w+"),
        meaning="These are watches on files (inotify, fanotify) and events that their programs have not read.",
        next_step="Find the program with most watches (file managers, agents, development tools), and lower "
        "fs.inotify.max_user_watches if nobody needs so many.",
        command="sudo grep -c '^inotify\\|^fanotify' /proc/[0-9]*/fdinfo/* 2>/dev/null | sort -t: -k2 -rn | head; "
        "sysctl fs.inotify",
        source="fs/notify/inotify/inotify_user.c",
    ),
    Family(
        "many_mappings",
        "mappings of memory",
        re.compile(r"vm_area_struct|vma_lock|anon_vma(_chain)?|maple_node"),
        meaning="These are pieces of the memory of programs: each area that is mapped takes about 300 bytes of kernel "
        "memory, in each process again.",
        next_step="Find the processes with most mappings; programs that map without end reach vm.max_map_count.",
        command="for p in /proc/[0-9]*; do echo $(sudo cat $p/maps 2>/dev/null | wc -l) $(cat $p/comm) ${p#/proc/}; "
        "done | sort -rn | head; sysctl vm.max_map_count",
        source="kernel/fork.c, mm/rmap.c",
    ),
    Family(
        "iommu_mappings",
        "the IOMMU",
        re.compile(r"iommu_\w+|dmar_\w+|amd_iommu_\w+"),
        meaning="These are addresses that drivers have mapped for their devices; a driver that does not unmap them "
        "loses one at each transfer.",
        next_step="Find out which driver does most transfers (network, storage) and update it or the kernel; a reload "
        "of the driver gives them back.",
        command="sudo grep -E '^(iommu|dmar)' /proc/slabinfo; ls /sys/class/iommu; lspci -k 2>/dev/null | grep -i "
        "'driver in use' | sort | uniq -c",
        source="drivers/iommu/iova.c",
    ),
    Family(
        "acpi_objects",
        "ACPI",
        re.compile(r"Acpi-\w+|acpi_\w+"),
        meaning="These are objects of the firmware's ACPI code; each reading of a sensor or battery may lose some.",
        next_step="Update firmware and kernel; until then find what reads sensors so often (monitoring of "
        "temperatures, fans or batteries) and ask less.",
        command="sudo grep ^Acpi /proc/slabinfo; ls /sys/class/thermal /sys/class/hwmon /sys/class/power_supply; sudo "
        "dmesg | grep -i 'acpi.*error' | tail",
        source="drivers/acpi/osl.c, drivers/acpi/acpica/utalloc.c",
    ),
    Family(
        "kvm_guests",
        "KVM",
        re.compile(r"kvm_\w+|pte_list_desc|mmu_page_header|x86_(fpu|emulator)"),
        re.compile(r"kvm(_intel|_amd)?"),
        meaning="These are KVM's tables on the memory of its guests; they grow with what guests touch, most where a "
        "guest runs guests of its own.",
        next_step="Compare with the memory of the guests; give large ones huge pages, and end guests that nobody "
        "needs.",
        command="sudo grep -E '^(kvm|pte_list|mmu_page)' /proc/slabinfo; ps -eo rss,pid,comm --sort=-rss | grep -E "
        "'qemu|kvm' | head",
        source="arch/x86/kvm/mmu/mmu.c",
    ),
    Family(
        "block_requests",
        "requests to disks",
        re.compile(
            r"bio(-\d+|vec-\w+|_integrity\w*|_post_read\w*)?|blkdev_\w+|request_queue|dm_\w+|bcache_\w+|raid\d+-\w+"
        ),
        re.compile(r"dm_\w+|bcache|drbd"),
        meaning="These are requests to disks that have not ended, or that a driver between them and the file system "
        "does not give back.",
        next_step="See whether a device hangs; if none does, suspect the layer between (dm, md, bcache, DRBD, a backup "
        "agent's filter) and update it.",
        command="grep . /sys/block/*/inflight; sudo dmsetup ls --tree 2>/dev/null | head -20; cat /proc/mdstat",
        source="block/bio.c, drivers/md/dm.c",
    ),
    KERNFS,
    Family(
        "",
        "GPFS (IBM Storage Scale)",
        modules=re.compile(r"mmfs(26|linux)?|tracedev"),
        source="IBM Storage Scale: its portability layer",
    ),
    Family("", "packet capture without copies", modules=ZERO_COPY, source="ntop PF_RING, netmap"),
    Family("", "Jool", modules=re.compile(r"jool(_\w+)?"), source="NICMx/Jool"),
    Family("", "NVIDIA graphics", modules=re.compile(r"nvidia(_\w+)?"), source="NVIDIA's driver"),
    Family("", "OpenAFS", modules=re.compile(r"(lib|open)afs"), source="OpenAFS"),
    Family("", "VirtualBox", modules=re.compile(r"vbox\w+"), source="VirtualBox"),
)
"""All families, the most specific first."""


def family_of_module(module: str) -> Family | None:
    """Return the family that a module belongs to; None where it is not known."""
    return next((family for family in FAMILIES if family.modules.fullmatch(module)), None)


def module_of_cache(cache: str, modules: Iterable[str]) -> str | None:
    """Return the module that a cache's name begins with: ``jool_joold_nodes`` is of ``jool``. The longest of several;
    None where there is none.
    """
    plain = cache.replace("-", "_").lower()
    found = [name for name in modules if plain == name.lower() or plain.startswith(f"{name.lower()}_")]
    return max(found, key=len, default=None)
