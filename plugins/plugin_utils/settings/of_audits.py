# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of audits and their reports."""

from __future__ import annotations

from ...module_utils.collect.arguments import TRANSPORTS
from ..audit.failure import FAIL_ON
from ..outputs.write import JUNIT_WARNINGS, RENDERERS
from .kinds import Batches, OneOf, Pairs, PathOrMapping, SomeOf, Switch, Text, Texts, Whole
from .setting import AUDITS, FREE, GATES, REPORTS, Setting

_ASKING = (*AUDITS, *GATES, "policy")
_REPORTING = (*REPORTS, "merge")
_KEEPING = (*REPORTS, *GATES, FREE, "import_history")
_ABSOLUTE = Text("an absolute path on the host", r"/.*")
_PATH = Text("a path", r".+")
_NAME = Text("a name", r".+")

SETTINGS = (
    Setting(
        "kernel_mem_audit_hosts",
        Texts("host patterns"),
        (*_KEEPING, "policy", "investigate"),
        "what is asked, as an inventory pattern",
        before_hosts=True,
    ),
    Setting(
        "kernel_mem_audit_serial",
        Batches(),
        (*AUDITS, "rolling_upgrade"),
        "hosts at a time, as `serial` of a play",
        before_hosts=True,
    ),
    Setting(
        "kernel_mem_audit_policy",
        PathOrMapping(),
        (*_REPORTING, *GATES, "policy"),
        "the limits, as the path of a file or as a mapping",
    ),
    Setting(
        "kernel_mem_audit_environment",
        Text("the name of an environment", r".+"),
        _ASKING,
        "the environment of a host, where its groups don't say",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_history",
        Text("the path of a file, or an address", r".+"),
        _KEEPING,
        "where audits are kept: a file, a `postgresql://` address, or `none`",
        secret=True,
    ),
    Setting(
        "kernel_mem_audit_history_required",
        Switch(),
        _KEEPING,
        "whether a run is refused where its history can't be used",
    ),
    Setting("kernel_mem_audit_outputs", SomeOf(tuple(RENDERERS)), _REPORTING, "which files are written"),
    Setting(
        "kernel_mem_audit_output_names",
        Pairs("outputs and file names"),
        _REPORTING,
        "file names of outputs, where they shall be called otherwise",
    ),
    Setting(
        "kernel_mem_audit_junit_warnings",
        OneOf(JUNIT_WARNINGS),
        _REPORTING,
        "what a host with a warning is in `junit.xml`",
    ),
    Setting(
        "kernel_mem_audit_report_mode",
        Text("the mode of a file in quotes, four octal digits such as '0640'", r"0[67][0-7][0-7]"),
        _REPORTING,
        "who may read the files of a report",
    ),
    Setting("kernel_mem_audit_fail_on", SomeOf(FAIL_ON), _REPORTING, "when a run fails after its report is written"),
    Setting(
        "kernel_mem_audit_minimum_hosts",
        Whole(of="hosts"),
        (*REPORTS, *GATES),
        "the hosts that a run must have at least",
    ),
    Setting("kernel_mem_audit_run_id", _NAME, _REPORTING, "the name of the run"),
    Setting("kernel_mem_audit_report_dir", _PATH, (*_REPORTING, "investigate"), "the folder of the report"),
    Setting("kernel_mem_audit_spool", _PATH, REPORTS, "where gathered answers are kept until the report is written"),
    Setting("kernel_mem_audit_resume", _PATH, REPORTS, "the spool of a run that ended early, to go on with"),
    Setting("kernel_mem_audit_latest", Switch(), _REPORTING, "whether a link `latest` leads to the newest report"),
    Setting("kernel_mem_audit_keep_reports", Whole(of="reports"), _REPORTING, "how many reports are kept"),
    Setting("kernel_mem_audit_records", OneOf(("spool", "history")), REPORTS, "where gathered records are read from"),
    Setting("kernel_mem_audit_keep_records", Switch(), REPORTS, "whether a slice leaves its records in the history"),
    Setting(
        "kernel_mem_audit_gather",
        OneOf(("auto", "task", "fanout")),
        AUDITS,
        "whether hosts are asked by a task each or by one process for all",
    ),
    Setting("kernel_mem_audit_at_once", Whole(1, 1000, "hosts"), AUDITS, "how many hosts one process asks at a time"),
    Setting(
        "kernel_mem_audit_closer_look",
        Whole(0, of="hosts"),
        AUDITS,
        "how many hosts with a finding are read a second time, for who holds the memory; 0 for none",
    ),
    Setting(
        "kernel_mem_audit_key_exchange",
        OneOf(("unchanged", "light")),
        AUDITS,
        "whether ssh may use the cheapest key exchange",
    ),
    Setting(
        "kernel_mem_audit_transport",
        OneOf(tuple(TRANSPORTS)),
        _ASKING,
        "how readings are brought from a host",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_gather_subset",
        Texts("subsets"),
        AUDITS,
        "what is gathered to say who uses the memory",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_deadline",
        Whole(1, 300, "seconds"),
        (*AUDITS, *GATES),
        "seconds after which the collector stops by itself",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_timeout",
        Whole(1, None, "seconds"),
        (*AUDITS, "policy"),
        "seconds after which a host is given up",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_proc_root", _ABSOLUTE, _ASKING, "where the proc file system is on the host", each_host=True
    ),
    Setting(
        "kernel_mem_audit_sys_root", _ABSOLUTE, _ASKING, "where the sys file system is on the host", each_host=True
    ),
    Setting("kernel_mem_audit_saved", _PATH, ("audit_saved",), "the folder that holds saved trees"),
    Setting("kernel_mem_audit_facts", Switch(), ("policy",), "whether hosts are read to choose profiles"),
)
