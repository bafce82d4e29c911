# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands there are, and which playbook each runs. What it does not know itself goes to ansible-playbook."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import completion
import doctor
import gate
import reports

COLLECTION = "fleetaudit.kernel_memory"
QUIET = f"{COLLECTION}.quiet"
EPILOG = (
    "Further arguments go to ansible-playbook as they are: -e kernel_mem_audit_fail_on=critical, --ask-become-pass. "
    "Exit codes are those of ansible-playbook; of gate 0 pass, 10 fail, 11 inconclusive, 12 hold."
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="kernel-memory", description="Audit the kernel memory of hosts.", epilog=EPILOG)
    # Not required=True, whose message names no command.
    commands = made.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def command(name: str, words: str, *, inventory: bool = False, folder: bool = False) -> argparse.ArgumentParser:
        # Without abbreviations, since what is not known here may be ansible-playbook's.
        one = commands.add_parser(name, help=words, description=words, epilog=EPILOG, allow_abbrev=False)
        if inventory:
            one.add_argument(
                "-i", "--inventory", action="append", default=[], help="inventory; without it this machine"
            )
            one.add_argument("-l", "--limit", help="only hosts of this pattern")
        if folder:
            one.add_argument("--reports", default="reports", help="folder of reports (reports)")
        return one

    command("audit", "Audit the hosts of an inventory, or this machine", inventory=True)
    command("gate", "Say whether a kernel upgrade may begin or go on", inventory=True)
    investigate = command("investigate", "Find out what makes the memory of hosts grow now", inventory=True)
    investigate.add_argument("hosts", nargs="*", metavar="HOST", help="hosts; without them those that the audit names")
    compare = command("compare", "Say what changed between two reports")
    compare.add_argument("before", help="report or audit.json")
    compare.add_argument("after", help="report or audit.json")
    explain = command("explain", "Say what the last report says of a host", folder=True)
    explain.add_argument("host", metavar="HOST")
    resume = command("resume", "Make the report of a run that ended early", inventory=True, folder=True)
    resume.add_argument("spool", nargs="?", help="what it gathered; without it the newest of the folder")
    command("open", "Open the newest report", folder=True)
    command("doctor", "Say whether this controller is ready", folder=True)
    command("completion", "Print the completion for a shell").add_argument("shell", choices=("bash", "zsh"))
    return made


def main(arguments: Sequence[str]) -> int:
    """Run a command, and return the exit code."""
    made = parser()
    if not arguments:
        made.print_help()
        return 2
    given, more = made.parse_known_args(arguments)
    try:
        return _run(given, more)
    except ValueError as exc:
        print(f"kernel-memory: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(given: argparse.Namespace, more: list[str]) -> int:
    if given.command in ("audit", "gate", "investigate", "compare", "resume"):
        return _playbook(given, more)
    if more:
        raise ValueError(f"{given.command} does not know {' '.join(more)}.")
    if given.command == "completion":
        print(completion.script(parser(), given.shell))
        return 0
    folder = Path(given.reports)
    if given.command == "explain":
        print("\n".join(reports.explained(reports.newest(folder), given.host)))
        return 0
    if given.command == "open":
        page = reports.newest(folder) / "report.html"
        print(page)
        return 0 if webbrowser.open(page.resolve().as_uri()) else 1
    found = doctor.findings(_program("ansible-playbook").parent, folder)
    print("\n".join(found.lines()))
    return found.exit_code


def _playbook(given: argparse.Namespace, more: list[str]) -> int:
    variables: dict[str, object] = {}
    playbook = "report" if given.command == "resume" else given.command
    if given.command == "compare":
        variables["kernel_mem_audit_compare_before"] = str(_there(given.before))
        variables["kernel_mem_audit_compare_after"] = str(_there(given.after))
    elif given.command == "resume":
        spool = _there(given.spool) if given.spool else reports.newest_spool(Path(given.reports))
        variables["kernel_mem_audit_resume"] = str(spool)
    arguments = [*_hosts(given), *(["-e", json.dumps(variables)] if variables else []), *more]
    program = str(_program("ansible-playbook"))
    os.environ.setdefault("ANSIBLE_STDOUT_CALLBACK", QUIET)
    if given.command == "gate":
        return gate.main([program, *arguments])
    return subprocess.call([program, f"{COLLECTION}.{playbook}", *arguments])


def _hosts(given: argparse.Namespace) -> list[str]:
    """Return the arguments that choose hosts: without an inventory it is this machine."""
    if given.command == "compare":
        return []
    named = ":".join(getattr(given, "hosts", ()))
    if named and given.limit:
        raise ValueError("Give names of hosts or --limit, not both.")
    limit = ["--limit", named or given.limit] if named or given.limit else []
    # Whoever names hosts has them in an inventory, if only in that of Ansible's configuration.
    if given.inventory or os.environ.get("ANSIBLE_INVENTORY") or named:
        return [*(word for one in given.inventory for word in ("-i", one)), *limit]
    print("kernel-memory: this machine; -i INVENTORY is for a fleet.", file=sys.stderr)
    return ["-i", "localhost,", "-c", "local", *limit]


def _there(path: str) -> Path:
    found = Path(path).expanduser()
    if not found.exists():
        raise ValueError(f"There is no file or folder {path}, seen from {Path.cwd()}.")
    return found


def _program(name: str) -> Path:
    """Return a program of Ansible's: the one beside this Python, or else that of the PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise ValueError(f"{name} is not found; install ansible-core 2.16 or newer, or run make audit once.")
    return Path(found)
