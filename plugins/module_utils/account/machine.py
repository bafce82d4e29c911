# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of host a reading is from, whether its kernel can be audited there, and by what evidence.

Private to the collection; pure. ``/.dockerenv`` and ``/run/.containerenv`` are named as evidence
and prove nothing: images of full virtual machines carry them, too.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import TEXT, clean_text, found_in, text_of

# The kernel gives its first process namespace this name (PROC_PID_INIT_INO) since 3.8.
FIRST_NAMESPACE = "pid:[4026531836]"

_RUNTIMES = (
    ("path:run/containerd/containerd.sock", "containerd"),
    ("path:run/docker.sock", "docker"),
    ("path:run/crio/crio.sock", "cri-o"),
    ("path:run/libpod", "podman"),
    ("path:var/lib/lxd/unix.socket", "lxd"),
    ("path:var/snap/lxd/common/lxd/unix.socket", "lxd"),
)
# A socket that systemd opens whether or not the runtime is ever used.
_HINTS = (
    ("path:run/podman/podman.sock", "podman's socket is there, which alone does not make a container host"),
    ("path:.dockerenv", "/.dockerenv is there, which alone proves nothing"),
    ("path:run/.containerenv", "/run/.containerenv is there, which alone proves nothing"),
)
_KUBEPODS = (
    "path:sys/fs/cgroup/kubepods.slice",
    "path:sys/fs/cgroup/kubepods",
    "path:sys/fs/cgroup/memory/kubepods.slice",
    "path:sys/fs/cgroup/memory/kubepods",
)
_VIRTUAL_HARDWARE = (
    "kvm",
    "qemu",
    "vmware",
    "virtualbox",
    "innotek",
    "xen",
    "virtual machine",
    "amazon ec2",
    "google compute engine",
    "openstack",
    "bhyve",
    "parallels",
    "bochs",
    "nutanix",
    "ovirt",
    "rhev",
    "hvm domu",
    "droplet",
    "alibaba cloud",
    "hcs",
)

_ASK_THE_HOST = "Audit the host that runs it instead."


def platform_of(reading, meminfo):
    """Return the ``platform`` part of the facts.

    Parameters: reading, a dict; meminfo, the result of ``parse_meminfo`` on its meminfo.
    Result: kind, auditable, reason (a sentence where not auditable, else None), container_host, kubernetes_node (None
    where the reading can't tell), evidence (texts), and ``mixed``: True where meminfo mixes values of two kernels, so
    that none of them may be used.
    """
    found = found_in(reading)
    evidence = []
    reason, mixed = _container_reason(reading, meminfo, found, evidence)
    virtual = _is_virtual(reading, found, evidence)
    if reason:
        kind = "container"
    elif virtual:
        kind = "vm"
    elif virtual is False:
        kind = "physical"
    else:
        kind = "unknown"
    evidence += [text for sign, text in _HINTS if sign in found]
    kubernetes, container_host = _roles(reading, found, evidence)
    return {
        "kind": kind,
        "auditable": reason is None,
        "reason": reason,
        "container_host": container_host,
        "kubernetes_node": kubernetes,
        "evidence": evidence,
        "mixed": mixed,
    }


def _container_reason(reading, meminfo, found, evidence):
    """Return (sentence or None, whether meminfo is a mixture): the first proof that this is not the kernel's own
    host.
    """
    sizes = meminfo["sizes"]
    version = text_of(reading, "proc/version") or ""
    parts_of_slab = any(sizes.get(field) for field in ("KReclaimable", "SReclaimable", "SUnreclaim"))
    if "lxcfs_meminfo" in found or (sizes.get("Slab") == 0 and parts_of_slab):
        evidence.append("lxcfs replaces /proc/meminfo")
        return (
            "This is a container whose meminfo comes from lxcfs and mixes its own and its host's values. "
            + _ASK_THE_HOST,
            True,
        )
    if "mounted_meminfo" in found:
        evidence.append("another file system is mounted over /proc/meminfo")
        return "Something is mounted over /proc/meminfo, so its values are not the kernel's own. " + _ASK_THE_HOST, True
    if "SwapCache" in sizes or "gvisor" in version.lower() or "runsc" in version:
        evidence.append("meminfo has the form that gVisor writes")
        return "This is a gVisor sandbox: its kernel is a process and has no such counters. " + _ASK_THE_HOST, True
    if "path:proc/vz" in found and "path:proc/bc" not in found:
        evidence.append("/proc/vz is there and /proc/bc is not")
        return "This is an OpenVZ or Virtuozzo container, whose meminfo shows its own limits. " + _ASK_THE_HOST, True
    if _is_wsl(reading):
        # Every distribution of WSL 2 is a process namespace in a virtual machine with a kernel of its own.
        return None, False
    return _namespace_reason(reading, evidence), False


def _namespace_reason(reading, evidence):
    """Return a sentence where the processes seen are not the kernel's first ones, else None."""
    links = reading.get("links")
    namespace = links.get("proc/self/ns/pid") if isinstance(links, dict) else None
    namespace = namespace if isinstance(namespace, TEXT) else None
    if namespace == FIRST_NAMESPACE:
        evidence.append("the process namespace is the kernel's first")
        return None
    second = (text_of(reading, "proc/2/comm") or "").strip()
    if namespace:
        evidence.append("the process namespace %s is not the kernel's first" % clean_text(namespace, 32))
    elif second and second != "kthreadd":
        evidence.append("process 2 is %s, not kthreadd" % clean_text(second, 16))
    else:
        return None
    return "This is a container that shares the kernel of its host. " + _ASK_THE_HOST


def _is_wsl(reading):
    release = text_of(reading, "proc/sys/kernel/osrelease") or text_of(reading, "proc/version") or ""
    return "microsoft" in release.lower()


def _is_virtual(reading, found, evidence):
    """Return True for a virtual machine, False for hardware, None where the reading can't tell."""
    before = len(evidence)
    hardware = " ".join(
        clean_text(text_of(reading, "sys/class/dmi/id/" + name), 48) or "" for name in ("sys_vendor", "product_name")
    ).strip()
    hypervisor = clean_text(text_of(reading, "sys/hypervisor/type"), 16)
    if _is_wsl(reading):
        evidence.append("the kernel is Microsoft's for WSL")
    if "hypervisor_flag" in found:
        evidence.append("the CPU reports a hypervisor")
    if hypervisor:
        evidence.append("/sys/hypervisor says %s" % hypervisor)
    if hardware and any(name in hardware.lower() for name in _VIRTUAL_HARDWARE):
        evidence.append("the machine calls itself %s" % hardware)
    if "path:proc/device-tree/hypervisor" in found:
        evidence.append("the device tree names a hypervisor")
    if (text_of(reading, "proc/sysinfo") or "").startswith("VM00"):
        evidence.append("/proc/sysinfo names a z/VM or KVM guest")
    if len(evidence) > before:
        return True
    if hardware:
        evidence.append("the machine calls itself %s" % hardware)
        return False
    if "cpu_flags" in found:
        evidence.append("the CPU reports no hypervisor")
        return False
    return None


def _roles(reading, found, evidence):
    """Return (Kubernetes node, container host), each True, False, or None where a saved tree can't tell."""
    absent = False if reading.get("live") is True else None
    pods = any(sign in found for sign in _KUBEPODS)
    kubernetes = absent
    if "path:var/lib/kubelet" in found and pods:
        evidence.append("/var/lib/kubelet and a kubepods cgroup are there")
        kubernetes = True
    runtimes = sorted({name for sign, name in _RUNTIMES if sign in found})
    if runtimes:
        evidence.append("container runtimes: %s" % ", ".join(runtimes))
    return kubernetes, True if runtimes or kubernetes or pods else absent
