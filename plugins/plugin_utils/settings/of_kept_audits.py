# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of what is done with audits and data that are there already: import, merge, compare."""

from __future__ import annotations

from .kinds import OneOf, Pairs, SomeOf, Switch, Text, Texts, Whole
from .setting import Setting

_PATH = Text("a path", r".+")
_URL = Text("an address that begins with http:// or https://", r"https?://\S+")
_DAYS = Whole(1, 3650, "days")
_SECRET = Text("one word", r"\S+")
_NAME = Text("a name", r".+")
_HOST = Text("the name of a host", r".+")

SETTINGS = (
    Setting(
        "kernel_mem_audit_import_source",
        OneOf(("prometheus", "netdata", "sysstat", "pcp")),
        ("import_history",),
        "whose data is brought in",
    ),
    Setting("kernel_mem_audit_import_files", Texts("files"), ("import_history",), "the files on the controller"),
    Setting("kernel_mem_audit_import_url", _URL, ("import_history",), "the address of a server", each_host=True),
    Setting(
        "kernel_mem_audit_import_own_url", _URL, ("import_history",), "the address of a host's Netdata", each_host=True
    ),
    Setting("kernel_mem_audit_import_days", _DAYS, ("import_history",), "how many days back"),
    Setting("kernel_mem_audit_import_host", _HOST, ("import_history",), "the host whose data the files are"),
    Setting(
        "kernel_mem_audit_import_names",
        Pairs("names there and host names"),
        ("import_history",),
        "which name is which host",
    ),
    Setting(
        "kernel_mem_audit_import_name_pattern",
        Text("a regular expression with a group", r"(?s).*\(.*\).*"),
        ("import_history",),
        "the part of a name there that is the host's name",
    ),
    Setting(
        "kernel_mem_audit_import_selector",
        Text('label matchers of PromQL such as job="node"', r"\S.*"),
        ("import_history",),
        "which series of a Prometheus server",
    ),
    Setting("kernel_mem_audit_import_token", _SECRET, ("import_history",), "a bearer token of the server", secret=True),
    Setting(
        "kernel_mem_audit_import_headers",
        Pairs("names and texts of headers"),
        ("import_history",),
        "headers that the server wants",
        secret=True,
    ),
    Setting("kernel_mem_audit_import_ca_path", _PATH, ("import_history",), "the authority that signed its certificate"),
    Setting("kernel_mem_audit_import_client_cert", _PATH, ("import_history",), "our own certificate for it"),
    Setting("kernel_mem_audit_import_client_key", _PATH, ("import_history",), "the key of that certificate"),
    Setting("kernel_mem_audit_merge_inputs", Texts("files"), ("merge",), "the audits that become one"),
    Setting("kernel_mem_audit_merge_expected_slices", Whole(of="slices"), ("merge",), "how many audits there must be"),
    Setting(
        "kernel_mem_audit_merge_expect_inventory",
        Switch(),
        ("merge",),
        "whether each host of the inventory must be in one",
    ),
    Setting("kernel_mem_audit_merge_spool_run_id", _NAME, ("merge",), "the run of a spool that is an input"),
    Setting("kernel_mem_audit_compare_before", _PATH, ("compare",), "the earlier audit"),
    Setting("kernel_mem_audit_compare_after", _PATH, ("compare",), "the later audit"),
    Setting("kernel_mem_audit_compare_dest", _PATH, ("compare",), "a folder for what has changed"),
    Setting(
        "kernel_mem_audit_compare_fail_on", SomeOf(("worse", "data_lost")), ("compare",), "when a comparison fails"
    ),
)
