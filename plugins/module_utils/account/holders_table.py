# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that hold memory which no kernel counter names, a line each: what it is, the most that it plausibly takes
where that can't be measured, and the source of that bound.

Private to the collection; pure. "Judgement" is said where no source gives a bound.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

MIB = 1 << 20
# Receive rings: 64 queues at most, as drivers make them, of 1,024 to 8,192 buffers of a page or two.
_QUEUES, _RING = 64, 32 * MIB
_GPU = "The graphics driver keeps buffers of its clients in pages that no counter names."
_RINGS = (
    "A network driver keeps its receive rings in pages that no counter names; they grow with queues and ring sizes."
)
_TTM = "drivers/gpu/drm/ttm/ttm_device.c: half of RAM at most"
_JUDGEMENT = "judgement"


class Kind:
    """One line of the table. The plausible amount is a share of RAM (percent), and at least so many bytes."""

    def __init__(self, kind, source, words, percent=0, at_least=0):
        self.kind, self.percent, self.at_least, self.source, self.words = kind, percent, at_least, source, words

    def plausible_bytes(self, ram, cpus):
        """Return the most that such a holder plausibly takes, in bytes."""
        if self.words is _RINGS:
            return min(_RING * min(cpus or _QUEUES, _QUEUES), ram)
        return min(max(ram * self.percent // 100, self.at_least), ram)


def _balloon(percent, source, hypervisor):
    words = "The %s balloon gives memory back to the hypervisor; it is no defect of this host." % hypervisor
    return Kind("balloon", source, words, percent)


def _rings():
    return Kind("driver", _JUDGEMENT, _RINGS)


KINDS = {
    "balloon": _balloon(90, _JUDGEMENT, "hypervisor's"),
    "gpu": Kind("gpu", _TTM, _GPU, 50),
    "vmw_balloon": _balloon(65, "VMware: Mem.CtlMaxPercent, 65 by default", "VMware"),
    "hv_balloon": _balloon(90, "drivers/hv/hv_balloon.c: compute_balloon_floor leaves 744 MiB of 8 GiB", "Hyper-V"),
    "virtio_balloon": _balloon(90, "the device has no limit of its own; judgement", "virtio"),
    "xen_balloon": _balloon(0, "drivers/xen/balloon.c lowers MemTotal by what it takes", "Xen"),
    "amdgpu": Kind("gpu", _TTM, _GPU, 50),
    "radeon": Kind("gpu", _TTM, _GPU, 50),
    "nouveau": Kind("gpu", _TTM, _GPU, 50),
    "xe": Kind("gpu", _TTM, _GPU, 50),
    # Pinned memory of CUDA programs is allocated by the driver and has no limit of its own.
    "nvidia": Kind("gpu", _JUDGEMENT, _GPU, 50),
    # Its buffers are files in memory, which Cached counts; page tables of the GPU and ring buffers are what is left.
    "i915": Kind("gpu", "drivers/gpu/drm/i915/gem/i915_gem_shmem.c; judgement", _GPU, 3, at_least=256 * MIB),
    "brd": Kind("driver", _JUDGEMENT, "RAM disks keep their content in pages that no counter names.", 50),
    "rds": Kind("driver", "oled-tools memstate: 10 % of RAM", "RDS keeps socket buffers in unnamed pages.", 10),
    "lustre": Kind("driver", _JUDGEMENT, "Lustre pins pages for its caches and transfers.", 5),
    "mmfs26": Kind("driver", "GPFS: pagepool, a third of RAM by default", "GPFS keeps its page pool uncounted.", 34),
    "mlx4_core": _rings(),
    "mlx5_core": _rings(),
    "ice": _rings(),
    "i40e": _rings(),
    "ixgbe": _rings(),
    "bnxt_en": _rings(),
    "ena": _rings(),
    "tn40xx": _rings(),
    "ath11k": _rings(),
    "zfs": Kind("zfs", "OpenZFS: zfs_arc_max, half of RAM by default", "The ZFS ARC keeps file data in pages.", 50),
    "zram": Kind("zram", "zram-generator: half of RAM by default", "zram keeps compressed pages.", 50),
}
