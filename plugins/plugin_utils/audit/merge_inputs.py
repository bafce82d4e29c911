# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what can be merged or compared: files audit.json, and spools, which are judged first."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..policy.policy import Policy
from ..run.spool import Spools, is_spool
from .audit import Audit
from .build import RunInfo, build_audit
from .merge import Input
from .newest import newest_report
from .read_back import checked_audit

OTHER_OUTPUT = "fleetaudit.kernel_memory.host/1"
NOT_OURS = "{path} is neither an audit.json nor a spool of this collection{why}."


@dataclass
class Judging:
    """How the records of spools are judged. *groups* are the inventory's; without them those of the records count."""

    policy: Policy
    tool_version: str
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    run_id: str | None = None


@dataclass
class Inputs:
    """What was read, and which files were named and are not there."""

    read: list[Input] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def found_paths(patterns: Sequence[str], working_folder: str) -> list[str]:
    """Return the absolute paths that *patterns* (paths, some with wildcards) stand for, each once; a path need not
    exist.
    """
    paths: list[str] = []
    for pattern in patterns:
        whole = os.path.abspath(os.path.join(working_folder, os.path.expanduser(pattern)))
        paths.extend(
            sorted(glob.glob(whole, recursive=True))
            if glob.has_magic(whole) and not os.path.lexists(whole)
            else [whole]
        )
    return list(dict.fromkeys(paths))


def read_report(path: str, working_folder: str) -> Audit:
    """Return the audit of a file, of a report's folder, or the newest of a folder of reports. Raises ValueError with
    one sentence where there is none.
    """
    whole = newest_report(os.path.abspath(os.path.join(working_folder, os.path.expanduser(path))))
    content = _content(whole)
    if content is None:
        raise ValueError(f"There is no file {whole}.")
    return checked_audit(_document(content, whole), whole)


def read_inputs(paths: Sequence[str], judging: Judging) -> Inputs:
    """Read audits and spools. All spools together are one input for each run that they have records of, since the fleet
    is judged as a whole.

    Raises ValueError with one sentence for a file that is neither, and for one that can't be read.
    """
    inputs, spools = Inputs(), Spools()
    for path in paths:
        if is_spool(path):
            spools.add(path, through_links=True)
            continue
        content = _content(path)
        if content is None:
            inputs.missing.append(path)
        else:
            inputs.read.append(Input(path, checked_audit(_document(content, path), path)))
    inputs.read.extend(_judged(spools, judging))
    return inputs


def _judged(spools: Spools, judging: Judging) -> Iterator[Input]:
    """Yield an audit of each run that the spools have records of, or of the one that is wanted."""
    runs = {run_id: spool for run_id, spool in spools.runs.items() if spool.records}
    if runs and judging.run_id is not None and judging.run_id not in runs:
        raise ValueError(
            f"The spools have no record of the run {judging.run_id}, but of {', '.join(sorted(runs)[:5])}."
        )
    for run_id in sorted(runs) if judging.run_id is None else [judging.run_id] * bool(runs):
        spool = runs[run_id]
        times = sorted(entry["written_at"] for entry in spool.records.values())
        run = RunInfo(
            run_id=run_id,
            started_at=times[0],
            generated_at=times[-1],
            tool_version=judging.tool_version,
            targets=tuple(spool.records),
            groups=judging.groups,
            environments={},
        )
        audit = build_audit(run, spool.records, judging.policy, notes=spools.damage())
        yield Input(", ".join(spool.paths), audit)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ValueError(f"{path} can't be read: {exc.strerror}.") from exc


def _document(content: bytes, path: str) -> object:
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        # Several documents one after the other: lines of something.
        first = _json(content.lstrip().split(b"\n", 1)[0])
        why = (
            "; it is hosts.jsonl, so give the audit.json of the same report"
            if isinstance(first, dict) and first.get("schema") == OTHER_OUTPUT
            else ""
        )
        raise ValueError(NOT_OURS.format(path=path, why=why)) from None
    if not isinstance(document, dict):
        raise ValueError(NOT_OURS.format(path=path, why=""))
    return document


def _json(line: bytes) -> object:
    try:
        document: object = json.loads(line)
        return document
    except (ValueError, RecursionError):
        return None
