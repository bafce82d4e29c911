# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about a saved host, which the real collector answers, and words of clients that did not succeed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import DEFAULT
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import End, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.question import Question

SAVED = Path(__file__).resolve().parents[4] / "samples" / "6.18-host"


def question(transport: str = "auto", candidates: tuple[str, ...] = (sys.executable,)) -> Question:
    """A question about a saved host."""
    return Question.first(transport, candidates, f"{SAVED}/proc", f"{SAVED}/sys", 30, DEFAULT)


def answered(asked: Question) -> Said:
    """What a host's shell says to a question."""
    done = subprocess.run(["/bin/sh", "-c", asked.command()], input=asked.program(), capture_output=True, check=False)
    return Said(End.ENDED, done.returncode, done.stdout, done.stderr)


def failed(err: bytes, code: int = 255, out: bytes = b"") -> Said:
    """The words of a client that did not succeed."""
    return Said(End.ENDED, code, out, err)
