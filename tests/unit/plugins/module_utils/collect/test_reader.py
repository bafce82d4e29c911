# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader takes what it can, once, bounded and in time; what it can't is in its errors, and it never fails."""

import ast
import json
import os
import posix
import subprocess
import sys
import time

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import reader as _reader
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, sample

ZONEINFO = """Node 0, zone   Normal
  pages free     163840
        min      14
  pagesets
    cpu: 0
              count:    120
              high:     378
              batch:    63
    cpu: 1
              count: 3
              high:  378
  node_unreclaimable:  0
Node 1, zone   Normal
    cpu: 0 pcp: 0
              count: 70
"""


@pytest.fixture
def tree(tmp_path):
    """A saved tree; called with {path: text}, it adds files and returns the reading."""

    def write_and_read(files, **more):
        files = dict({"proc/meminfo": "MemTotal: 100 kB\nHugetlb: 0 kB\n"}, **files)
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return _reader.read(str(tmp_path / "proc"), str(tmp_path / "sys"), **more)

    write_and_read.root = tmp_path
    return write_and_read


def test_this_very_machine_can_be_read():
    before = time.time()
    result = _reader.read()
    assert before <= result["collected_at"] <= time.time()
    assert result["live"] is True and result["system"] == "Linux" and result["machine"] == os.uname()[4]
    assert result["files"]["proc/meminfo"].startswith("MemTotal:") and result["cut"] == []
    assert result["page_size"] == os.sysconf("SC_PAGE_SIZE") and result["uid"] == os.getuid()
    assert result["sums"]["pcp_pages"] >= 0
    assert len(json.dumps(result)) < 8192, "a reading is at most 8 KB"


@pytest.mark.parametrize("kernel", KERNELS)
def test_samples_give_small_readings(kernel):
    result = sample(kernel)
    assert result["live"] is False and result["system"] == "Linux" and result["machine"] is None
    assert "proc/meminfo" in result["files"] and result["sums"]["pcp_pages"] > 0
    assert len(json.dumps(result)) < 8192
    names = {line.split()[0] for line in result["files"]["proc/vmstat"].splitlines()}
    assert "nr_free_pages" in names and names <= set(_reader.VMSTAT.split())


def test_a_reading_is_ascii_json_whatever_the_bytes(tree):
    result = tree({"proc/meminfo": b"MemTotal: 1 kB\nHugetlb: 0 kB\n\xff\xfe\x00\xe2\x80\xa8\n"})
    json.dumps(result, allow_nan=False).encode("ascii")
    assert "\ufffd" in result["files"]["proc/meminfo"]


def test_per_cpu_lists_are_added_up_in_both_layouts(tree):
    assert tree({"proc/zoneinfo": ZONEINFO})["sums"] == {"pcp_pages": 193}  # 120 + 3 + 70


def test_a_zoneinfo_of_megabytes_is_added_up_piece_by_piece(tree):
    result = tree({"proc/zoneinfo": ZONEINFO * 6000})
    assert result["sums"] == {"pcp_pages": 193 * 6000}


@pytest.mark.parametrize(
    "text", ["", "count", ZONEINFO[:-3], ZONEINFO + " count:\n", ZONEINFO + " count: x\n", "x" * 400000 + "\n"]
)
def test_a_doubtful_zoneinfo_gives_no_sum(tree, text):
    result = tree({"proc/zoneinfo": text})
    assert result["sums"] == {} and result["errors"]["proc/zoneinfo"] == "EINVAL"


def test_long_files_are_reduced_to_what_is_wanted(tree):
    noise = "".join(f"nr_noise_{number} 1\n" for number in range(20000))
    modules = "".join(f"m{number} 1 0 - Live 0x0\n" for number in range(9000))
    result = tree(
        {
            "proc/vmstat": noise + "nr_free_pages 7\nnr_free_pages_blocks 9\n",
            "proc/modules": modules + "hv_balloon 1 0 - Live 0x0\nzfs_like 1 0 - Live 0x0\nxe 1 0 - Live 0x0\n",
            "proc/cgroups": "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t14\t1\npids\t8\t1\t1\n",
            "proc/net/sockstat": (
                "sockets: used 12\nTCP: inuse 1 mem 134\nRAW: inuse 0\nFRAG: inuse 0\nUDP: inuse 0 mem 0\n"
            ),
        }
    )
    assert result["files"]["proc/vmstat"] == "nr_free_pages 7\n"
    assert result["files"]["proc/cgroups"] == "memory\t4\t14\t1\n"
    assert result["files"]["proc/net/sockstat"] == (
        "sockets: used 12\nTCP: inuse 1 mem 134\nFRAG: inuse 0\nUDP: inuse 0 mem 0\n"
    )
    assert [sign for sign in result["found"] if sign.startswith("module:")] == ["module:hv_balloon", "module:xe"]


def test_a_file_that_is_too_large_is_named_and_not_kept(tree):
    result = tree({"proc/version": "x" * 20000, "proc/vmstat": "nr_free_pages 1\n" + "x\n" * 600000})
    assert result["errors"]["proc/version"] == "too_large" and "proc/version" not in result["files"]
    assert result["errors"]["proc/vmstat"] == "too_large" and "proc/vmstat" not in result["files"]


def test_what_is_no_file_neither_hangs_nor_fails(tree):
    tree({"proc/loadavg": None})
    os.mkfifo(str(tree.root / "proc" / "uptime"))
    os.symlink("loop", str(tree.root / "proc" / "loop"))
    os.symlink("loop", str(tree.root / "proc" / "version"))
    os.symlink("/dev/zero", str(tree.root / "proc" / "vmstat"))
    (tree.root / "proc" / "zoneinfo").mkdir()
    result = tree({})
    assert result["errors"]["proc/uptime"] == "EINVAL" and result["errors"]["proc/version"] == "ELOOP"
    assert result["errors"]["proc/vmstat"] == "EINVAL" and result["errors"]["proc/zoneinfo"] == "EINVAL"
    assert result["errors"]["proc/loadavg"] == "ENOENT" and result["files"]["proc/meminfo"]


def test_an_unreadable_file_is_named(tree, monkeypatch):
    real = posix.open

    def refuse(path, *flags):
        if path.endswith("/version"):
            raise OSError(13, "Permission denied")
        return real(path, *flags)

    monkeypatch.setattr(posix, "open", refuse)
    assert tree({"proc/version": "Linux"})["errors"]["proc/version"] == "EACCES"


def test_absence_of_what_few_hosts_have_is_no_error(tree):
    errors = tree({})["errors"]
    assert "proc/loadavg" in errors and "proc/spl/kstat/zfs/arcstats" not in errors and "proc/cgroups" not in errors


def test_a_missing_root_is_an_error_entry(tmp_path):
    result = _reader.read(str(tmp_path / "none"), str(tmp_path / "none"))
    assert result["errors"]["proc/meminfo"] == "ENOENT" and result["files"] == {} and result["system"] is None
    assert result["collected_at"] is None


def test_the_deadline_cuts_the_rest_and_says_what(tree):
    result = tree({"proc/loadavg": "1 1 1 1/2 3\n", "proc/zoneinfo": ZONEINFO}, deadline_seconds=-1)
    assert result["files"] == {} and result["sums"] == {}
    assert {"proc/meminfo", "proc/loadavg", "proc/zoneinfo"} <= set(result["cut"])
    assert result["errors"]["proc/loadavg"] == "deadline"


def test_no_descriptor_is_left_open(tree):
    before = len(os.listdir("/proc/self/fd"))
    for deadline in (5, -1):
        tree({"proc/zoneinfo": "bad", "proc/vmstat": "nr_free_pages 1\n"}, deadline_seconds=deadline)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_time_of_saved_files_is_theirs(tree):
    tree({})
    os.utime(str(tree.root / "proc" / "meminfo"), (1600000000, 1600000000))
    assert _reader.read(str(tree.root / "proc"), str(tree.root / "sys"))["collected_at"] == 1600000000


@pytest.mark.parametrize(
    "files, found",
    [
        (
            {"sys/devices/system/cpu/modalias": "cpu:type:x86,ven0002:feature:,0000,009F,00C0\n"},
            ["cpu_flags", "hypervisor_flag"],
        ),
        ({"sys/devices/system/cpu/modalias": "cpu:type:x86,ven0002:feature:,0000,019F,00C0\n"}, ["cpu_flags"]),
        ({"proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n"}, ["cpu_flags", "hypervisor_flag"]),
        ({"proc/cpuinfo": "flags\t\t: fpu hypervisor\nbugs\t: x\n"}, ["cpu_flags", "hypervisor_flag"]),
        ({"proc/cpuinfo": "model name\t: hypervisor CPU\nflags\t\t: fpu vme\n"}, ["cpu_flags"]),
        ({"proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n"}, []),
        ({"proc/mounts": "proc /proc proc rw 0 0\nlxcfs /proc/meminfo fuse.lxcfs rw 0 0\n"}, ["lxcfs_meminfo"]),
        ({"proc/mounts": "lxcfs /var/lib/lxcfs fuse.lxcfs rw 0 0\n"}, []),
        ({"proc/self/mountinfo": "9 2 0:5 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw\n"}, ["lxcfs_meminfo"]),
        ({"proc/vz/x": ""}, ["path:proc/vz"]),
        ({"sys/fs/cgroup/kubepods.slice/x": ""}, ["path:sys/fs/cgroup/kubepods.slice"]),
    ],
)
def test_signs_of_the_platform(tree, files, found):
    assert tree(files)["found"] == found


def test_huge_pages_are_read_only_where_meminfo_has_no_sum(tree):
    name = "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
    assert name not in tree({name: "5\n"})["files"]
    assert tree({name: "5\n", "proc/meminfo": "MemTotal: 1 kB\n"})["files"][name] == "5\n"


def test_zfs_is_read_where_it_is(tree):
    arc = "13 1 0x01 147 39984 1 2\nname type data\nhits 4 7\nsize 4 99\ndata_size 4 50\n"
    files = tree({"proc/spl/kstat/zfs/arcstats": arc, "proc/spl/kstat/zfs/abdstats": "scatter_data_size 4 40\n"})[
        "files"
    ]
    assert files["proc/spl/kstat/zfs/arcstats"] == "size 4 99\ndata_size 4 50\n"
    assert files["proc/spl/kstat/zfs/abdstats"] == "scatter_data_size 4 40\n"


def test_machine_id_lies_beside_saved_proc(tree):
    assert tree({"etc/machine-id": "abc\n"})["files"]["etc/machine-id"] == "abc\n"


@pytest.mark.parametrize("line, sign", [("CONFIG_VMAP_STACK=y", "y"), ("# CONFIG_VMAP_STACK is not set", "n")])
def test_the_build_configuration_is_found_across_pieces(tmp_path, line, sign):
    path = tmp_path / "config"
    reading = _reader.Reader("/proc", "/sys", 5)
    # The line lies over the border of two pieces of 64 KiB.
    path.write_text("#" * 65520 + "\n" + line + "\nCONFIG_X=y\n")
    reading.configuration(str(path))
    assert reading.found == ["config:VMAP_STACK=" + sign]


def test_the_reader_is_one_file_that_imports_little():
    """It is sent as source: whatever else it needed would be missing there, and each import costs milliseconds."""
    with open(_reader.__file__.replace(".pyc", ".py")) as file:
        tree = ast.parse(file.read())
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    assert names == {"__future__", "errno", "posix", "sys", "time"}


def test_modules_for_hosts_are_ascii():
    """Python 2.7 refuses a file with other characters; the file says no encoding."""
    folder = os.path.dirname(_reader.__file__)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                file.read().decode("ascii")


def test_the_reader_runs_as_source_on_standard_input():
    with open(_reader.__file__.replace(".pyc", ".py")) as file:
        source = file.read() + "\nimport json\nsys.stdout.write(json.dumps(read()))\n"
    process = subprocess.Popen([sys.executable, "-E", "-s", "-S", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    output = process.communicate(source.encode("utf-8"))[0]
    assert process.returncode == 0 and "proc/meminfo" in json.loads(output.decode("ascii"))["files"]


MODULES = (
    "nf_tables 1 0 - Live 0x0\nzfs 1 0 - Live 0x0 (POE)\njool 45056 0 - Live 0x0 (OE)\nunsigned 2 0 - Live 0x0 (E)\n"
)


def test_modules_have_one_fingerprint_whatever_their_order(tree):
    first = tree({"proc/modules": MODULES})["modules"]
    assert first["count"] == 4
    # By hand: the bytes of each name as one number modulo 2**44 - 17, then the products of its two remainders.
    mark = 0
    for name in (b"nf_tables", b"zfs", b"jool", b"unsigned"):
        number = int.from_bytes(name, "big") % (2**44 - 17)
        mark = (mark + (number % (2**26 - 5)) * (number % (2**26 - 27))) % (2**44 - 17)
    assert first["fingerprint"] == mark
    mixed = "\n".join(reversed(MODULES.strip().split("\n"))) + "\n"
    assert tree({"proc/modules": mixed})["modules"]["fingerprint"] == mark
    assert tree({"proc/modules": MODULES + "one_more 1 0 - Live 0x0\n"})["modules"]["fingerprint"] != mark


def test_modules_from_outside_come_before_those_that_are_only_unsigned(tree):
    """A kernel that was built at home has all its modules unsigned; the list is short."""
    many = "".join(f"home{number} 1 0 - Live 0x0 (E)\n" for number in range(50))
    outside = tree({"proc/modules": many + MODULES})["modules"]["outside"]
    assert outside[:2] == [["zfs", "(POE)", "1"], ["jool", "(OE)", "45056"]] and len(outside) == 20


def test_a_host_without_a_list_of_modules_has_none_rather_than_an_empty_one(tree):
    assert tree({})["modules"] == {}
    assert tree({"proc/modules": ""})["modules"] == {"count": 0, "fingerprint": 0, "outside": []}


def test_boot_parameters_leave_the_host_without_secrets(tree):
    line = "root=/dev/vda1 rd.iscsi.PASSWORD=hunter2 ks=https://me@host/ks secretword\n"
    assert tree({"proc/cmdline": line})["files"]["proc/cmdline"] == "root=/dev/vda1 rd.iscsi.PASSWORD=... ks=... ...\n"


def test_what_tells_how_much_a_holder_has_is_kept(tree):
    files = {
        "sys/block/zram0/mm_stat": "1 2 3\n",
        "sys/block/sda/mm_stat": "9 9 9\n",
        "sys/class/drm/card1/device/mem_info_gtt_used": "5\n",
        "sys/bus/virtio/drivers/virtio_balloon/virtio3/features": "0101\n",
        "sys/bus/virtio/drivers/virtio_net/virtio1/features": "0101\n",
    }
    found = tree(files)["files"]
    assert {name for name in found if name in files} == set(files) - {
        "sys/block/sda/mm_stat",
        "sys/bus/virtio/drivers/virtio_net/virtio1/features",
    }


@pytest.mark.parametrize("line, kept", [("Hugetlb: 0 kB\n", False), ("Hugetlb: 2048 kB\n", True), ("", True)])
def test_sizes_of_huge_pages_are_read_where_there_are_any(tree, line, kept):
    name = "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"
    found = tree({"proc/meminfo": "MemTotal: 9 kB\n" + line, name: "1\n"})["files"]
    assert (name in found) is kept
