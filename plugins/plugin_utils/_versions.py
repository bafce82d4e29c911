# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ansible-core and Python run this: with older ones the rest of the collection can't even be read.

What is here is understood by every Python 3, since it has to say so there.
"""

from __future__ import annotations

from collections.abc import Sequence

ANSIBLE = (2, 16)
PYTHON = (3, 10)


def too_old(ansible_version: str, python_version: Sequence[int | str]) -> str | None:
    """Return the sentence that says what is too old, or None. *python_version* is as ``sys.version_info``."""
    found = tuple(int(part) for part in ansible_version.split(".")[:2])
    if found >= ANSIBLE and tuple(python_version[:2]) >= PYTHON:
        return None
    return (
        "fleetaudit.kernel_memory needs ansible-core {0}.{1} or newer on Python {2}.{3} or newer; this is ansible-core "
        "{4} on Python {5}.{6}. Install a newer one, in a virtual environment of its own if need be: "
        "pip install 'ansible-core>={0}.{1}'"
    ).format(*ANSIBLE, *PYTHON, ansible_version, *python_version[:2])
