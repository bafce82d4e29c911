# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that a change of shape changed nothing: audit the same saved data with two checkouts and compare the answers.

Usage: same_audits.py OLD [NEW]           compare; exit code 0 the same, 1 different
       same_audits.py --write FOLDER [NEW]    leave the audits of one checkout in FOLDER

OLD and NEW are folders of checkouts or commits of this repository; NEW is this checkout where it is not given. Audited
are, by ansible-playbook of .venv/newest and with the clock standing still:

  trees.json      every folder below tests/samples and tests/cases with a proc/meminfo, each as a host
  recorded.json   the spool that the test fleet left behind (tests/samples/spool), on top of the history before it
  replay.csv      the replay of that history

The saved data are those of this checkout, for both. duration_ms is how long a reading took, which nobody can repeat;
it is null in what is compared. Needs Python 3.10 and, for the environment, what tools/prepare.py needs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
SAMPLES, CASES = ROOT / "tests" / "samples", ROOT / "tests" / "cases"
RECORDED = SAMPLES / "spool"
NOW = 1_793_512_800
"""2026-11-01 06:00 UTC, when the spool was recorded."""
CANNOT_BE_REPEATED = ("duration_ms",)

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


@contextmanager
def checkout_of(given: str) -> Iterator[Path]:
    """Give the folder of a checkout: *given* itself, or a temporary one with the files of the commit of that name."""
    if Path(given).is_dir():
        yield Path(given).resolve()
        return
    archive = subprocess.run(["git", "archive", given], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        sys.exit(f"same_audits: {given} is neither a folder nor a commit of {ROOT}.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "--extract", "--file", "-", "--directory", folder], input=archive.stdout, check=True)
        yield Path(folder)


def saved_trees() -> list[Path]:
    """The folders that hold a proc/meminfo, in order."""
    found = [path.parent.parent for top in (SAMPLES, CASES) for path in top.rglob("proc/meminfo")]
    return sorted(found)


def copied_trees(folder: Path) -> dict[str, dict[str, str]]:
    """Copy every tree, all its files of one moment (a sample's time is its meminfo's), and return the variables of each
    as a host."""
    hosts = {}
    for tree in saved_trees():
        name = "_".join(tree.relative_to(ROOT / "tests").parts)
        copy = folder / name
        shutil.copytree(tree, copy, symlinks=True)
        os.utime(copy / "proc" / "meminfo", (NOW, NOW))
        hosts[name] = {"kernel_mem_audit_proc_root": str(copy / "proc"), "kernel_mem_audit_sys_root": str(copy / "sys")}
    return hosts


class Auditor:
    """Runs the playbooks of one checkout in a folder."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self.folder = folder
        link = folder / "collections" / "ansible_collections" / "fleetaudit" / "kernel_memory"
        link.parent.mkdir(parents=True)
        link.symlink_to(checkout)
        if not (checkout / "galaxy.yml").is_file():
            sys.exit(f"same_audits: {checkout} is no checkout of the collection (it has no galaxy.yml).")

    def play(self, book: str, inventory: object, **variables: object) -> None:
        """Run a playbook with the clock at NOW, or end with what it said."""
        hosts = self.folder / "hosts.json"
        hosts.write_text(json.dumps(inventory))
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "KERNEL_"))
        }
        environment |= {
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "PYTHONPATH": str(ROOT / "tools" / "fixed_clock"),
            "FIXED_CLOCK": str(NOW),
            "LC_ALL": "C.UTF-8",
        }
        command = [ROOT / ".venv/newest/bin/ansible-playbook", book, "-i", hosts, "-e", json.dumps(variables)]
        said = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if said.returncode != 0:
            sys.exit(f"same_audits: the playbook {book} failed:\n{said.stdout.decode(errors='replace')[-3000:]}")

    def audit_trees(self) -> str:
        """Audit every saved tree, with all that can be gathered, and return audit.json."""
        inventory = {"all": {"hosts": copied_trees(self.folder / "trees")}}
        self.play(
            "fleetaudit.kernel_memory.audit",
            inventory,
            ansible_connection="local",
            kernel_mem_audit_gather_subset=["all"],
            kernel_mem_audit_history="none",
            kernel_mem_audit_run_id="trees",
            kernel_mem_audit_report_dir="trees-report",
            kernel_mem_audit_outputs=["audit.json"],
        )
        text = (self.folder / "trees-report" / "audit.json").read_text()
        unread = [host["name"] for host in json.loads(text)["hosts"] if host["no_data"]]
        if len(unread) == len(inventory["all"]["hosts"]):
            sys.exit("same_audits: not one of the saved trees was read, so nothing is compared.")
        return normalised(text)

    def audit_recorded(self) -> tuple[str, str]:
        """Audit the recorded spool and replay the recorded history; return audit.json and the table of alarms."""
        for name in ("spool.jsonl", "history.jsonl"):
            (self.folder / name).write_bytes(gzip.decompress((RECORDED / f"{name}.gz").read_bytes()))
        self.play(str(ROOT / "tools" / "same_audits.yml"), json.loads((RECORDED / "hosts.json").read_text()))
        audit = normalised((self.folder / "report" / "audit.json").read_text())
        return audit, (self.folder / "replay.csv").read_text()


def normalised(text: str) -> str:
    """Return an audit.json with null for what can't be repeated; all else is as it was, to the order of its keys."""

    def without(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        return {name: None if name in CANNOT_BE_REPEATED else value for name, value in pairs}

    return json.dumps(json.loads(text, object_pairs_hook=without), indent=1, ensure_ascii=False) + "\n"


def audits_of(given: str) -> dict[str, str]:
    """Return all that the code of a checkout says, by the name of its file."""
    with checkout_of(given) as checkout, tempfile.TemporaryDirectory(prefix="same-audits-") as folder:
        # One name for all checkouts, since places stand in audits.
        auditor = Auditor(checkout, Path(folder))
        recorded, replay = auditor.audit_recorded()
        found = {"trees.json": auditor.audit_trees(), "recorded.json": recorded, "replay.csv": replay}
        return {name: text.replace(folder, "/FOLDER") for name, text in found.items()}


def first_difference(old: Json, new: Json, where: str = "") -> str | None:
    """Return the first place, in the order of the old one, where two values differ, with both; None where none does."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            if name not in old or name not in new:
                return f"{where}.{name}: only in {'NEW' if name in new else 'OLD'}"
            found = first_difference(old[name], new[name], f"{where}.{name}")
            if found:
                return found
        return None if list(old) == list(new) else f"{where}: the keys have another order"
    if isinstance(old, list) and isinstance(new, list):
        for number, (one, other) in enumerate(zip(old, new, strict=False)):
            found = first_difference(one, other, f"{where}[{named(one, number)}]")
            if found:
                return found
        return None if len(old) == len(new) else f"{where}: {len(old)} entries in OLD, {len(new)} in NEW"
    if type(old) is type(new) and old == new:
        return None
    return f"{where}:\n    OLD {json.dumps(old, ensure_ascii=False)}\n    NEW {json.dumps(new, ensure_ascii=False)}"


def named(entry: Json, number: int) -> str:
    """Return what an entry of a list is called: a host's name, or its place."""
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else str(number)


def differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Return a sentence for each file that is not the same, byte for byte, with the place where it differs first."""
    sentences = []
    for name in old:
        if old[name] == new[name]:
            continue
        if name.endswith(".json"):
            where = (first_difference(json.loads(old[name]), json.loads(new[name])) or "").lstrip(".")
        else:
            lines = zip(old[name].splitlines() + [""], new[name].splitlines() + [""], strict=False)
            number, one, other = next((number, *both) for number, both in enumerate(lines, 1) if both[0] != both[1])
            where = f"line {number}:\n    OLD {one}\n    NEW {other}"
        sentences.append(f"{name} differs first at {where}")
    return sentences


def main() -> int:
    """Compare two checkouts, or write the audits of one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("checkouts", nargs="+", metavar="CHECKOUT", help="a folder, or a commit of this repository")
    parser.add_argument("--write", metavar="FOLDER", type=Path, help="leave the audits of one checkout there")
    arguments = parser.parse_args()
    subprocess.run([sys.executable, ROOT / "tools" / "prepare.py", "newest"], check=True)
    if arguments.write:
        arguments.write.mkdir(parents=True, exist_ok=True)
        for name, text in audits_of(arguments.checkouts[0]).items():
            (arguments.write / name).write_text(text)
        return 0
    old, new = (audits_of(given) for given in [*arguments.checkouts, str(ROOT)][:2])
    found = differences(old, new)
    for sentence in found:
        print(sentence)
    for name in old:
        print(f"{name:<15} {len(old[name].encode()):>9} bytes  {'the same' if old[name] == new[name] else 'DIFFERENT'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
