# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of investigations."""

from __future__ import annotations

from .kinds import Number, OneOf, Switch, Text, Texts, Whole
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
    Setting("kernel_mem_audit_investigate_windows", Whole(), ("investigate",), "how many windows", each_host=True),
    Setting(
        "kernel_mem_audit_investigate_window",
        Number("seconds"),
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
        Texts("dimensions"),
        ("investigate",),
        "what is looked into",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_investigate_transport",
        OneOf(("auto", "lean", "module")),
        ("investigate",),
        "how questions come to a host",
        each_host=True,
    ),
    Setting("kernel_mem_audit_investigate_outputs", Texts("outputs"), ("investigate",), "which files are written"),
    Setting("kernel_mem_audit_investigate_bundle", Switch(), ("investigate",), "whether a bundle is made"),
    Setting("kernel_mem_audit_investigate_pseudonyms", Switch(), ("investigate",), "whether the bundle hides names"),
    Setting("kernel_mem_audit_trace", Switch(), ("investigate",), "whether a host may be traced", each_host=True),
    Setting(
        "kernel_mem_audit_trace_always", Switch(), ("investigate",), "whether it is traced in any case", each_host=True
    ),
    Setting("kernel_mem_audit_trace_hosts", Whole(of="hosts"), ("investigate",), "how many are traced at a time"),
    Setting(
        "kernel_mem_audit_trace_seconds", Number("seconds"), ("investigate",), "how long a trace is", each_host=True
    ),
    Setting(
        "kernel_mem_audit_trace_load",
        Number("load a CPU"),
        ("investigate",),
        "the load above which none is",
        each_host=True,
    ),
)
