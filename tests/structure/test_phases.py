# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever knows the name of a phase of the gate knows its file, and that of its tests."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._gate_arguments import DECIDING, LOOKING
from ansible_collections.fleetaudit.kernel_memory.tests.structure.sources import PLUGINS, ROOT

FOLDER = PLUGINS / "plugin_utils" / "gate" / "phases"


@pytest.mark.parametrize("phase", [*LOOKING, *DECIDING])
def test_every_phase_has_a_file_and_a_test_of_its_name(phase: str) -> None:
    """The argument ``phase`` of the module, the file and the first words of that file are one word."""
    text = (FOLDER / f"{phase}.py").read_text(encoding="utf-8")
    assert f'"""The phase ``{phase}``: ' in text
    assert (ROOT / "tests/unit/plugins/plugin_utils/gate/phases" / f"test_{phase}.py").is_file()
