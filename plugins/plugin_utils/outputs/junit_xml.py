# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""junit.xml: one test case a host, for CI servers. A critical host has failed, one without data is an error."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from ..audit.audit import Audit
from ..audit.entry import Entry, SeenFinding
from ..text.safe import visible

WARNINGS = ("pass", "fail")
"""What a host with a warning is: a passed case that says so, or a failed one."""


def pieces(audit: Audit, warnings: str = "pass") -> Iterator[str]:
    """Yield the text of junit.xml: one suite an environment, in the order of their names."""
    suites: dict[str, list[Entry]] = {}
    for host in audit.hosts:
        suites.setdefault(host.environment, []).append(host)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield (
        f"<testsuites name={_quoted('kernel memory: ' + audit.decision.sentence)} {_numbers(audit.hosts, warnings)}>\n"
    )
    for environment in sorted(suites):
        hosts, started = suites[environment], audit.started_at.rstrip("Z")
        yield f"<testsuite name={_quoted(environment)} {_numbers(hosts, warnings)} timestamp={_quoted(started)}>\n"
        for host in hosts:
            yield _case(host, warnings)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _numbers(hosts: Iterable[Entry], warnings: str) -> str:
    listed = list(hosts)
    results = [_result(host, warnings) for host in listed]
    return (
        f'tests="{len(listed)}" failures="{results.count("failure")}" errors="{results.count("error")}" '
        f'skipped="{results.count("skipped")}" '
        f'time="{sum(_seconds(host) for host in listed):.3f}"'
    )


def _result(host: Entry, warnings: str) -> str | None:
    """Return the element that says how the case ended; None for a passed one."""
    if host.no_data:
        # Its kernel is a case of its own, under the other name.
        return "skipped" if host.no_data.reason == "shared_kernel" else "error"
    return "failure" if host.verdict == "critical" or (host.verdict == "warning" and warnings == "fail") else None


def _case(host: Entry, warnings: str) -> str:
    start = (
        f"<testcase classname={_quoted('kernel_memory.' + host.environment)} name={_quoted(host.name)} "
        f'time="{_seconds(host):.3f}"'
    )
    result, no_data = _result(host, warnings), host.no_data
    if no_data is not None and result == "skipped":
        return f"{start}><skipped message={_quoted(no_data.message)}/></testcase>\n"
    if no_data is not None:
        said = _text(f"Next: {no_data.next_step}")
        return (
            f"{start}><error type={_quoted(no_data.reason)} "
            f"message={_quoted(no_data.message)}>{said}</error></testcase>\n"
        )
    said = "\n".join(_text(line) for finding in host.findings for line in _lines(finding))
    if result == "failure":
        worst = host.findings[0].explanation if host.findings else host.verdict
        return f"{start}><failure type={_quoted(host.verdict)} message={_quoted(worst)}>{said}</failure></testcase>\n"
    return f"{start}><system-out>{said}</system-out></testcase>\n" if said else f"{start}/>\n"


def _lines(finding: SeenFinding) -> list[str]:
    lines = [f"[{finding.severity}] {finding.explanation}", f"Next: {finding.next_step}"]
    return [*lines, f"  {finding.command}"] if finding.command else lines


def _seconds(host: Entry) -> float:
    return float(host.duration_ms or 0) / 1000


def _text(value: str) -> str:
    # XML 1.0 has no way at all to write most control characters; as visible escapes they can be read.
    return html.escape(visible(value), quote=False)


def _quoted(value: str) -> str:
    return f'"{html.escape(visible(value), quote=True)}"'
