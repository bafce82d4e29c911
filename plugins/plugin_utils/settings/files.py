# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders that settings name: they have to be there, and to be what they are meant for."""

from __future__ import annotations

import glob
import os

import yaml

from ..audit.newest import newest_report
from ..run.run import check_writable

_VAULT = "$ANSIBLE_VAULT"
THERE = tuple(
    f"kernel_mem_audit_{one}"
    for one in (
        "resume",
        "compare_before",
        "compare_after",
        "import_ca_path",
        "import_client_cert",
        "import_client_key",
    )
)
"""Settings that name a file or folder which must be there."""
AUDITS = ("kernel_mem_audit_compare_before", "kernel_mem_audit_compare_after")
"""Those of them that name an audit."""
HOOKS = tuple(f"kernel_mem_audit_{step}_tasks" for step in ("drain", "upgrade", "reboot", "undrain"))


def hook_problem(name: str, value: str, folder: str) -> str | None:
    """Return what is wrong with a hook, a file of tasks, or None. A relative path starts at *folder*."""
    path = absolute(value, folder)
    if os.path.isdir(path):
        return f"{name} is {value!r}, which is a folder; give a file of tasks."
    if not os.path.exists(path):
        return f"{name} is {value!r}, but there is no file {path}.{_beside(path)}"
    if not os.access(path, os.R_OK):
        return f"{name} is {value!r}, but {path} can't be read by this user."
    problem = _no_tasks(path)
    return None if problem is None else f"{name} is {value!r}, but {path} is no list of tasks{problem}."


def _no_tasks(path: str) -> str | None:
    """Return why a file is no list of tasks, as the end of a sentence, or None. What only the vault can read is one."""
    try:
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        if text.startswith(_VAULT):
            return None
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as exc:
        return f" ({' '.join(str(exc).split())[:200].rstrip('.')})"
    return None if root is None or isinstance(root, yaml.SequenceNode) else ""


def report_dir_problem(value: str, folder: str) -> str | None:
    """Return why a report can't be written to where a setting says, or None."""
    try:
        check_writable(absolute(value, folder))
    except ValueError as exc:
        return str(exc)
    return None


def missing_path(name: str, value: str, folder: str) -> str | None:
    """Return a sentence on a file or folder that a setting names and that is not there, or None."""
    path = absolute(value, folder)
    try:
        # reports/latest is the newest of reports, without a link of that name, too.
        there = os.path.exists(newest_report(path) if name in AUDITS else path)
    except ValueError:
        there = os.path.exists(path)
    return None if there else f"{name} is {value!r}, but there is no file {path}.{_beside(path)}"


def missing_files(name: str, patterns: list[str], folder: str) -> str | None:
    """Return a sentence on patterns of files that match none, or None."""
    missing = [one for one in patterns if not glob.glob(absolute(one, folder))]
    return f"{name} has {', '.join(map(repr, missing))}, which no file matches." if missing else None


def absolute(value: str, folder: str) -> str:
    """Return the absolute path of what a setting says."""
    return os.path.abspath(os.path.join(folder, os.path.expanduser(value)))


def _beside(path: str) -> str:
    """Return a hint where the folder has a file of nearly that name, or where the folder is missing, too."""
    folder, name = os.path.split(path)
    if not os.path.isdir(folder):
        return f" The folder {folder} is not there, either."
    stem = os.path.splitext(name)[0]
    near = sorted(other for other in os.listdir(folder) if os.path.splitext(other)[0] == stem and other != name)
    return f" There is {near[0]}." if near else ""
