# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of tasks that a rolling upgrade runs on a host: whether each can be run, asked before a host is touched."""

from __future__ import annotations

import os

import yaml

NEEDED = "upgrade_tasks"
_VAULT = "$ANSIBLE_VAULT"


def check_hook(name: str, path: str, folder: str) -> None:
    """Raise ValueError where the hook *name* (without the prefix of its variable) can't be run. A relative path starts
    at *folder*; an empty one means that there is no such hook.
    """
    variable = f"kernel_mem_audit_{name}"
    if not path:
        if name == NEEDED:
            raise ValueError(f"{variable} is not set; give the file of tasks that upgrades a host.")
        return
    whole = os.path.join(folder, os.path.expanduser(path))
    try:
        with open(whole, encoding="utf-8") as handle:
            text = handle.read()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is no UTF-8 text"
        raise ValueError(f"{variable} is {path!r}, and {whole} can't be read ({reason}); nothing was touched.") from exc
    if text.startswith(_VAULT):
        return
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        problem = " ".join(str(exc).split())
        raise ValueError(f"{variable}: {whole} is no YAML ({problem[:200]}); nothing was touched.") from exc
    if not isinstance(root, yaml.SequenceNode):
        raise ValueError(f"{variable}: {whole} is no list of tasks; nothing was touched.")
