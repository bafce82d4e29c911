# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a policy comes from: a file, a variable, or nowhere, in which case the defaults hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_file import load_policy


def policy_from(given: Any, working_folder: str) -> tuple[dict[str, Any], str]:
    """Return the resolved policy and its source in words.

    *given* is the path of a file (a relative one starts at *working_folder*), the policy itself as a mapping, or None.
    Raises ValueError with every mistake of the policy at once.
    """
    if given is None or given == "":
        return resolve_policy(None), "default"
    if isinstance(given, str):
        path = os.path.abspath(os.path.join(working_folder, os.path.expanduser(given)))
        return load_policy(path), path
    if isinstance(given, Mapping):
        return resolve_policy(given), "variable"
    raise ValueError(f"The policy must be the path of a file or a mapping, not a value of the type {type(given).__name__}.")
