# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: one file, no script, right for a reader, with colours that can be read."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._words import KINDS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import html_limits, html_parts, report_html
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic

POLICY = resolve_policy(None)
RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = _audit.build_audit(RUN, RECORDS, POLICY)
PAGE = report_html.render(AUDIT)
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """What a page holds: its elements with attributes, its text by the nearest id, and whether all is closed in order."""

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
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


OUTLINE = Outline(PAGE)


def ids(outline):
    return [attributes["id"] for _unused, attributes in outline.elements if "id" in attributes]


def test_the_page_is_well_formed_and_its_anchors_exist_once():
    assert OUTLINE.untidy == [] and OUTLINE.open == []
    assert len(ids(OUTLINE)) == len(set(ids(OUTLINE)))
    targets = {attributes["href"][1:] for _unused, attributes in OUTLINE.elements if "href" in attributes}
    assert targets <= set(ids(OUTLINE))


def test_there_is_no_script_no_inline_style_no_handler_and_no_address_outside():
    for tag, attributes in OUTLINE.elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "form", "base"}
        assert "style" not in attributes and not any(name.startswith("on") for name in attributes)
        assert all(attributes.get(name, "#").startswith("#") for name in ("href", "src"))
    assert "url(" not in PAGE and "@import" not in PAGE and "http://" not in PAGE


def test_the_content_policy_allows_the_style_sheet_by_its_hash_and_nothing_else():
    style = re.search(r"<style>(.*?)</style>", PAGE, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(attributes["content"] for _unused, attributes in OUTLINE.elements if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_the_verdict_is_the_title_and_the_heading():
    sentence = AUDIT["decision"]["sentence"]
    assert f"<title>{sentence} – kernel memory audit</title>" in PAGE
    assert PAGE.count("<h1>") == 1 and f"<h1>{sentence}</h1>" in PAGE


def test_what_must_be_said_is_said():
    text = " ".join(OUTLINE.text)
    assert "A host without data is not a healthy host" in text
    for host in AUDIT["hosts"]:
        assert host["name"] in text
        for finding in host["findings"]:
            assert finding["explanation"] in text and finding["next_step"] in text and finding["command"] in text
        if host["no_data"]:
            assert host["no_data"]["message"] in text and host["no_data"]["next_step"] in text
    for label, meaning in KINDS.values():
        assert label in text and meaning in text


def test_a_verdict_is_never_colour_alone():
    words = re.findall(r'<span class="st (\w+)"><svg[^>]*><use href="#i-(\w+)"/></svg> ([^<]+)</span>', PAGE)
    assert len(words) == PAGE.count('class="st ')
    assert set(words) <= {
        ("critical", "critical", "Critical"), ("warning", "warning", "Warning"), ("unknown", "unknown", "No data"), ("ok", "ok", "OK"),
        ("info", "info", "For information"),
    }


def test_wide_tables_scroll_in_regions_that_a_keyboard_reaches():
    regions = [attributes for _unused, attributes in OUTLINE.elements if attributes.get("class") == "scroll"]
    assert len(regions) >= 3
    assert all(region["tabindex"] == "0" and region["role"] == "region" and region["aria-label"] for region in regions)


def test_a_large_fleet_shows_the_worst_and_says_where_the_rest_is():
    run, records = synthetic.fleet(3000)
    for entry in records.values():
        if entry["facts"] and int(entry["host"].split("-")[1][:5]) % 4 == 0:
            entry["facts"] = synthetic.facts(entry["host"], slab_share=0.3)
    audit = _audit.build_audit(run, records, POLICY)
    page = report_html.render(audit)
    bad = audit["counts"]["all"]["critical"] + audit["counts"]["all"]["warning"]
    assert page.count('<p class="who">') == 100
    assert f"{bad - 100:,} more need attention; they are in hosts.csv" in page
    assert f"holds only 500 of the {bad + audit['counts']['all']['unknown']:,} that are not OK. All 3,000 are in hosts.csv" in page


def test_ten_thousand_hosts_make_a_page_that_a_mail_takes():
    run, records = synthetic.fleet(10000)
    page = report_html.render(_audit.build_audit(run, records, POLICY))
    assert len(page.encode()) < 2 * 1024**2
    assert Outline(page).untidy == []


def test_a_healthy_fleet_says_so_plainly():
    audit = _audit.build_audit(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, POLICY)
    page = report_html.render(audit)
    assert "<h1>Ready: the only host is within its limits</h1>" in page
    assert "No host that was judged is above a limit." in page and "Every host gave data." in page


def test_notes_are_on_the_page():
    audit = AUDIT | {"notes": ["3 spool records of other runs were left out."]}
    assert "3 spool records of other runs were left out." in report_html.render(audit)


def test_a_lower_bound_and_an_estimate_are_marked():
    for bound, sign in (("lower", "≥ "), ("estimate", "≈ ")):
        entry = synthetic.record("web1")
        entry["facts"]["accounting"]["bound"] = bound
        assert f"<td class=\"num\">{sign}" in report_html.render(_audit.build_audit(synthetic.run(("web1",)), {"web1": entry}, POLICY))


@pytest.mark.parametrize(
    ("level", "phrase"),
    [
        (None, "–"), ({"percent_of_ram": None, "at_least": None}, "–"),
        ({"percent_of_ram": 8, "at_least": 512 * 1024**2, "at_most": 32 * 1024**3}, "8 % of RAM (at least 512 MiB, at most 32 GiB)"),
        ({"percent_of_ram": 1.5, "times_expected": 3}, "1.5 % of RAM, and 3 times what its CPUs and control groups explain"),
        ({"times_expected": 3}, "3 times what its CPUs and control groups explain"),
        ({"percent_of_thread_limit": 50, "times_stack_per_thread": 1.5}, "50 % of the threads that the host allows, or 1.5 times the usual stack per thread"),
        ({"at_most": 1024, "only_if_available_below_percent": 10}, "at most 1 KiB; only while less than 10 % of RAM is available"),
    ],
)
def test_limits_are_in_words(level, phrase):
    assert html_limits.level_phrase(level) == phrase


def test_every_kind_of_limit_of_the_policy_has_words():
    for settings in POLICY["environments"].values():
        for levels in settings["limits"].values():
            for level in levels.values():
                given = [key for key, setting in (level or {}).items() if setting is not None]
                assert len(re.findall(r"\d[\d.]* ", html_limits.level_phrase(level))) == len(given)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 10, "0 %"), (None, 10, "–"), (1, None, "–"), (1, 1000, "0.10 %"), (1, 4, "25.0 %"), (-1, 1000, "-0.10 %")],
)
def test_a_share_is_never_made_up(part, whole, expected):
    assert html_parts.share(part, whole) == expected


# Colours

STYLE = report_html.STYLE_SHEET.read_text(encoding="utf-8")
BLOCKS = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)]
SCHEMES = {"light": BLOCKS[0], "dark": BLOCKS[0] | BLOCKS[1]}


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("text", ["ink", "muted", "link", "critical", "warning", "unknown", "ok", "info"])
def test_text_can_be_read_on_the_page_and_on_soft_ground(scheme, text):
    colours = SCHEMES[scheme]
    assert contrast(colours[text], colours["page"]) >= 4.5
    assert contrast(colours[text], colours["soft"]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["critical-soft", "warning-soft", "unknown-soft", "ok-soft"])
def test_the_verdict_can_be_read_on_its_ground(scheme, ground):
    assert contrast(SCHEMES[scheme]["ink"], SCHEMES[scheme][ground]) >= 7


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("fill", ["critical-fill", "warning-fill", "unknown-fill", "ok-fill", "info-fill", "fixed"])
def test_shapes_and_bars_stand_out_from_the_page(scheme, fill):
    colours = SCHEMES[scheme]
    assert contrast(colours[fill], colours["page"]) >= 3
    assert contrast(colours[fill], colours["track"] if fill == "fixed" else colours["mark"]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_two_parts_of_a_bar_differ_in_lightness_so_that_no_colour_vision_is_needed(scheme):
    colours = SCHEMES[scheme]
    assert contrast(colours["free"], colours["page"]) >= 3
    assert contrast(colours["fixed"], colours["free"]) >= 2.2


def test_every_colour_of_the_page_is_a_token_that_is_checked():
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", re.sub(r"#[a-z]+ ", "", rules)) == []
    assert set(html_parts.FILLS.values()) == {SCHEMES["light"][f"{verdict}-fill"] for verdict in html_parts.FILLS}
