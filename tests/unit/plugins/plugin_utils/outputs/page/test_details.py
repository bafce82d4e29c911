# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the script of the page shows when a host is opened: all of what struck, less of what is far down the list."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import SEVERITIES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import details as html_details
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import NO_DATA_LABELS
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

AUDIT = audits.audit_with_history(120)
HOSTS = AUDIT["hosts"]


def details(audit):
    return json.loads("".join(html_details.details(read(audit))))


DETAILS = details(AUDIT)
TEXTS = DETAILS["texts"]


def test_only_hosts_with_something_to_say_have_details():
    """A host within its limits has none, and ten thousand of them cost the page nothing."""
    expected = {str(place) for place, host in enumerate(HOSTS) if host["findings"] or host["no_data"]}
    assert set(DETAILS["hosts"]) == expected != set()
    well = [host for host in HOSTS if not host["findings"] and not host["no_data"]]
    assert details(AUDIT | {"hosts": well})["hosts"] == {}


def test_findings_stand_in_the_order_of_the_audit_with_their_words():
    """The worst is read first, with what to do and the command for it."""
    for place, host in enumerate(HOSTS):
        for finding, row in zip(
            host["findings"], DETAILS["hosts"].get(str(place), {}).get("findings", []), strict=True
        ):
            assert SEVERITIES[row[0]] == finding["severity"] and row[1] == finding["explanation"]
            assert [TEXTS[at] for at in row[2:4]] == [finding["next_step"], finding["command"]]


def test_a_host_without_data_says_why_and_what_to_do():
    """These are the hosts that somebody has to go to."""
    place, host = next((place, host) for place, host in enumerate(HOSTS) if host["no_data"])
    said = [TEXTS[at] for at in DETAILS["hosts"][str(place)]["no_data"]]
    why = host["no_data"]
    assert said == [NO_DATA_LABELS[why["reason"]], why["message"], why["next_step"]]


def test_the_worst_have_all_and_the_rest_their_reasons(monkeypatch: pytest.MonkeyPatch):
    """A page of ten thousand bad hosts stays small enough to be opened, and says of whom it knows less."""
    monkeypatch.setattr(html_details, "MOST_DETAILED", 3)
    cut = details(AUDIT)
    bad = [str(place) for place, host in enumerate(HOSTS) if host["findings"]]
    assert cut["most"] == 3
    assert [place for place in bad if "cut" not in cut["hosts"][place]] == bad[:3]
    assert all(cut["hosts"][place]["findings"] and "owners" not in cut["hosts"][place] for place in bad[3:])


def test_an_unknown_number_has_its_reason():
    """By the kind that it is of."""
    audit = json.loads(json.dumps(AUDIT))
    place = next(place for place, host in enumerate(audit["hosts"]) if host["findings"])
    host = audit["hosts"][place]
    host["dimensions"]["percpu_bytes"] = None
    host["unavailable"] = {"percpu_bytes": "Too old a kernel."}
    found = details(audit)
    (at,) = (found["hosts"][str(place)]["unknown"][key] for key in ["percpu"])
    assert found["texts"][at] == "Too old a kernel."


def test_limits_are_in_kib_and_only_those_that_the_page_draws():
    """The script divides by them."""
    for place, host in enumerate(HOSTS):
        limits = DETAILS["hosts"].get(str(place), {}).get("limits", {})
        assert all(limit == host["critical_limits"][key] // 1024 for key, limit in limits.items())


def test_texts_that_hosts_share_are_in_the_page_once():
    """Most hosts have the same next step."""
    assert len(set(TEXTS)) == len(TEXTS)
