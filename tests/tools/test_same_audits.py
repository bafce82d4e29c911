# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/same_audits.py: two checkouts that say the same are told from two that don't, and where they differ."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tools.same_audits import ROOT, Json, differences, normalised


def compared(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool."""
    command = [sys.executable, str(ROOT / "tools" / "same_audits.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def copy_of_this_checkout(folder: Path) -> Path:
    """A copy of what an audit needs."""
    for part in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "galaxy.yml", folder)
    return folder


def test_a_checkout_says_the_same_as_itself() -> None:
    """Nothing in the audits depends on the clock, the place or the order of workers: else every comparison is noise."""
    said = compared(str(ROOT), str(ROOT))
    assert (said.returncode, said.stdout.count("the same")) == (0, 3), said.stdout + said.stderr


def test_a_change_is_seen_and_its_place_is_named(tmp_path: Path) -> None:
    """A difference of one word in one key, in code that is imported under its usual name, must not be missed."""
    changed = copy_of_this_checkout(tmp_path)
    version = changed / "plugins/plugin_utils/model/version.py"
    version.write_text(version.read_text().replace('VERSION = "', 'VERSION = "9'))
    said = compared(str(ROOT), str(changed))
    assert said.returncode == 1, said.stdout + said.stderr
    assert "trees.json differs first at tool.version" in said.stdout and "recorded.json differs" in said.stdout
    assert "replay.csv differs" not in said.stdout


def test_what_is_no_checkout_is_one_sentence(tmp_path: Path) -> None:
    """Bad input is said, and nothing is compared."""
    for given in (str(tmp_path), "no-such-commit"):
        said = compared(given)
        assert said.returncode == 1 and said.stderr.startswith("same_audits: ") and len(said.stderr.splitlines()) == 1


def told(old: Json, new: Json) -> str:
    """What is said of two audits."""
    [sentence] = differences({"a.json": json.dumps(old)}, {"a.json": json.dumps(new)})
    return sentence


def test_the_first_difference_has_host_and_key() -> None:
    """Whoever moved code needs the place, not two files of 200 KB."""
    old: Json = {"hosts": [{"name": "web1", "verdict": "ok"}, {"name": "db1", "findings": [{"limit": 1}]}]}
    new: Json = {"hosts": [{"name": "web1", "verdict": "ok"}, {"name": "db1", "findings": [{"limit": 2}]}]}
    assert told(old, new) == "a.json differs first at hosts[db1].findings[0].limit:\n    OLD 1\n    NEW 2"


def test_keys_their_order_types_and_lengths_count() -> None:
    """Byte for byte: 1 is not 1.0, and an output that lists keys anew is another output."""
    assert told({"a": 1}, {"a": 1, "b": 2}).endswith("at b: only in NEW")
    assert told({"a": 1, "b": 2}, {"b": 2}).endswith("at a: only in OLD")
    assert told({"a": 1, "b": 2}, {"b": 2, "a": 1}).endswith("the keys have another order")
    assert "OLD 1\n    NEW 1.0" in told({"a": 1}, {"a": 1.0})
    assert told({"a": [1]}, {"a": [1, 2]}).endswith("at a: 1 entries in OLD, 2 in NEW")


def test_tables_differ_at_a_line() -> None:
    """The replay is a table; a line that is missing at its end is a difference, too."""
    [sentence] = differences({"replay.csv": "a\nb\n"}, {"replay.csv": "a\n"})
    assert sentence == "replay.csv differs first at line 2:\n    OLD b\n    NEW "


def test_only_the_time_that_a_reading_took_is_taken_out() -> None:
    """What is normalised is named, and null; nothing else is touched, nor the order of keys."""
    text = '{"b": 1, "a": {"duration_ms": 12, "x": [1.0, null]}}'
    assert json.dumps(json.loads(normalised(text))) == '{"b": 1, "a": {"duration_ms": null, "x": [1.0, null]}}'
