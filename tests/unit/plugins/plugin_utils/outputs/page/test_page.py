# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: one file with nothing from outside, right for a reader, with or without history."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from html.parser import HTMLParser

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS, TABLE
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import causes as html_causes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.names import shared_ending
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

POLICY = policy_of(None)
RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = built(RUN, RECORDS, POLICY)
PAGE = report_html.render(read(AUDIT))
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """What a page holds: its elements with attributes, its text by the nearest id, and whether all is closed in
    order.
    """

    def __init__(self, page):
        super().__init__()
        self.elements, self.open, self.text, self.untidy = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.untidy.append(tag)

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


OUTLINE = Outline(PAGE)


def ids(outline):
    return [attributes["id"] for _unused, attributes in outline.elements if "id" in attributes]


def test_the_page_is_well_formed_and_its_anchors_exist_once():
    assert OUTLINE.untidy == [] and OUTLINE.open == []
    assert len(ids(OUTLINE)) == len(set(ids(OUTLINE)))
    targets = {attributes["href"][1:] for _unused, attributes in OUTLINE.elements if "href" in attributes}
    assert targets <= set(ids(OUTLINE))


def test_there_is_no_inline_style_no_handler_and_no_address_outside():
    for tag, attributes in OUTLINE.elements:
        assert tag not in {"link", "img", "iframe", "object", "base", "noscript"}
        assert (
            "style" not in attributes
            and "src" not in attributes
            and not any(name.startswith("on") for name in attributes)
        )
        assert attributes.get("href", "#").startswith("#")
    # Patterns are in the page itself.
    assert set(re.findall(r"url\(([^)]*)\)", PAGE)) <= {"#p-hatch", "#p-dots", "#p-gap"}
    assert "https://" not in PAGE.replace("https://www.gnu.org", "") and "@import" not in PAGE
    assert "http://" not in PAGE.replace("http://www.w3.org/2000/svg", "")


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_content_policy_allows_style_sheet_and_script_by_their_hashes_and_nothing_else():
    style = re.search(r"<style>(.*?)</style>", PAGE, re.DOTALL).group(1)
    script = re.search(r"<script>(.*?)</script>", PAGE, re.DOTALL).group(1)
    policy = next(
        attributes["content"]
        for _unused, attributes in OUTLINE.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; base-uri 'none'; form-action "
        "'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_the_script_never_makes_html_of_a_text():
    script = "".join(path.read_text(encoding="utf-8") for path in report_html.SCRIPTS)
    for dangerous in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "DOMParser",
        "srcdoc",
        "createContextualFragment",
        "fetch(",
        "XMLHttpRequest",
        "import(",
        'setTimeout("',
        "<script",
        "</",
    ):
        assert dangerous not in script, dangerous


def test_the_verdict_is_the_title_and_the_heading():
    sentence = AUDIT["decision"]["sentence"]
    assert f"<title>{sentence} – kernel memory audit</title>" in PAGE
    assert PAGE.count("<h1>") == 1 and f"<span>{sentence}</span></h1>" in PAGE


def test_what_must_be_said_is_said():
    text = " ".join(" ".join(OUTLINE.text).split())
    assert "A host without data is not a healthy host" in text
    ending = shared_ending([host["name"] for host in AUDIT["hosts"]])
    assert f"All names end in {ending}" in text
    for host in AUDIT["hosts"]:
        assert host["name"].removesuffix(ending) in text
        for finding in host["findings"]:
            assert finding["explanation"] in text and finding["next_step"] in text and finding["command"] in text
        if host["no_data"]:
            assert host["no_data"]["message"] in text and host["no_data"]["next_step"] in text
    for label, meaning in [(TABLE[name].label, TABLE[name].sentence) for name in DIMENSIONS]:
        assert label in text and meaning in text


def test_a_verdict_is_never_colour_alone():
    words = re.findall(r'<span class="st (\w+)"><svg[^>]*><use href="#i-(\w+)"/></svg> ([^<]+)</span>', PAGE)
    assert len(words) == PAGE.count('class="st ')
    assert set(words) <= {
        ("critical", "critical", "Critical"),
        ("warning", "warning", "Warning"),
        ("unknown", "unknown", "No data"),
        ("ok", "ok", "Within limits"),
        ("info", "info", "For information"),
    }


def test_wide_tables_scroll_in_regions_that_a_keyboard_reaches():
    regions = [attributes for _unused, attributes in OUTLINE.elements if attributes.get("class") == "scroll"]
    assert len(regions) >= 3
    assert all(region["tabindex"] == "0" and region["role"] == "region" and region["aria-label"] for region in regions)


def test_a_large_fleet_shows_its_causes_and_says_where_the_rest_is():
    run, records = synthetic.fleet(1200)
    for entry in records.values():
        if entry["facts"] and int(entry["host"].split("-")[1][:5]) % 4 == 0:
            entry["facts"] = synthetic.facts(entry["host"], slab_share=0.3)
    audit = built(run, records, POLICY)
    page = report_html.render(read(audit))
    bad = audit["counts"]["all"]["critical"] + audit["counts"]["all"]["warning"]
    cards = page.count('<div class="left">')
    assert 1 <= cards <= html_causes.MOST_CAUSES and page.count("<h4>Who uses it</h4>") <= cards < bad
    assert f'<h2>Needs attention <span class="mu">{bad:,} hosts, {cards} causes' in page
    assert (
        f"holds only 200 of the {bad + audit['counts']['all']['unknown']:,} that are not within their limits. "
        "All 1,200 are in hosts.csv" in page
    )


@pytest.mark.once
def test_ten_thousand_hosts_with_thirty_runs_make_a_page_that_a_mail_takes():
    page = "".join(report_html.pieces(read(audits.audit_with_history(10000))))
    assert len(page.encode()) < 5 * 1000**2
    assert Outline(page).untidy == []


@pytest.mark.once
def test_a_thousand_hosts_stay_below_one_megabyte():
    assert len(report_html.render(read(audits.audit_with_history(1000))).encode()) < 1000**2


def test_the_same_audit_gives_the_same_bytes_in_pieces_of_a_modest_size():
    audit = audits.audit_with_history(300)
    pieces = list(report_html.pieces(read(audit)))
    assert "".join(pieces) == report_html.render(read(copy.deepcopy(audit)))
    assert len(pieces) > 40


def test_sections_that_have_nothing_to_say_are_left_out_with_their_links():
    assert 'href="#changes"' not in PAGE and 'href="#fleet"' in PAGE
    single = report_html.render(
        read(built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, POLICY) | {"caches": []})
    )
    for anchor in ("fleet", "compare", "caches", "changes"):
        assert f'href="#{anchor}"' not in single and f'id="{anchor}"' not in single


def test_an_audit_of_an_older_version_without_the_additions_has_a_page():
    added = ("history", "changes", "caches", "fleet_findings", "waivers")
    older = {key: copy.deepcopy(AUDIT[key]) for key in AUDIT if key not in added}
    for host in older["hosts"]:
        for field in ("trend", "groups", "profiles", "waived"):
            host.pop(field, None)
        for finding in host["findings"]:
            finding.pop("first_seen_at", None)
    for group in older["groups"]:
        group.pop("shared", None)
        group.pop("regression", None)
    assert Outline(report_html.render(read(older))).untidy == []


def test_a_healthy_fleet_says_so_plainly():
    audit = built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, POLICY)
    page = report_html.render(read(audit))
    assert "<span>The only host is within its limits</span></h1>" in page
    assert "No host that was judged is above a limit." in page and "Every host gave data." in page


def test_notes_are_on_the_page():
    audit = AUDIT | {"notes": ["3 spool records of other runs were left out."]}
    assert "3 spool records of other runs were left out." in report_html.render(read(audit))


def test_a_lower_bound_and_an_estimate_are_marked():
    for bound, sign in (("lower", "≥ "), ("estimate", "≈ ")):
        entry = synthetic.record("web1")
        entry["facts"]["accounting"]["bound"] = bound
        assert f">{sign}" in report_html.render(read(built(synthetic.run(("web1",)), {"web1": entry}, POLICY)))


def test_limits_are_in_words_and_a_dash_where_there_is_none():
    page = report_html.render(read(AUDIT))
    assert "<td>8 % of RAM, at least 512 MiB, at most 32 GiB</td>" in page
    assert re.search("Reclaimable slab</th><td>[^<]*, if less than 10 % is available</td><td>–</td>", page)


def test_a_next_step_is_said_once_on_a_card():
    audit = copy.deepcopy(AUDIT)
    host = next(host for host in audit["hosts"] if host["findings"])
    host["findings"] = [
        synthetic.finding(next_step="Look here.", command="a"),
        synthetic.finding(next_step="Look here.", command="a"),
    ]
    host["findings"].append(synthetic.finding(next_step="Look there.", command="b"))
    audit["hosts"] = [host]
    read_audit = read(audit)
    shown = html_causes.attention(read_audit, causes_of(read_audit.hosts), "")
    shown = re.sub(r'data-copy="[^"]*"', "", shown)
    assert shown.count("Look here.") == 1 and shown.count("Look there.") == 1
    assert shown.index("Look here.") < shown.index("Look there.")
