# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a host's kernel memory counters once, under a deadline: with the two walks, all that opens files on the host.

Private to the collection. The lean transport sends this file as source, so it imports nothing but
``posix``, ``sys``, ``time`` and ``errno``, which are built in, and compiles quickly: ``os``, which is made of files
around ``posix``, would cost a host one to two milliseconds. What says whose the memory is comes from further modules,
which are compiled only where they are needed. It reduces and never reasons: what the counters mean is decided
elsewhere, from the reading alone.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import posix
import sys
import time

KEPT = 16384
SCANNED = 1 << 20
ZONEINFO = 1 << 25
LARGE = 6144

VMSTAT = (
    "nr_free_pages nr_zspages nr_isolated_anon nr_isolated_file nr_memmap_pages nr_memmap_boot_pages nr_vmalloc"
    " nr_iommu_pages nr_balloon_pages balloon_inflate balloon_deflate oom_kill nr_slab_unreclaimable "
    "nr_page_table_pages"
)
# Modules that hold memory which no kernel counter names, or say what the host is.
MODULES = (
    "vmw_balloon hv_balloon virtio_balloon xen_balloon zfs zram nvidia amdgpu i915 xe nouveau radeon brd"
    " rds mlx4_core mlx5_core ice i40e ixgbe bnxt_en ena tn40xx ath11k lustre mmfs26"
)
# Sure signs of a container host; what they prove is decided by account/machine.py.
PLACES = (
    "run/containerd/containerd.sock run/docker.sock run/crio/crio.sock run/libpod run/podman/podman.sock"
    " var/lib/lxd/unix.socket var/snap/lxd/common/lxd/unix.socket var/lib/kubelet run/.containerenv .dockerenv"
)
BELOW_ROOTS = (
    "proc/vz proc/bc proc/device-tree/hypervisor sys/fs/cgroup/kubepods.slice sys/fs/cgroup/kubepods"
    " sys/fs/cgroup/memory/kubepods.slice sys/fs/cgroup/memory/kubepods"
)
# (file, whether its absence is worth a word, first words of the lines to keep or None for the whole file)
FILES = (
    ("proc/loadavg", True, None),
    ("proc/uptime", True, None),
    ("proc/version", True, None),
    ("proc/sys/kernel/osrelease", True, None),
    ("proc/sys/kernel/random/boot_id", True, None),
    ("proc/sys/kernel/threads-max", True, None),
    ("proc/sys/kernel/pid_max", True, None),
    ("proc/sys/kernel/arch", False, None),
    ("etc/machine-id", False, None),
    ("proc/cgroups", False, "memory"),
    ("proc/net/sockstat", False, "sockets: TCP: UDP: UDPLITE: FRAG:"),
    ("proc/2/comm", False, None),
    ("sys/devices/system/cpu/possible", True, None),
    ("sys/devices/system/cpu/online", True, None),
    ("sys/fs/cgroup/cgroup.stat", False, "nr_descendants nr_dying_descendants"),
    ("sys/hypervisor/type", False, None),
    ("sys/class/dmi/id/product_name", False, None),
    ("sys/class/dmi/id/sys_vendor", False, None),
)


class Late(Exception):
    """The deadline has passed."""


class Reader:
    """Reads one host: the roots, the deadline and what has been found so far."""

    # For the modules that this is given to.
    late, listed, target = Late, staticmethod(posix.listdir), staticmethod(posix.readlink)

    def __init__(self, proc_root, sys_root, deadline_seconds, load=None):
        self.load = load
        self.clock = getattr(time, "monotonic", time.time)
        self.end = self.clock() + deadline_seconds
        proc = proc_root.rstrip("/") or "/"
        self.roots = {"proc": proc, "sys": sys_root.rstrip("/") or "/"}
        self.top = proc[: proc.rfind("/") + 1]
        self.live = proc == "/proc" and self.roots["sys"] == "/sys"
        self.files, self.errors, self.sums, self.links = {}, {}, {}, {}
        self.found, self.cut = [], []

    def read(self):
        """Read every host's files and signs; return what there is, and of what host."""
        self.take("proc/meminfo")
        self.take("proc/vmstat", True, VMSTAT)
        self.attempt("proc/zoneinfo", True, self.zoneinfo)
        for key, expected, words in FILES:
            self.take(key, expected, words)
        if "sys/fs/cgroup/cgroup.stat" not in self.files:
            self.take("sys/fs/cgroup/unified/cgroup.stat", False, "nr_descendants nr_dying_descendants")
        if "Hugetlb:" not in self.files.get("proc/meminfo", "Hugetlb:"):
            self.attempt("sys/kernel/mm/hugepages", False, self.huge_pages)
        system = posix.uname()
        if not self.live or system[4][:4] == "s390":
            self.take("proc/sysinfo", False, "VM00")
        self.look()
        if self.live:
            for key in ("boot/config-" + system[2], "lib/modules/" + system[2] + "/config"):
                if not [sign for sign in self.found if sign[:6] == "config"]:
                    self.attempt(key, False, self.configuration)
        result = {name: getattr(self, name) for name in ("files", "errors", "sums", "found", "links", "cut", "live")}
        return dict(
            result,
            collected_at=getattr(status_of(self.path("proc/meminfo")), "st_mtime", None),
            python=sys.version.split(None, 1)[0],
            uid=posix.getuid(),
            system=system[0] if self.live else "Linux" if "proc/meminfo" in self.files else None,
            machine=system[4] if self.live else None,
            page_size=posix.sysconf("SC_PAGE_SIZE") if self.live else None,
        )

    def path(self, key):
        """Return where the file *key* is on this host, or in this saved tree."""
        first, rest = key.split("/", 1)
        if first in self.roots:
            return self.roots[first].rstrip("/") + "/" + rest
        return self.top + key

    def chunks(self, path, limit):
        """Yield the bytes of a regular file in pieces; raise :class:`OSError`, :class:`Late`, or stop after *limit*."""
        # A FIFO, a device or a terminal in a saved tree must neither hang nor act.
        if posix.stat(path).st_mode & 0o170000 != 0o100000:
            raise OSError(errno.EINVAL, "not a regular file")
        number = posix.open(path, posix.O_NONBLOCK | posix.O_NOCTTY)
        try:
            while limit > 0:
                if self.clock() > self.end:
                    raise Late()
                piece = posix.read(number, min(limit, 65536))
                if not piece:
                    break
                limit -= len(piece)
                yield piece
        finally:
            posix.close(number)

    def attempt(self, key, expected, work):
        """Run *work*; whatever it can't read becomes an entry of errors (absence only where it is not *expected*)."""
        try:
            return work(self.path(key))
        except Late:
            self.cut.append(key)
            self.errors[key] = "deadline"
        except (OSError, IOError) as error:
            if expected or error.errno not in (errno.ENOENT, errno.ENOTDIR):
                self.errors[key] = errno.errorcode.get(error.errno, "EIO")
        except (ValueError, IndexError):
            self.errors[key] = "EINVAL"

    def data(self, key, expected, limit):
        """Return up to *limit* bytes of a file, or None."""
        return self.attempt(key, expected, lambda path: b"".join(self.chunks(path, limit)))

    def take(self, key, expected=True, words=None):
        """Keep a file: whole, or the lines that begin with one of *words*."""
        data = self.data(key, expected, SCANNED if words else KEPT + 1)
        if data is None:
            return
        whole = len(data) < SCANNED
        if words:
            wanted = set(words.encode("ascii").split())
            lines = [line for line in data.split(b"\n") if line.strip()]
            data = b"".join([line + b"\n" for line in lines if line.split(None, 1)[0] in wanted])
        if len(data) > KEPT or not whole:
            self.errors[key] = "too_large"
        else:
            self.files[key] = data.decode("utf-8", "replace")

    def zoneinfo(self, path):
        """Add up the free pages on the per-CPU lists (``count:``); the file has megabytes on a big host."""
        pages, tail, size = 0, b"", 0
        for piece in self.chunks(path, ZONEINFO):
            size += len(piece)
            whole, line_end, tail = (tail + piece).rpartition(b"\n")
            if len(tail) > KEPT:
                raise ValueError(path)
            for entry in whole.split(b" count:")[1:]:
                pages += int(entry.split(None, 1)[0])
        if tail or not size:
            raise ValueError(path)
        if size >= ZONEINFO:
            self.errors["proc/zoneinfo"] = "too_large"
        else:
            self.sums["pcp_pages"] = pages

    def exists(self, key, path):
        """Note a path that is there."""
        if status_of(path):
            self.found.append("path:" + key)

    def look(self):
        """Note the signs of modules, hypervisor, lxcfs and containers."""
        names = {line.split(b" ", 1)[0] for line in (self.data("proc/modules", False, SCANNED) or b"").split(b"\n")}
        self.found += ["module:" + name for name in MODULES.split() if name.encode("ascii") in names]
        if "module:zfs" in self.found or status_of(self.path("proc/spl")):
            self.take("proc/spl/kstat/zfs/arcstats", False, "size data_size metadata_size")
            self.take("proc/spl/kstat/zfs/abdstats", False, "scatter_data_size scatter_chunk_waste")
        self.hypervisor()
        for key in BELOW_ROOTS.split():
            self.exists(key, self.path(key))
        if self.live:
            for key in PLACES.split():
                self.exists(key, "/" + key)
        self.attempt("proc/self/ns/pid", False, self.name_space)
        self.attempt("proc/self/mountinfo", False, self.lxcfs)

    def hypervisor(self):
        """Note the CPU's hypervisor flag: 4*32+31 in modalias, which is cheaper than cpuinfo (that may interrupt
        every CPU).
        """
        features = self.data("sys/devices/system/cpu/modalias", False, KEPT)
        if features is not None and b"type:x86" in features:
            flags, flag = True, b",009F" in features
        else:
            line = (b"\n" + (self.data("proc/cpuinfo", False, 4096) or b"")).partition(b"\nflags")[2]
            flags, flag = b"\n" in line, b" hypervisor " in line.partition(b"\n")[0] + b" "
        if flags:
            self.found.append("cpu_flags")
        if flag:
            self.found.append("hypervisor_flag")

    def name_space(self, path):
        """Keep the name of the process namespace."""
        self.links["proc/self/ns/pid"] = posix.readlink(path)[:64]

    def lxcfs(self, path):
        """Note a file system of lxcfs over meminfo; the mount table is read only where something is mounted there."""
        if self.live and posix.stat("/proc/meminfo").st_dev == posix.stat("/proc").st_dev:
            return
        if not status_of(path):
            path = self.path("proc/mounts")
        for line in b"".join(self.chunks(path, SCANNED)).split(b"\n"):
            if b"/proc/meminfo " in line and b"lxcfs" in line:
                self.found.append("lxcfs_meminfo")
                return
        if self.live:
            self.found.append("mounted_meminfo")

    def configuration(self, path):
        """Note whether kernel stacks are in vmalloc memory, from the kernel's build configuration."""
        tail = b""
        for piece in self.chunks(path, SCANNED):
            tail = tail[-64:] + piece
            if b"\nCONFIG_VMAP_STACK=y\n" in tail:
                self.found.append("config:VMAP_STACK=y")
            elif b"\n# CONFIG_VMAP_STACK is not set\n" in tail:
                self.found.append("config:VMAP_STACK=n")
            else:
                continue
            return

    def huge_pages(self, path):
        """Keep the number of huge pages of every size, where meminfo has no sum of them."""
        for name in sorted(posix.listdir(path))[:16]:
            self.take("sys/kernel/mm/hugepages/" + name + "/nr_hugepages", False)


def status_of(path):
    """Return what ``stat`` says of a path, or None."""
    try:
        return posix.stat(path)
    except (OSError, ValueError):
        return None


def read(proc_root="/proc", sys_root="/sys", deadline_seconds=5.0, subsets=None, load=None):
    """Return the reading of this host, or of a saved tree, as a dict of JSON types; what can't be read is in its
    errors.

    Parameters: proc_root and sys_root, where /proc and /sys are; deadline_seconds, after which the rest is cut;
    subsets, what is wanted beyond the counters, as resolved from gather_subset; load, a function that returns one
    of the modules for them by its name (needed with subsets).
    """
    began = time.time()
    reader = Reader(proc_root, sys_root, deadline_seconds, load)
    result = dict(reader.read(), format=1, proc_root=proc_root, duration_ms=0)
    if reader.live:
        result["collected_at"] = began
    if subsets:
        result.update(load("parts").gather(reader, subsets))
        # Far below the limit an estimate will do, so that an ordinary host need not compile what shortens a reading.
        text = repr(result).encode("ascii", "backslashreplace")
        if len(text) + text.count(b'"') + 2 * (text.count(b"\\x") + text.count(b"\\U")) > LARGE:
            load("bound").trim(result)
    result["duration_ms"] = int((time.time() - began) * 1000)
    return result
