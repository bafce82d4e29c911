# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy in force as lines: what is off is said, and each value has its origin once."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.origin import policy_in_force
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.source import written_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.text import leaves
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.policy.test_origin import (
    FACTS,
    POLICY,
)


def lines(tmp_path, text=POLICY, name="web1", groups=("oracle",), facts=FACTS):
    """The lines of the policy on a host, without the blanks between their columns."""
    path = tmp_path / "policy.yml"
    path.write_text(text)
    answer = policy_in_force(written_policy(str(path), "/"), facts, name, list(groups))
    return [" ".join(line.split()) for line in answer["lines"]]


def section(said, heading):
    """The lines below a heading."""
    place = said.index(f"{heading}:") + 1
    end = next((at for at in range(place, len(said)) if said[at].endswith(":")), len(said))
    return said[place:end]


def test_the_first_lines_say_which_policy_and_why(tmp_path):
    """Whoever asks *why is this host judged so* reads on from here."""
    said = lines(tmp_path)
    assert said[0].startswith("web1 is judged as databases (group oracle) by the policy 'our fleet' (")
    assert said[1].startswith("Profiles: large. What has no [origin] is ")


def test_what_is_off_is_said_in_one_line(tmp_path):
    """A dimension that is not in the list would look like a mistake of the list."""
    limits = section(lines(tmp_path), "limits")
    (percpu,) = (line for line in limits if line.startswith("percpu"))
    assert percpu.startswith("percpu off [") and percpu.endswith("]")
    assert any(line.startswith("page_tables warning ") for line in limits)
    assert any(line.startswith("critical 15 % of RAM") for line in limits)


def test_values_have_the_place_where_they_were_written(tmp_path):
    """With the line, so that one can go there; what is usual has none, since it would drown the rest."""
    said = lines(tmp_path)
    written = [line for line in said if line.startswith("critical 15 % of RAM")]
    assert written and "[" in written[0] and "line 2" in written[0]
    assert sum("[" not in line for line in section(said, "growth")) > 5


def test_a_host_that_nobody_read_has_no_profiles(tmp_path):
    """They were not tried, which is not the same as none that fits."""
    assert lines(tmp_path, facts=None)[1].startswith("Profiles: not tried, since nothing was read from this host.")
    small = POLICY.replace("68719476736", "1099511627776")
    assert lines(tmp_path, small)[1].startswith("Profiles: none.")


def test_waivers_of_the_host_come_last_with_their_reason(tmp_path):
    """And those of other hosts not at all."""
    assert lines(tmp_path)[-1] == "waiver until 2027-01-31: vmalloc: ticket 12"
    assert not any(line.startswith("waiver") for line in lines(tmp_path, name="db1"))
    limited = POLICY.replace("dimension: vmalloc,", "dimension: vmalloc, kind: growth,")
    assert lines(tmp_path, limited)[-1] == "waiver until 2027-01-31: vmalloc, growth only: ticket 12"


def test_a_name_of_nothing_is_this_host(tmp_path):
    """A playbook may ask without one."""
    assert lines(tmp_path, name="")[0].startswith("This host is judged as ")


def test_no_text_from_outside_breaks_a_line(tmp_path):
    """Nor a name or a path: they are shown on a terminal."""
    path = tmp_path / "policy\x1b[2J.yml"
    path.write_text(POLICY)
    for name in ("a\nb", "a\x1b[2Jb", "\u202eb"):
        said = policy_in_force(written_policy(str(path), "/"), FACTS, name, ["oracle"])["lines"]
        assert all(line.isprintable() for line in said), name


def test_leaves_are_the_values_with_their_paths():
    """A list is one value: nobody sets an element of it alone."""
    assert dict(leaves({"a": {"b": 1, "c": [2, 3]}, "d": None}, ("x",))) == {
        ("x", "a", "b"): 1,
        ("x", "a", "c"): [2, 3],
        ("x", "d"): None,
    }
