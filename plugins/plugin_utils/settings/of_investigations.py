# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of investigations."""

from __future__ import annotations

from ..investigate.arguments import OUTPUTS
from ..investigate.settings import DIMENSIONS, TRACE_LOAD, TRACE_SECONDS, TRANSPORTS, WINDOW, WINDOWS
from .kinds import Number, OneOf, SomeOf, Switch, Text, Whole
from .setting import Setting

_PATH = Text("a path", r".+")

SETTINGS = (
    Setting("kernel_mem_audit_from", _PATH, ("investigate",), "the audit whose findings are looked into"),
    Setting("kernel_mem_audit_investigate_hosts", Whole(of="hosts"), ("investigate",), "how many hosts at most"),
    Setting(
        "kernel_mem_audit_investigate_healthy",
        Whole(0, None, "hosts"),
        ("investigate",),
        "how many healthy hosts for comparison",
    ),
    Setting(
        "kernel_mem_audit_investigate_windows",
        Whole(int(WINDOWS.least), int(WINDOWS.most), "windows"),
        ("investigate",),
        "how many windows",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_investigate_window",
        Number("seconds", WINDOW.least, WINDOW.most),
        ("investigate",),
        "how long a window is",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_investigate_busy",
        Switch(),
        ("investigate",),
        "whether the host counts as busy",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_investigate_dimensions",
        SomeOf(DIMENSIONS),
        ("investigate",),
        "what is looked into",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_investigate_transport",
        OneOf(TRANSPORTS),
        ("investigate",),
        "how questions come to a host",
        each_host=True,
    ),
    Setting("kernel_mem_audit_investigate_outputs", SomeOf(OUTPUTS), ("investigate",), "which files are written"),
    Setting("kernel_mem_audit_investigate_bundle", Switch(), ("investigate",), "whether a bundle is made"),
    Setting("kernel_mem_audit_investigate_pseudonyms", Switch(), ("investigate",), "whether the bundle hides names"),
    Setting("kernel_mem_audit_trace", Switch(), ("investigate",), "whether a host may be traced", each_host=True),
    Setting(
        "kernel_mem_audit_trace_always", Switch(), ("investigate",), "whether it is traced in any case", each_host=True
    ),
    Setting("kernel_mem_audit_trace_hosts", Whole(of="hosts"), ("investigate",), "how many are traced at a time"),
    Setting(
        "kernel_mem_audit_trace_seconds",
        Number("seconds", TRACE_SECONDS.least, TRACE_SECONDS.most),
        ("investigate",),
        "how long a trace is",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_trace_load",
        Number("load a CPU", TRACE_LOAD.least, TRACE_LOAD.most),
        ("investigate",),
        "the load above which none is",
        each_host=True,
    ),
)
