# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buffers, maps and rings that are larger than an object."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct

from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks.kernel_calls import HELD, PAGE, Step, call


def bpf_map(kind: int, value_bytes: int, entries: int, size: int) -> Step:
    """BPF maps, which only root may make."""

    def step() -> int:
        attributes = (ctypes.c_uint32 * 32)(kind, 4, value_bytes, entries)
        HELD.append(call("bpf", 0, attributes, ctypes.sizeof(attributes)))
        return size

    return step


def bpf_arrays() -> Step:
    """BPF maps in vmalloc memory."""
    return bpf_map(2, 4096, 32, 33 * PAGE)


def bpf_per_cpu_arrays() -> Step:
    """BPF maps in per-CPU memory."""
    return bpf_map(6, 16384, 4, 4 * 16384 * os.sysconf("SC_NPROCESSORS_CONF"))


def packet_rings() -> Step:
    """Rings of packet sockets."""

    def step() -> int:
        one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        one.setsockopt(263, 5, struct.pack("IIII", 65536, 16, 2048, 512))
        HELD.append(one)
        return 1 << 20

    return step


def perf_buffers() -> Step:
    """Buffers of perf events."""

    def step() -> int:
        # type software, size 128, config dummy; 127 pages are within what is not counted as pinned.
        event = struct.pack("IIQ", 1, 128, 9) + bytes(112)
        descriptor = call("perf_event_open", event, 0, -1, -1, 0)
        HELD.append((descriptor, mmap.mmap(descriptor, 65 * PAGE)))
        return 65 * PAGE

    return step
