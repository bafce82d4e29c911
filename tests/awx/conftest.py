# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collections of AWX's modules, from the PyPI package that carries them, and Ansible that finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.awx.ansible_with_awx import with_modules
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible
from ansible_collections.fleetaudit.kernel_memory.tests.support.wheels import files_of

PACKAGE = "ansible==11.13.0"
"""The last series of the package with awx.awx (24.6.1) in it."""


@pytest.fixture(scope="session")
def awx_modules() -> Path:
    """A folder of collections with awx.awx in it; taken from PyPI once."""
    return files_of(PACKAGE, "ansible_collections/awx/")


@pytest.fixture
def ansible(tmp_path: Path, awx_modules: Path) -> Ansible:
    """Ansible in an empty folder, with AWX's modules."""
    return with_modules(tmp_path, awx_modules)
