#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_history
short_description: Look after the history of kernel memory audits, and bring in what other tools have kept
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Audits judge growth and sudden changes by the samples of earlier audits, which are kept in a history store.
    This module imports what sysstat, Prometheus, Netdata and PCP already know, so that the first audit has baselines;
    and it prunes, verifies, exports and replays the store.
  - It runs on the controller, and opens a connection to a host only to read what its sysstat has kept.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  operation:
    description:
      - V(info) says what is in the store.
      - V(import) adds daily medians of what another tool has kept, says in one line what came, and fails where nothing
        did. Importing the same again changes nothing, and an import that was ended can be begun again.
      - V(read) reads what the sysstat or Netdata of the host itself has kept, and keeps nothing; V(import) with
        O(results) keeps it for all hosts.
      - V(prune) removes what is older than O(keep_history_days), and of days that are older than O(keep_days) and have
        several samples of a host all but the lowest, median and highest amounts. What the rules still look at stays,
        and so does the only sample of a day; RV(stays) says what stayed and why.
      - V(verify) checks the store, and fails where something is wrong in it; each problem says what to do.
      - V(rebuild) makes anew what follows from the samples (the series that the rules read, what was found last,
        counts), and removes what can't be read any more. It is the way out of what V(verify) finds.
      - V(export) writes everything to O(dest) as JSON lines, which O(operation=import) with O(source=export) takes
        back.
      - V(replay) judges the stored samples day by day by O(policy), and says how many alarms there would have been.
    type: str
    choices: [info, import, read, prune, verify, rebuild, export, replay]
    default: info
  store:
    description:
      - The path of an SQLite file, a V(postgresql://) URL, or settings of libpq such as V(service=fleet). A
        relative path starts at the working folder. What is none of these is refused.
      - Without it the environment variable E(KERNEL_MEM_AUDIT_HISTORY) counts, and without that
        C(reports/history.sqlite3).
      - A password belongs in a password file (C(~/.pgpass), C(passfile)), a libpq service file, E(PGPASSWORD) or the
        environment variable above, not here.
      - A store of an older release is brought forward by V(import), V(prune) and V(rebuild), after a copy of an
        SQLite file; the other operations read it as it is.
    type: str
  source:
    description: Which tool the texts of an import are of.
    type: str
    choices: [prometheus, netdata, sysstat, pcp, export]
  files:
    description:
      - Files on the controller with what the tool printed or answered. Wildcards are allowed.
      - Prometheus, what C(/api/v1/query_range) answers; Netdata, what C(/api/v1/data) answers for each chart; sysstat,
        what
        C(sadf -j -- -r ALL) prints; PCP, what C(pmrep -o csv) or C(pcp2json) prints.
    type: list
    elements: path
    default: []
  content:
    description: The same as text, for what a task before has registered.
    type: list
    elements: str
    default: []
  url:
    description: The base URL of a Prometheus or Netdata server, which is asked for the last O(days) days.
    type: str
  days:
    description: How far back O(url) is asked, in whole days of UTC.
    type: int
    default: 30
  host:
    description: The inventory's name of the host, for Netdata and the CSV of PCP, and for others where the host calls
      itself otherwise.
    type: str
  names:
    description: The inventory's names of hosts by what the tool calls them (for Prometheus the label C(instance), with
      or without its port). They win over all other ways to match.
    type: dict
    default: {}
  name_pattern:
    description: A regular expression that is looked for in what the tool calls a host; its first group is the
      inventory's name. It comes after O(names).
    type: str
    version_added: 1.0.0
  match_inventory:
    description:
      - Take hosts of the play only. They are matched by O(names), O(name_pattern), their name, their C(ansible_host),
        and their short name where one of the two has no domain. What may be two hosts is refused and named.
      - Without it every host is taken, under its name without a port.
      - For O(operation=replay), judge each host by the environment of its groups, as they are now, and let waivers of
        groups count.
    type: bool
    default: false
    version_added: 1.0.0
  results:
    description: The name of the variable that the tasks with O(operation=read) have registered; of each host of the
      play.
    type: str
    version_added: 1.0.0
  selector:
    description: Label matchers of PromQL, such as C(job="node"), for a Prometheus server that has more than one series
      of a host.
    type: str
    default: ""
    version_added: 1.0.0
  token:
    description:
      - A bearer token for O(url).
      - Without it the environment variable E(KERNEL_MEM_AUDIT_IMPORT_TOKEN) counts.
    type: str
    version_added: 1.0.0
  headers:
    description:
      - Headers for O(url), such as a tenant's.
      - Without them the environment variable E(KERNEL_MEM_AUDIT_IMPORT_HEADERS) counts, a mapping as JSON.
    type: dict
    default: {}
    version_added: 1.0.0
  ca_path:
    description:
      - The file of the authority that signed the certificate of O(url).
      - Without it the environment variable E(KERNEL_MEM_AUDIT_IMPORT_CA_PATH) counts, and without that those that the
        system trusts.
    type: path
    version_added: 1.0.0
  client_cert:
    description:
      - The file of a certificate by which O(url) knows the controller; its key may be in it.
      - Without it the environment variable E(KERNEL_MEM_AUDIT_IMPORT_CLIENT_CERT) counts.
    type: path
    version_added: 1.0.0
  client_key:
    description:
      - The file of the key of O(client_cert).
      - Without it the environment variable E(KERNEL_MEM_AUDIT_IMPORT_CLIENT_KEY) counts.
    type: path
    version_added: 1.0.0
  keep_days:
    description:
      - From so many days on O(operation=prune) keeps the median, lowest and highest amounts of days with several
        samples instead of the samples.
    type: int
    default: 90
  keep_history_days:
    description: From so many days on O(operation=prune) removes what is known of a host.
    type: int
    default: 400
  dest:
    description: The file that O(operation=export) writes, or that gets the alarms of O(operation=replay), as a page
      where it ends in C(.html) and else as CSV.
    type: path
  policy:
    description: The policy of O(operation=replay), as a path or a mapping. Without it the built-in one.
    type: raw
  environment:
    description: The environment that O(operation=replay) judges all hosts by; with O(match_inventory) those that are
      not in the inventory.
    type: str
    default: production
  since_days:
    description: How many days O(operation=replay) goes back.
    type: int
    default: 30
notes:
  - Imported samples have what the other tool has. sysstat has neither the two kinds of slab apart nor per-CPU memory,
    PCP and Netdata
    have no boot id, and none has what no counter names; what is missing is not known, and is not judged.
  - Use it with C(run_once) and C(delegate_to=localhost) where a play has several hosts.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Bring in thirty days from Prometheus
  fleetaudit.kernel_memory.kernel_memory_history:
    operation: import
    source: prometheus
    url: http://prometheus.example.org:9090

- name: Say what is in the store
  fleetaudit.kernel_memory.kernel_memory_history:
  register: kernel_memory_store

- name: See what a policy would have said last month
  fleetaudit.kernel_memory.kernel_memory_history:
    operation: replay
    policy: policy.yml
    dest: alarms.csv

- name: Keep the store small
  fleetaudit.kernel_memory.kernel_memory_history:
    operation: prune
    keep_days: 60
"""

RETURN = r"""
store:
  description: What is in the store after the operation. Its name has no password in it.
  returned: success
  type: dict
  contains:
    name: {description: Path or URL of the store., type: str, sample: /home/operator/reports/history.sqlite3}
    engine: {description: V(sqlite) or V(postgresql)., type: str, sample: sqlite}
    schema_version:
      description: Version of the tables. That of an older release is as it was, where the operation only reads.
      type: int
      sample: 2
    runs: {description: Number of runs., type: int, sample: 30}
    hosts: {description: Number of hosts., type: int, sample: 212}
    samples: {description: Number of samples., type: int, sample: 6360}
    first_run_at:
      description: When the first run began; null in an empty store.
      type: str
      sample: "2026-10-25T02:00:00Z"
    last_run_at:
      description: When the latest run began; null in an empty store.
      type: str
      sample: "2026-11-24T02:00:00Z"
    last_report_at:
      description:
        When the last run began whose report was written and that judged a host live; null where there is none.
      type: str
      sample: "2026-11-24T02:00:00Z"
imported:
  description: What an import added.
  returned: O(operation=import)
  type: dict
  contains:
    days: {description: Days that had something., type: int, sample: 30}
    first_day: {description: The first of them., type: str, sample: "2026-10-25"}
    last_day: {description: The last of them., type: str, sample: "2026-11-24"}
    hosts: {description: Names of the hosts., type: list, elements: str, sample: [web1, web2]}
    inserted: {description: New samples., type: int, sample: 60}
    duplicates: {description: Samples that were there already., type: int, sample: 0}
    dimensions:
      description: The dimensions that at least one sample has.
      type: list
      elements: str
      sample: [kernel_stack, page_tables]
    unmatched: {description: What matched no host., type: list, elements: str, sample: ["web7.example.org:9100"]}
    refused: {description: "What is not clearly one host, each with the reason.", type: dict, sample: {}}
    missing: {description: "Hosts of which nothing could be read, each with the reason.", type: dict, sample: {}}
    message:
      description: The same in one line, which is also shown.
      type: str
      sample: "2 hosts, 30 days, 60 samples added, 2026-10-25 to 2026-11-24; dimensions kernel_stack, page_tables."
read:
  description: What a host's own tool has kept, for O(operation=import) with O(results); empty where there is nothing.
  returned: O(operation=read)
  type: str
  sample: ""
reason:
  description: Why there is nothing; null where there is something.
  returned: O(operation=read)
  type: str
  sample: null
pruned:
  description: How much of what was removed; C(days) are summaries of days, C(records) those of slices.
  returned: O(operation=prune)
  type: dict
  sample: {days: 0, findings: 12, hosts: 1, owners: 0, records: 0, rollouts: 0, runs: 0, samples: 4240}
stays:
  description: What is older than O(keep_days) and stayed, and why; and what could not be packed since it is damaged.
  returned: O(operation=prune)
  type: list
  elements: str
  sample: []
rebuilt:
  description: How many series were made anew, and how many blocks of samples and hosts' owners were lost.
  returned: O(operation=rebuild)
  type: dict
  sample: {lost_blocks: 0, lost_owners: 0, series: 212}
problems:
  description: What is wrong in the store, one sentence each.
  returned: O(operation=verify)
  type: list
  elements: str
  sample: []
exported:
  description: Number of lines written to O(dest).
  returned: O(operation=export)
  type: int
  sample: 6602
replayed:
  description: What the policy would have said.
  returned: O(operation=replay)
  type: dict
  contains:
    hosts: {description: Hosts with samples., type: int, sample: 212}
    samples: {description: Samples judged., type: int, sample: 6360}
    host_days: {description: Days with a sample added up over all hosts., type: int, sample: 6360}
    rates:
      description: New alarms for 1000 host-days by severity; null without a day.
      type: dict
      sample: {critical: 0.0, warning: 0.31}
    days:
      description: Each day with a new alarm and its hosts.
      type: list
      elements: dict
      sample: [{critical: 0, day: "2026-11-20", hosts: [web1], warning: 1}]
    left_out:
      description: What an audit would have looked at and a replay can't, one sentence each.
      type: list
      elements: str
      sample: []
    alarms: {description: The first 1000 alarms., type: list, elements: dict, sample: []}
"""
