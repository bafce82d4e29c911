# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings name outside of themselves: hooks, folders, the history; and settings that have to fit together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ...module_utils.collect.subsets import resolve_subsets
from ..outputs.write import check_outputs
from ..run.run import check_run_id
from .files import HOOKS, THERE, hook_problem, missing_files, missing_path, report_dir_problem
from .given import GivenSettings, is_unset
from .history import REQUIRED, history_problem
from .kinds import words_of
from .setting import PREFIX
from .table import used_by

_FALSE = ("no", "off", "false", "0", "n", "f", "0.0")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the check runs: which playbook is about to begin, the working folder, and the environment variables."""

    entry: str
    folder: str
    environment: Mapping[str, str]


def place_problems(given: GivenSettings, place: Place, sound: Collection[str]) -> list[str]:
    """Return a sentence on each place that a setting names and that can't be used.

    *sound* are the settings whose values are right by themselves.
    """
    return [problem for problem in _problems(given, place, sound) if problem]


def _problems(given: GivenSettings, place: Place, sound: Collection[str]) -> Iterator[str | None]:
    folder = place.folder
    asked = {name: text for name in used_by(place.entry) if name in sound and (text := given.text(name)) is not None}
    for name in HOOKS:
        if name in asked:
            yield hook_problem(name, asked[name], folder)
    for name in THERE:
        if name in asked:
            yield missing_path(name, asked[name], folder)
    yield _merge_inputs(given, place, asked)
    if place.entry == "rolling_upgrade" and is_unset(given.once("kernel_mem_audit_upgrade_tasks")):
        yield "kernel_mem_audit_upgrade_tasks is not set; give the file of tasks that upgrades a host."
    if "kernel_mem_audit_report_dir" in asked:
        yield report_dir_problem(asked["kernel_mem_audit_report_dir"], folder)
    if "kernel_mem_audit_import_files" in asked:
        files = words_of(given.once("kernel_mem_audit_import_files")) or []
        yield missing_files("kernel_mem_audit_import_files", files, folder)
    if "kernel_mem_audit_run_id" in asked:
        yield _named(raised_by(lambda: check_run_id(asked["kernel_mem_audit_run_id"])))
    if "kernel_mem_audit_gather_subset" in asked:
        subsets = words_of(given.once("kernel_mem_audit_gather_subset")) or []
        yield _named(raised_by(lambda: resolve_subsets(subsets)))
    names = given.once("kernel_mem_audit_output_names")
    if "kernel_mem_audit_output_names" in asked and isinstance(names, Mapping):
        outputs = words_of(given.once("kernel_mem_audit_outputs")) or []
        yield raised_by(lambda: check_outputs(outputs, cast(Mapping[str, str], names)))
    yield _history(given, place, sound)


def _merge_inputs(given: GivenSettings, place: Place, asked: Collection[str]) -> str | None:
    """Return a sentence where no input of a merge is there. One that is missing among others is named in the audit."""
    name = "kernel_mem_audit_merge_inputs"
    patterns = words_of(given.once(name)) or [] if name in asked else []
    problems = [missing_files(name, [one], place.folder) for one in patterns]
    return missing_files(name, patterns, place.folder) if patterns and all(problems) else None


def _history(given: GivenSettings, place: Place, sound: Collection[str]) -> str | None:
    name = "kernel_mem_audit_history"
    required = str(given.once(REQUIRED)).strip().lower() not in _FALSE
    value = given.text(name)
    if not required or name not in used_by(place.entry) or (value is not None and name not in sound):
        return None
    return history_problem(value, place.environment, place.folder)


def _named(sentence: str | None) -> str | None:
    """Return a sentence that begins with an argument of a module as one that begins with its setting."""
    return sentence and PREFIX + sentence


def raised_by(check: Callable[[], object]) -> str | None:
    """Return the sentence that a check raises, or None."""
    try:
        check()
    except ValueError as exc:
        return str(exc)
    return None
