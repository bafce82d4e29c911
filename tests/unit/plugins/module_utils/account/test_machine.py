# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container is never called healthy, and a full machine is never taken for a container."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    meminfo,
    plain,
    reading,
)

GVISOR = """MemTotal:        2097152 kB
MemFree:         2000000 kB
MemAvailable:    2050000 kB
Buffers:               0 kB
Cached:            50000 kB
SwapCache:             0 kB
Active:            20000 kB
Inactive:          25000 kB
Active(anon):      15000 kB
Inactive(anon):        0 kB
Active(file):       5000 kB
Inactive(file):    25000 kB
Unevictable:           0 kB
Mlocked:               0 kB
SwapTotal:             0 kB
SwapFree:              0 kB
Dirty:                 0 kB
Writeback:             0 kB
AnonPages:         15000 kB
Mapped:            10000 kB
Shmem:                 0 kB
"""


def platform_of(text=None, **more):
    return build_facts(reading(text or meminfo(**plain()), **more))["platform"]


def assert_unknown(facts):
    """Not one value of a kernel that is not this host's."""
    assert facts["platform"]["kind"] == "container" and facts["platform"]["auditable"] is False
    assert set(facts["dimensions"].values()) == {None}
    assert facts["kernel_total_bytes"] is None and facts["kernel_unreclaimable_bytes"] is None
    for name in facts["dimensions"]:
        assert facts["unavailable"][name[: -len("_bytes")]] == facts["platform"]["reason"]


@pytest.mark.parametrize(
    "text, more",
    [
        (meminfo(**plain()), {"found": ["lxcfs_meminfo"]}),
        # lxcfs forces the slab lines to 0 and passes the host's KReclaimable and the rest on.
        (meminfo(**plain(Slab=0, SReclaimable=0, SUnreclaim=0)), {}),
        (meminfo(**plain()), {"found": ["mounted_meminfo"]}),
        (GVISOR, {}),
        (meminfo(**plain()), {"files": {"proc/version": "Linux version 4.4.0 (runsc) #1 SMP\n"}}),
        (meminfo(**plain()), {"found": ["path:proc/vz"]}),
    ],
    ids=["lxcfs by mount", "lxcfs by values", "other mount", "gvisor by field", "gvisor by version", "openvz"],
)
def test_a_meminfo_that_is_not_the_kernels_own_is_not_auditable(text, more):
    facts = build_facts(reading(text, **more))
    assert_unknown(facts)
    assert facts["platform"]["reason"].startswith(("This is a", "Something")) and facts["platform"]["evidence"]


def test_an_openvz_node_is_a_host():
    assert platform_of(found=["path:proc/vz", "path:proc/bc"])["auditable"] is True


@pytest.mark.parametrize(
    "links, files",
    [
        ({"proc/self/ns/pid": "pid:[4026532500]"}, {}),
        ({"proc/self/ns/pid": "pid:[4026532500]"}, {"proc/2/comm": "kthreadd\n"}),
        ({}, {"proc/2/comm": "nginx\n"}),
    ],
)
def test_a_container_that_sees_its_hosts_values_is_not_auditable_but_keeps_them(links, files):
    facts = build_facts(reading(meminfo(**plain()), links=links, files=files))
    assert facts["platform"]["kind"] == "container" and facts["platform"]["auditable"] is False
    assert "shares the kernel" in facts["platform"]["reason"]
    assert facts["dimensions"]["slab_unreclaimable_bytes"] == 40000 * 1024


@pytest.mark.parametrize(
    "links, files",
    [
        ({"proc/self/ns/pid": "pid:[4026531836]"}, {}),
        # hidepid hides process 2 from an ordinary user; the namespace is the better witness.
        ({"proc/self/ns/pid": "pid:[4026531836]"}, {"proc/2/comm": "odd\n"}),
        ({}, {"proc/2/comm": "kthreadd\n"}),
        ({}, {}),
    ],
)
def test_a_kernels_own_host_is_auditable(links, files):
    assert platform_of(links=links, files=files)["auditable"] is True


def test_markers_of_container_images_prove_nothing():
    platform = platform_of(found=["path:.dockerenv", "path:run/.containerenv", "cpu_flags", "hypervisor_flag"])
    assert platform["kind"] == "vm" and platform["auditable"] is True
    assert len([text for text in platform["evidence"] if "proves nothing" in text]) == 2


@pytest.mark.parametrize(
    "found, files, kind",
    [
        (["cpu_flags", "hypervisor_flag"], {}, "vm"),
        (["cpu_flags"], {}, "physical"),
        ([], {}, "unknown"),
        ([], {"sys/hypervisor/type": "xen\n"}, "vm"),
        ([], {"sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "sys/class/dmi/id/product_name": "m7g.large\n"}, "vm"),
        ([], {"sys/class/dmi/id/sys_vendor": "QEMU\n"}, "vm"),
        ([], {"sys/class/dmi/id/sys_vendor": "Ampere(R)\n", "sys/class/dmi/id/product_name": "Mt. Jade\n"}, "physical"),
        (["path:proc/device-tree/hypervisor"], {}, "vm"),
        ([], {"proc/sysinfo": "VM00 Name:            GUEST1\n"}, "vm"),
        ([], {"proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n"}, "vm"),
    ],
)
def test_machine_or_hardware(found, files, kind):
    assert platform_of(found=found, files=files)["kind"] == kind


def test_wsl_is_a_machine_although_it_has_a_process_namespace():
    files = {"proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n"}
    platform = platform_of(files=files, links={"proc/self/ns/pid": "pid:[4026532500]"})
    assert platform["kind"] == "vm" and platform["auditable"] is True


@pytest.mark.parametrize(
    "found, node, host",
    [
        ([], False, False),
        (["path:var/lib/kubelet"], False, False),
        (["path:run/podman/podman.sock"], False, False),
        (["path:run/docker.sock"], False, True),
        (["path:run/libpod"], False, True),
        (["path:var/lib/kubelet", "path:sys/fs/cgroup/kubepods.slice"], True, True),
        (["path:var/lib/kubelet", "path:sys/fs/cgroup/memory/kubepods"], True, True),
    ],
)
def test_container_host_and_kubernetes_node(found, node, host):
    platform = platform_of(found=found)
    assert (platform["kubernetes_node"], platform["container_host"]) == (node, host)


def test_saved_files_do_not_deny_what_was_not_saved():
    platform = platform_of(live=False)
    assert platform["kubernetes_node"] is None and platform["container_host"] is None


def test_evidence_names_what_was_seen():
    """Whoever doubts the kind of a machine looks for it by hand."""
    wsl = platform_of(files={"proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n"})
    assert "the kernel is Microsoft's for WSL" in wsl["evidence"]
    node = platform_of(found=["path:var/lib/kubelet", "path:sys/fs/cgroup/kubepods.slice"])
    assert "/var/lib/kubelet and a kubepods cgroup are there" in node["evidence"]
