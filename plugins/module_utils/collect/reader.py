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
LARGE = 9216
ONE_READ = ("/sys/", "/proc/sys/")

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
ARCSTATS = "size c_max data_size metadata_size hdr_size dbuf_size dnode_size bonus_size arc_meta_limit arc_dnode_limit"
# What tells how much a holder of uncounted memory has: (folder, start of the names in it, files below them).
HOLDINGS = (
    ("sys/block", "zram", "mm_stat"),
    ("sys/class/drm", "card", "device/mem_info_gtt_used"),
    ("sys/bus/virtio/drivers/virtio_balloon", "virtio", "features"),
)
HUGE_PAGES = ("sys/kernel/mm/hugepages", "hugepages-", "nr_hugepages free_hugepages resv_hugepages")
SECRETS = "pass pwd secret token key cred auth user login @"
# The fingerprint of the loaded modules: any tool can work it out with numbers below 2**53.
PRIMES = (17592186044399, 67108859, 67108837)
OUTSIDE = 20
# Sure signs of a container host; what they prove is decided by account/machine.py.
PLACES = (
    "run/containerd/containerd.sock run/docker.sock run/crio/crio.sock run/libpod run/podman/podman.sock"
    " var/lib/lxd/unix.socket var/snap/lxd/common/lxd/unix.socket var/lib/kubelet run/.containerenv .dockerenv"
)
BELOW_ROOTS = (
    "proc/vz proc/bc proc/device-tree/hypervisor sys/fs/cgroup/kubepods.slice sys/fs/cgroup/kubepods"
    " sys/fs/cgroup/memory/kubepods.slice sys/fs/cgroup/memory/kubepods"
)
# A file a line; + before those whose absence is worth a word, after it the first words of the lines to keep.
FILES = (
    "+proc/loadavg\n"
    "+proc/uptime\n"
    "+proc/version\n"
    "+proc/sys/kernel/osrelease\n"
    "+proc/sys/kernel/random/boot_id\n"
    "+proc/sys/kernel/threads-max\n"
    "+proc/sys/kernel/pid_max\n"
    "proc/sys/kernel/arch\n"
    "etc/machine-id\n"
    "proc/cgroups memory\n"
    "proc/net/sockstat sockets: TCP: UDP: UDPLITE: FRAG:\n"
    "proc/2/comm\n"
    "+sys/devices/system/cpu/possible\n"
    "+sys/devices/system/cpu/online\n"
    "sys/fs/cgroup/cgroup.stat nr_descendants nr_dying_descendants\n"
    "sys/hypervisor/type\n"
    "sys/class/dmi/id/product_name\n"
    "sys/class/dmi/id/sys_vendor"
)


class Late(Exception):
    """The deadline has passed."""


def status_of(path):
    """Return what ``stat`` says of a path, or None."""
    try:
        return posix.stat(path)
    except (OSError, ValueError):
        return None


class Reader:
    """Reads one host: the roots, the deadline and what has been found so far."""

    # For the modules that this is given to.
    late, listed, target = Late, staticmethod(posix.listdir), staticmethod(posix.readlink)
    status = staticmethod(status_of)

    def __init__(self, proc_root, sys_root, deadline_seconds, load=None):
        self.load = load
        self.clock = getattr(time, "monotonic", time.time)
        self.end = self.clock() + deadline_seconds
        proc = proc_root.rstrip("/") or "/"
        self.roots = {"proc": proc, "sys": sys_root.rstrip("/") or "/"}
        self.top = proc[: proc.rfind("/") + 1]
        self.live = proc == "/proc" and self.roots["sys"] == "/sys"
        self.files, self.errors, self.sums, self.links = {}, {}, {}, {}
        self.found, self.cut, self.modules = [], [], {}

    def read(self):
        """Read every host's files and signs; return what there is, and of what host."""
        self.take("proc/meminfo")
        self.take("proc/vmstat", True, VMSTAT)
        self.attempt("proc/zoneinfo", True, self.zoneinfo)
        self.take_all(FILES)
        if "sys/fs/cgroup/cgroup.stat" not in self.files:
            self.take("sys/fs/cgroup/unified/cgroup.stat", False, "nr_descendants nr_dying_descendants")
        # Absent or not 0: then each size of huge pages tells more.
        if self.files.get("proc/meminfo", "Hugetlb: 0").partition("Hugetlb:")[2].split(None, 1)[:1] != ["0"]:
            self.take_each(*HUGE_PAGES)
        self.command_line()
        system = posix.uname()
        if not self.live or system[4][:4] == "s390":
            self.take("proc/sysinfo", False, "VM00")
        self.look()
        if self.load and not self.live:
            self.load("saved").complete(self)
        if self.live:
            for key in ("boot/config-" + system[2], "lib/modules/" + system[2] + "/config"):
                if not [sign for sign in self.found if sign[:6] == "config"]:
                    self.attempt(key, False, self.configuration)
        result = {name: getattr(self, name) for name in "files errors sums found links cut live modules".split()}
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
        if not self.live and posix.stat(path).st_mode & 0o170000 != 0o100000:
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
                # What is one value comes whole.
                if path.startswith(ONE_READ) and len(piece) < KEPT:
                    break
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

    def take_all(self, files):
        """Keep the files of a list such as :data:`FILES`."""
        for line in files.split("\n"):
            key, _blank, words = line.lstrip("+").partition(" ")
            self.take(key, line[0] == "+", words)

    def take_each(self, folder, start, files):
        """Keep files of each of the entries of a folder whose names begin so, up to 64."""
        for name in sorted(self.attempt(folder, False, posix.listdir) or ())[:64]:
            if name.startswith(start):
                for file in files.split():
                    self.take(folder + "/" + name + "/" + file, False)

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

    def look(self):
        """Note the signs of modules, hypervisor, lxcfs and containers."""
        modules = self.data("proc/modules", False, SCANNED)
        if modules is not None:
            self.note_modules(modules.split(b"\n"))
        if "module:zfs" in self.found or status_of(self.path("proc/spl")):
            self.take("proc/spl/kstat/zfs/arcstats", False, ARCSTATS)
            self.take("proc/spl/kstat/zfs/abdstats", False, "scatter_data_size scatter_chunk_waste")
        self.hypervisor()
        places = [(key, self.path(key)) for key in BELOW_ROOTS.split()]
        if self.live:
            places += [(key, "/" + key) for key in PLACES.split()]
        self.found += ["path:" + key for key, path in places if status_of(path)]
        for folder, start, files in HOLDINGS:
            self.take_each(folder, start, files)
        self.attempt("proc/self/ns/pid", False, self.name_space)
        self.attempt("proc/self/mountinfo", False, self.lxcfs)

    def note_modules(self, lines):
        """Note the number and the fingerprint of the loaded modules, those from outside of the kernel's sources (taint
        flags P, O and E at the end of their line), and those that may hold memory.
        """
        names, mark, outside = set(), 0, []
        for words in [line.split() for line in lines if line.strip()]:
            name = words[0]
            number = int(name.hex() if hasattr(name, "hex") else name.encode("hex"), 16) % PRIMES[0]
            mark = (mark + number % PRIMES[1] * (number % PRIMES[2])) % PRIMES[0]
            names.add(name)
            if len(words) > 2 and words[-1][:1] == b"(" and set(words[-1].decode("latin-1")) & set("POE"):
                outside.append([word.decode("ascii", "replace")[:64] for word in (name, words[-1], words[1])])
        outside.sort(key=lambda row: not set(row[1]) & set("PO"))
        self.modules = {"count": len(names), "fingerprint": mark, "outside": outside[:OUTSIDE]}
        self.found += ["module:" + name for name in MODULES.split() if name.encode("ascii") in names]

    def command_line(self):
        """Keep the boot parameters; of one that looks like a secret its name alone."""
        words = (self.data("proc/cmdline", False, 4096) or b"").decode("utf-8", "replace").split()
        for sign in SECRETS.split():
            for place, word in enumerate(words):
                if sign in word.lower():
                    words[place] = word[: word.find("=") + 1] + "..."
        if words:
            self.files["proc/cmdline"] = " ".join(words) + "\n"

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
        if not reader.live:
            load("saved").add_parts(reader, result)
        # Far below the limit an estimate will do, so that an ordinary host need not compile what shortens a reading.
        text = repr(result).encode("ascii", "backslashreplace")
        if len(text) + text.count(b'"') + 2 * (text.count(b"\\x") + text.count(b"\\U")) > LARGE:
            try:
                load("bound").trim(result)
            except ImportError:
                pass  # This Python can't unpack it; the reading goes as it is.
    result["duration_ms"] = int((time.time() - began) * 1000)
    return result
