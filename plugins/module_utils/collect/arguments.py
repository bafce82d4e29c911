# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_facts: one specification for the module and for its action plugin."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .subsets import resolve_subsets

TRANSPORTS = ["auto", "lean", "module", "shell"]


def facts_argument_spec():
    """Return the argument specification of kernel_memory_facts, as AnsibleModule takes it."""
    return {
        "transport": {"type": "str", "default": "auto", "choices": list(TRANSPORTS)},
        "proc_root": {"type": "str", "default": "/proc"},
        "sys_root": {"type": "str", "default": "/sys"},
        "gather_subset": {"type": "list", "elements": "str", "default": ["default"]},
        "deadline": {"type": "int", "default": 5},
        "return_reading": {"type": "bool", "default": False},
        "run_id": {"type": "str"},
        "spool": {"type": "path"},
        "audit_environment": {"type": "str"},
    }


def check_facts_arguments(arguments):
    """Raise :class:`ValueError` with a sentence for what the specification alone can't say."""
    if not 1 <= arguments["deadline"] <= 300:
        raise ValueError("deadline is %d; give a number of seconds from 1 to 300." % arguments["deadline"])
    for name in ("proc_root", "sys_root"):
        if not arguments[name].startswith("/"):
            raise ValueError("%s is %r; give an absolute path on the host." % (name, arguments[name]))
    resolve_subsets(arguments["gather_subset"])
