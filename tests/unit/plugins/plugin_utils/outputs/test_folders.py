# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link to the latest report, and the removal of old ones: nothing that an audit did not write may ever be lost."""

from __future__ import annotations

import fcntl
import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import folders, write
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

AUDIT = built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, policy_of(None))
NAMES = [f"2026-11-{day:02d}T120000Z" for day in range(1, 8)]


@pytest.fixture
def reports(tmp_path):
    """Seven reports, the last of them the current one."""
    for name in NAMES:
        write.write_outputs(read(AUDIT), str(tmp_path / name), ["audit.json", "hosts.csv"])
    return tmp_path


def prune(reports, keep, **settings):
    return folders.prune_reports(str(reports / NAMES[-1]), keep, **settings)


def left(reports):
    return sorted(os.listdir(reports))


def test_by_default_nothing_is_removed(reports):
    assert prune(reports, None) == folders.Pruned() and left(reports) == NAMES


def test_the_newest_stay(reports):
    pruned = prune(reports, 3)
    assert left(reports) == NAMES[-3:] and pruned.notes == []
    assert pruned.removed == [str(reports / name) for name in NAMES[:-3]]


def test_the_report_just_made_stays_whatever_it_is_called(reports):
    write.write_outputs(read(AUDIT), str(reports / "mine"), ["audit.json"])
    folders.prune_reports(str(reports / "mine"), 1)
    assert left(reports) == ["mine"]


def test_more_to_keep_than_there_are_removes_nothing(reports):
    assert prune(reports, 50).removed == [] and left(reports) == NAMES


@pytest.mark.parametrize("keep", [0, -1])
def test_keeping_none_is_refused(reports, keep):
    with pytest.raises(ValueError, match="must be 1 at least"):
        prune(reports, keep)
    assert left(reports) == NAMES


def test_reports_of_one_second_are_told_apart_by_number(tmp_path):
    made = [NAMES[0], f"{NAMES[0]}-2", f"{NAMES[0]}-10"]
    for name in made:
        write.write_outputs(read(AUDIT), str(tmp_path / name), ["audit.json"])
    folders.prune_reports(str(tmp_path / made[-1]), 2)
    assert left(tmp_path) == sorted(made[1:])


def test_a_folder_with_a_file_of_somebody_else_stays_and_is_named(reports):
    (reports / NAMES[0] / "notes.txt").write_text("mine")
    pruned = prune(reports, 1)
    assert left(reports) == [NAMES[0], NAMES[-1]]
    assert left(reports / NAMES[0]) == ["audit.json", "hosts.csv", "notes.txt"]
    assert pruned.notes == [
        f"The old report {reports / NAMES[0]} stays, since it holds what no audit wrote: notes.txt."
    ]


def test_a_file_that_is_called_by_a_setting_is_known(reports):
    os.rename(reports / NAMES[0] / "hosts.csv", reports / NAMES[0] / "kernel.csv")
    assert prune(reports, 1, file_names=["kernel.csv"]).notes == [] and left(reports) == [NAMES[-1]]


@pytest.mark.parametrize("name", ["latest2", "backup", "2026-11-01", "2026-11-01T120000Z-old", "2026-11-01T120000Zx"])
def test_a_folder_of_another_name_stays(reports, name):
    os.rename(reports / NAMES[0], reports / name)
    prune(reports, 1)
    assert left(reports) == sorted([name, NAMES[-1]])


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{}",
        '{"schema": "other/1"}',
        '{"hosts": "\\\\n\\\\"schema\\\\": \\\\"fleetaudit.kernel_memory.audit/1\\\\""}',
    ],
)
def test_a_folder_without_an_audit_of_ours_stays(reports, content):
    (reports / NAMES[0] / "audit.json").unlink()
    if content is not None:
        (reports / NAMES[0] / "audit.json").write_text(content)
    prune(reports, 1)
    assert NAMES[0] in left(reports)


def test_links_are_neither_followed_nor_removed(reports, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write.write_outputs(read(AUDIT), str(elsewhere / "kept"), ["audit.json"])
    os.symlink(elsewhere / "kept", reports / "2026-10-01T120000Z")
    os.unlink(reports / NAMES[0] / "hosts.csv")
    os.symlink(elsewhere / "kept" / "audit.json", reports / NAMES[0] / "hosts.csv")
    prune(reports, 1)
    assert left(reports) == ["2026-10-01T120000Z", NAMES[0], NAMES[-1]]
    assert left(elsewhere / "kept") == ["audit.json"]


def test_a_folder_inside_of_a_report_keeps_it(reports):
    (reports / NAMES[0] / "metrics.prom").mkdir()
    assert "metrics.prom" in prune(reports, 1).notes[0]


def test_the_link_leads_to_the_latest_report(reports):
    for name in NAMES:
        link, sentence = folders.link_latest(str(reports / name))
        assert (link, sentence) == (str(reports / "latest"), None)
        assert os.readlink(reports / "latest") == name
    assert left(reports) == [*NAMES, "latest"]


def test_what_is_no_link_is_left_alone(reports):
    (reports / "latest").mkdir()
    link, sentence = folders.link_latest(str(reports / NAMES[0]))
    assert (
        link is None
        and sentence
        == f"{reports / 'latest'} is not a link, so it stays as it is and does not lead to the latest report."
    )
    assert (reports / "latest").is_dir() and not (reports / "latest").is_symlink()


def test_where_links_can_not_be_made_a_sentence_says_so(reports, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(folders.os, "symlink", refuse)
    link, sentence = folders.link_latest(str(reports / NAMES[0]))
    assert (
        link is None
        and sentence == f"The link {reports / 'latest'} to the latest report can't be made: Operation not permitted."
    )
    assert left(reports) == NAMES


def test_a_report_in_a_folder_called_latest_needs_no_link(tmp_path):
    write.write_outputs(read(AUDIT), str(tmp_path / "latest"), ["audit.json"])
    assert folders.link_latest(str(tmp_path / "latest"))[0] is None
    assert left(tmp_path) == ["latest"]


UNFINISHED = ".audit.json.ab12cd_3"


def made_long_ago(path):
    """A file with some text and an old time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("half an out")
    os.utime(path, (1000000000, 1000000000))
    return path


def test_what_a_killed_run_left_unfinished_goes(tmp_path):
    """Once: 400 MB at 100,000 hosts each time, and an old report that nothing removes."""
    own = tmp_path / "2026-11-24T120000Z"
    inside = made_long_ago(own / UNFINISHED)
    (own / "audit.json").write_text("whole")
    alone = made_long_ago(tmp_path / "2026-11-23T120000Z" / ".report.html.00000000")
    named = made_long_ago(own / f".{'x' * 60}.00000000")
    index = made_long_ago(tmp_path / ".index.html.00000000")
    removed = folders.remove_unfinished(str(own), ["x" * 90])
    assert sorted(removed) == sorted(map(str, [inside, alone, named, index, alone.parent]))
    assert [path.name for path in own.iterdir()] == ["audit.json"] and not alone.parent.exists()


def test_what_is_still_written_or_not_ours_stays(tmp_path):
    """A worker outlives its Ansible; and a hidden file of somebody is somebody's."""
    own = tmp_path / "2026-11-24T120000Z"
    locked = made_long_ago(own / UNFINISHED)
    new = own / ".hosts.csv.ab12cd_3"
    new.write_text("")
    others = [
        made_long_ago(own / name)
        for name in (".audit.json.swp", ".notes.ab12cd_3", "audit.json.ab12cd_3", ".audit.json.")
    ]
    elsewhere = made_long_ago(tmp_path / "mine" / UNFINISHED)
    others.append(made_long_ago(tmp_path / "mine" / ".index.html.00000000"))
    link = own / ".report.html.ab12cd_3"
    link.symlink_to(elsewhere)
    (tmp_path / "2026-11-22T120000Z").symlink_to(tmp_path / "mine")
    with locked.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert folders.remove_unfinished(str(own)) == []
        assert folders.remove_unfinished(str(tmp_path / "mine" / "report")) == []
    assert all(path.exists() for path in (locked, new, link, elsewhere, *others))
    assert folders.remove_unfinished(str(tmp_path / "nowhere" / "report")) == []


def test_an_output_is_locked_until_it_has_its_name(tmp_path):
    """So that a run that begins meanwhile does not take it for a leftover; afterwards nothing is locked."""
    seen = []

    def pieces():
        yield "first"
        (temporary,) = [path for path in tmp_path.iterdir() if path.name.startswith(".a.")]
        with temporary.open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                seen.append("free")
            except OSError:
                seen.append("locked")
        yield "second"

    write.write_files({str(tmp_path / "a"): pieces()})
    assert seen == ["locked"] and (tmp_path / "a").read_text() == "firstsecond"
    with (tmp_path / "a").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
