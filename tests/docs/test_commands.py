# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command that README and the guides show does what they say: it is typed as it stands there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.docs.blocks import LANGUAGES, Block, blocks
from ansible_collections.fleetaudit.kernel_memory.tests.docs.reader import Reader
from ansible_collections.fleetaudit.kernel_memory.tests.docs.stages import STAGES
from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab

TYPED = blocks("sh", "console")
ON_HOSTS = blocks("shell")
COMMAND = re.compile(r"^\s*(?:\$ )?(?:sudo )?(?:ansible-[\w]+|kernel-memory|make|pip|curl|jq) \S", re.MULTILINE)
MISTAKES = r"syntax error|invalid option|unrecognized option|unknown option|unknown command|illegal option|bad usage"


def named(block: Block) -> str:
    """How a test of a block is called."""
    return block.name


@pytest.mark.parametrize("block", [block for block in TYPED if not block.not_run], ids=named)
def test_a_command_does_what_its_guide_says(block: Block, reader: Reader, lab: GateLab, checkout: Path) -> None:
    """A reader copies it at 3 a.m."""
    with STAGES[block.needs](reader, lab, checkout):
        said = reader.types(block.commands)
    assert said.exit_code == block.ends_with, said.output
    printed = " ".join(said.output.split())
    assert [line for line in block.output if " ".join(line.split()) not in printed] == [], said.output


@pytest.mark.parametrize("block", TYPED + ON_HOSTS, ids=named)
def test_a_command_is_shell(block: Block) -> None:
    """Also where it can't be run here."""
    said = subprocess.run(["bash", "-n"], input=block.commands.encode(), capture_output=True, check=False)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("block", ON_HOSTS, ids=named)
def test_a_command_for_a_host_only_misses_what_the_host_has_not(block: Block, tmp_path: Path) -> None:
    """Each looks and changes nothing. This machine has neither ZFS nor Lustre, but an option that no version of a
    program knows, or a quote too few, would show here, too.
    """
    text = block.text.replace("sleep 5", "sleep 0").replace("iostat -x 2 2", "iostat -x 1 1")
    said = subprocess.run(
        ["timeout", "60", "bash", "-c", text], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert said.returncode != 124, "it did not end"
    assert not re.search(MISTAKES, said.stderr.decode("utf-8", "replace"), re.IGNORECASE), said.stderr


def test_every_block_says_what_it_is() -> None:
    """A command in a block of text would be tried by nobody."""
    everything = blocks(*LANGUAGES, "", "bash", "yml", "json")
    assert [block.name for block in everything if block.language not in LANGUAGES] == []
    assert [block.name for block in everything if block.language == "text" and COMMAND.search(block.text)] == []
    assert len(TYPED) > 25 and len(ON_HOSTS) > 30
    assert all(len(block.not_run) > 30 for block in TYPED if block.said.startswith("not run"))
