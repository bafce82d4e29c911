# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read a report."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.file_modes import Modes


def test_who_may_read_the_files_may_enter_the_folder() -> None:
    """And nobody else."""
    modes = [(Modes.of(given).file, Modes.of(given).folder) for given in ("0640", "0644", "0600", "0660")]
    assert modes == [(0o640, 0o750), (0o644, 0o755), (0o600, 0o700), (0o660, 0o770)]


@pytest.mark.parametrize("given", ["640", "416", "0440", "0755", "0x1a0", "rw-r-----", "", "00640", "0648"])
def test_what_is_no_mode_is_refused_in_one_sentence(given: str) -> None:
    """416 is what YAML makes of 0640 without quotes: taken for octal it would be another mode."""
    with pytest.raises(ValueError, match="^kernel_mem_audit_report_mode is .* in quotes, .*[.]$"):
        Modes.of(given)
