# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that name something outside of themselves, or that have to fit together."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.given import GivenSettings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.places import Place, place_problems


def problems(folder: Path, entry: str, **values: object) -> list[str]:
    """What is wrong with values that are right by themselves."""
    given = {f"kernel_mem_audit_{name}": value for name, value in values.items()}
    return place_problems(GivenSettings(given), Place(entry, str(folder), {}), given)


def test_all_hooks_are_looked_for(tmp_path: Path) -> None:
    """Each of the four that is given, and only in a rollout."""
    hooks = {f"{step}_tasks": f"{step}.yml" for step in ("drain", "upgrade", "reboot", "undrain")}
    found = problems(tmp_path, "rolling_upgrade", **hooks)
    assert len(found) == 4 and all("there is no file" in problem for problem in found)
    assert problems(tmp_path, "audit", **hooks) == []


def test_a_rollout_needs_its_hook(tmp_path: Path) -> None:
    """Without it hosts would be drained and rebooted for nothing."""
    (problem,) = problems(tmp_path, "rolling_upgrade")
    assert "kernel_mem_audit_upgrade_tasks is not set" in problem


def test_outputs_names_subsets_and_run_ids_are_checked_as_where_they_are_used(tmp_path: Path) -> None:
    """What the report would refuse at its end is refused at the beginning."""
    found = problems(
        tmp_path,
        "audit",
        output_names={"audit.json": "a/b"},
        gather_subset=["slabs"],
        run_id="a b",
        outputs=["audit.json"],
    )
    assert [next(word for word in ("run_id", "subset", "file name") if word in one) for one in found] == [
        "run_id",
        "subset",
        "file name",
    ]


def test_the_history_is_asked_for_unless_it_is_not_required(tmp_path: Path) -> None:
    """A night without history has to be somebody's wish."""
    where = "mysql://db/x"
    assert len(problems(tmp_path, "audit", history=where)) == 1
    assert len(problems(tmp_path, "import_history", history=where)) == 1
    assert problems(tmp_path, "audit", history=where, history_required="false") == []
    assert problems(tmp_path, "audit", history=where, history_required=False) == []
    assert problems(tmp_path, "compare", history=where) == []


def test_what_a_run_reads_has_to_be_there(tmp_path: Path) -> None:
    """Told with all other mistakes, and not after them. A merge that lacks one of its inputs names it in its report."""
    (problem,) = problems(tmp_path, "audit", resume="spool.jsonl", history_required=False)
    assert problem == f"kernel_mem_audit_resume is 'spool.jsonl', but there is no file {tmp_path}/spool.jsonl."
    assert len(problems(tmp_path, "compare", compare_before="before", compare_after="after")) == 2
    (tmp_path / "audit.json").write_text("{}")
    assert problems(tmp_path, "merge", merge_inputs=["audit.json", "slice-2/*"]) == []
    (problem,) = problems(tmp_path, "merge", merge_inputs=["slice-1/*", "slice-2/*"])
    assert problem.endswith("has 'slice-1/*', 'slice-2/*', which no file matches.")
