# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page where scripts or styles are not allowed: scripts off in the browser, and as Jenkins serves archived files
by default.
"""

from __future__ import annotations

import http.server
import threading

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits

JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"
POLICIES = {"jenkins": JENKINS, "self only": "default-src 'self'", "none": None}
AUDIT = audits.audit_with_history(200)


@pytest.fixture(scope="module")
def server(pages):
    """Serves the page /past.html under the policy that the address asks for: /jenkins/past.html."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = pages["past"].read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            policy = POLICIES[self.path.split("/")[1].replace("%20", " ")]
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_unused):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()


def what_a_reader_needs():
    """The texts that must be seen whatever is forbidden: verdict, changes, causes, the worst host, and what gave no
    data.
    """
    worst, missing = AUDIT["hosts"][0], [host for host in AUDIT["hosts"] if host["no_data"]][0]
    yield AUDIT["decision"]["sentence"]
    yield from (f"{AUDIT['counts']['all'][verdict]:,}" for verdict in ("critical", "warning", "unknown", "ok"))
    yield from (
        "Since 2026-11-23 12:00 UTC: 4 new",
        AUDIT["changes"]["new"][0]["name"],
        AUDIT["groups"][0]["explanation"],
    )
    yield from (AUDIT["groups"][0]["shared"]["sentence"], AUDIT["fleet_findings"][0]["explanation"])
    yield from (worst["name"], worst["findings"][0]["explanation"], worst["findings"][0]["next_step"])
    yield from (
        missing["name"],
        missing["no_data"]["message"],
        "A host without data is not a healthy host",
        "kmalloc-512",
        AUDIT["hosts"][-1]["name"].removesuffix(".example.net"),
    )


def text_of(browser):
    """The visible text, with what is folded."""
    document = browser.call("DOM.getDocument", depth=-1)["root"]
    found = []

    def walk(node, hidden):
        hidden = hidden or node["nodeName"] in ("SCRIPT", "STYLE") or "hidden" in node.get("attributes", [])[::2]
        if node["nodeName"] == "#text" and not hidden:
            found.append(node["nodeValue"])
        for child in node.get("children", []):
            walk(child, hidden)

    walk(document, False)
    return " ".join(" ".join(found).split())


def test_all_that_matters_is_there_without_scripts(browser, pages):
    browser.scripts(False)
    browser.open(pages["past"])
    shown = text_of(browser)
    for words in what_a_reader_needs():
        assert words in shown, words
    assert browser.console == [] and browser.requests == [pages["past"].as_uri()]


def test_all_that_matters_is_there_as_jenkins_serves_it(browser, server):
    """No script, no style: what is hidden by an attribute stays hidden, and shapes keep their colours."""
    browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    browser.go(f"{server}/jenkins/past.html")
    shown = text_of(browser)
    for words in what_a_reader_needs():
        assert words in shown, words
    assert "Filter the hosts" not in shown and "Previous" not in shown
    styled = (
        browser.call("CSS.getComputedStyleForNode", nodeId=node(browser, "h1"))["computedStyle"]
        if enable_css(browser)
        else []
    )
    assert {"name": "font-family", "value": "system-ui, -apple-system"} not in styled
    fills = [
        node_attribute(browser, one, "fill")
        for one in browser.call("DOM.querySelectorAll", nodeId=root(browser), selector="svg.bar rect")["nodeIds"]
    ]
    assert fills and all(fills)


def root(browser):
    return browser.call("DOM.getDocument")["root"]["nodeId"]


def node(browser, selector):
    return browser.call("DOM.querySelector", nodeId=root(browser), selector=selector)["nodeId"]


def node_attribute(browser, node_id, name):
    pairs = browser.call("DOM.getAttributes", nodeId=node_id)["attributes"]
    return dict(zip(pairs[::2], pairs[1::2], strict=True)).get(name)


def enable_css(browser):
    browser.call("DOM.enable")
    browser.call("CSS.enable")
    return True


@pytest.mark.parametrize("policy", ["none"])
def test_everything_works_from_a_server_without_a_policy_of_its_own(browser, server, policy):
    browser.go(f"{server}/{policy}/past.html")
    assert browser.value("document.querySelectorAll('#rows tr').length") == 50
    assert [one for one in browser.requests if not one.endswith("/favicon.ico")] == [
        f"{server}/{policy}/past.html"
    ] and browser.console == []


def test_a_server_that_allows_files_only_leaves_the_static_page(browser, server):
    """Its policy forbids what stands in the page itself; scripting counts as on, so nothing may hang on noscript."""
    browser.go(f"{server}/self%20only/past.html")
    shown = text_of(browser)
    for words in what_a_reader_needs():
        assert words in shown, words
