# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that makes the report of a run from its spool, and what stands in the spool for it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from .spool import Spool, read
from .spool_head import SpoolHead

REPORT, AUDIT = "fleetaudit.kernel_memory.report", "fleetaudit.kernel_memory.audit"
VARIABLE = "kernel_mem_audit_resume"

_PASSWORD = re.compile(r"(://[^:/@\s'\"]*:)[^@/\s'\"]+(?=@)|(\bpassword\s*=\s*)[^\s'\"&]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What of a command line of ansible-playbook decides which hosts are reported, and how they are judged."""

    inventories: Sequence[str]
    limit: str | None
    extra_variables: Sequence[str]
    vault: Sequence[str]
    hosts_pattern: str
    folder: str

    def resuming(self, spool: str, playbook: str = REPORT) -> str:
        """Return the command for a shell that makes the report from *spool*; with the playbook of the audit it asks
        the hosts that are missing first. A password in a setting is left out.
        """
        words = ["ansible-playbook", playbook]
        for inventory in self.inventories:
            words += ["-i", inventory]
        if self.limit:
            words += ["--limit", self.limit]
        words += self.vault
        for given in self.extra_variables:
            if not given.startswith(f"{VARIABLE}="):
                words += ["-e", _PASSWORD.sub(lambda match: f"{match[1] or match[2]}***", given)]
        if self.hosts_pattern != "all" and not any("kernel_mem_audit_hosts" in given for given in self.extra_variables):
            words += ["-e", f"kernel_mem_audit_hosts={shlex.quote(self.hosts_pattern)}"]
        words += ["-e", f"{VARIABLE}={shlex.quote(spool)}"]
        return f"cd {shlex.quote(self.folder)} && {shlex.join(words)}"


def kept_sentence(spool: str, command: str) -> str:
    """Return what an error says of the answers that were gathered before it."""
    return (
        f"Nothing that was gathered is lost: it is kept in {spool}. When the cause is mended, this makes the report "
        f"from it: {command}"
    )


def run_to_resume(path: str) -> tuple[SpoolHead, Spool]:
    """Return the head and the contents of a spool whose report is to be made. Raises ValueError where that can't be."""
    head = SpoolHead.read(path)
    if head is None:
        raise ValueError(
            f"{VARIABLE} is {path}, which is no spool of an audit that ended early; give the file that its error named."
        )
    if head.holder.is_alive():
        raise ValueError(
            f"The run {head.run_id} is still going on (process {head.holder.process} on {head.holder.machine}); wait "
            "for its end, or end that process."
        )
    return head, read([path], head.run_id)
