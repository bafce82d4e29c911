# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options that planning checks before any host is touched, and that the report uses."""

    DOCUMENTATION = r"""
options:
  policy:
    description:
      - The limits that hosts are judged by. The path of a YAML or JSON file, or the policy itself as a mapping.
      - What a policy leaves out keeps its default. Without a policy the defaults hold. See the guide C(docs/policy.md).
      - A relative path starts at the working folder.
      - A wrong policy is an error that names every mistake at once, each with its place.
    type: raw
  outputs:
    description:
      - Which files are written.
      - Known are C(audit.json), C(report.html), C(hosts.csv), C(findings.csv), C(summary.md), C(junit.xml),
        C(metrics.prom) and C(hosts.jsonl).
    type: list
    elements: str
    default: [audit.json, report.html, hosts.csv]
  fail_on:
    description:
      - When the report fails, after it has been written. V(unknown) stands for hosts that gave no data.
      - The default is never to fail, since the audit itself went well.
    type: list
    elements: str
    choices: [critical, warning, unknown]
    default: []
  output_names:
    description: File names of outputs by output, where they shall be called otherwise.
    type: dict
    default: {}
  junit_warnings:
    description: What a host with a warning is in C(junit.xml).
    type: str
    choices: [pass, fail]
    default: pass
  report_mode:
    description:
      - Who may read the files of the report, as four octal digits in quotes, V(0640) say. Who may read them may enter
        the folders that are made for it.
      - Without it V(0640), less what the umask takes away.
    type: str
  history:
    description:
      - Where earlier audits are kept, so that growth and sudden changes can be judged. The path of an SQLite file or a
        V(postgresql://) URL;
        V(none) keeps nothing.
      - Without it the environment variable E(KERNEL_MEM_AUDIT_HISTORY) counts, and without that
        C(reports/history.sqlite3) in the working folder.
      - A store that can't be used costs the history of the run, never its report, which says so.
      - A URL with a password in it belongs in the environment variable or in a libpq service file.
    type: str
  minimum_hosts:
    description:
      - How many hosts the run must have at least. A run without any host is always an error.
    type: int
    default: 1
"""
