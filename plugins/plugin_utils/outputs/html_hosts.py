# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page about single hosts: what needs attention, what gave no data, and the table of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._words import (
    BOUND_LABELS,
    KINDS,
    NO_DATA_LABELS,
    hosts_phrase,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.html_attribution import attribution
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.html_parts import (
    DASH,
    Column,
    memory_bar,
    name,
    share,
    size,
    status,
    table,
    text,
)

MOST_GROUPS = 12
MOST_HOSTS = 100
MOST_ROWS = 500
MOST_NAMES = 8
MOST_FOLDED_NAMES = 100
MOST_MESSAGES = 8
REMARK_HEAD = '<th scope="col">Remark</th>'
BOUND_SIGNS = {"exact": "", "lower": "≥ ", "estimate": "≈ "}


def attention(audit: Mapping[str, Any]) -> str:
    """Return the findings that many hosts share, then the hosts, worst first."""
    bad = [host for host in audit["hosts"] if host["verdict"] in ("critical", "warning")]
    parts = [f'<section id="attention"><h2>Needs attention <span class="mu">{len(bad):,}</span></h2>']
    shown = audit["groups"][:MOST_GROUPS]
    if shown:
        items = "".join(_group(group) for group in shown)
        parts.append(f'<h3>Same finding on many hosts</h3>\n<p class="mu">Start here: one cause often explains many hosts.</p>\n<ul class="cards">{items}</ul>')
    if bad:
        # What a group above says once is not said again on each of its hosts.
        said = {(group["next_step"], group["command"]) for group in shown}
        items = "\n".join(_host(host, said) for host in bad[:MOST_HOSTS])
        parts.append(f'<h3>Hosts, worst first</h3>\n{_key()}\n<ol class="cards">{items}</ol>')
    if len(bad) > MOST_HOSTS:
        parts.append(f'<p class="more">{len(bad) - MOST_HOSTS:,} more need attention; they are in hosts.csv, in the same order.</p>')
    if not bad:
        parts.append("<p>No host that was judged is above a limit.</p>")
    return "\n".join(parts) + "</section>"


def _key() -> str:
    swatch = '<svg width="12" height="10" aria-hidden="true" focusable="false"><rect class="{}" fill="{}" width="12" height="10"/></svg>'
    return (
        f'<p class="key">The bar is the host\'s RAM. <span>{swatch.format("f-fixed", "#0b3d7a")} unreclaimable kernel memory</span> '
        f'<span>{swatch.format("f-free", "#4b8bcb")} reclaimable</span></p>'
    )


def _group(group: Mapping[str, Any]) -> str:
    names = ", ".join(name(host) for host in group["hosts"][:MOST_NAMES])
    more = f" and {len(group['hosts']) - MOST_NAMES:,} more" if len(group["hosts"]) > MOST_NAMES else ""
    return (
        f'<li class="card {text(group["severity"])}"><div class="what"><p>{status(group["severity"])} <strong>{text(group["explanation"])}</strong></p>'
        f'{_next(group)}<p class="names">{names}{more}</p></div>'
        f'<p class="figure"><b>{len(group["hosts"]):,}</b> <span class="mu">hosts</span></p></li>'
    )


def _next(finding: Mapping[str, Any]) -> str:
    command = f" <code>{text(finding['command'])}</code>" if finding["command"] else ""
    return f'<p class="next"><span>Next:</span> {text(finding["next_step"])}{command}</p>'


def _host(host: Mapping[str, Any], said: set[tuple[str, str]]) -> str:
    memory = (host["host"] or {}).get("memory_total_bytes")
    findings = "".join(
        f'<p class="why">{_mark(finding, host)}{text(finding["explanation"])}</p>'
        + ("" if (finding["next_step"], finding["command"]) in said else _next(finding))
        for finding in host["findings"]
    )
    folded = "".join(_next(finding) for finding in host["findings"] if (finding["next_step"], finding["command"]) in said)
    release = text((host["host"] or {}).get("kernel_release") or "kernel not known", 80)
    return (
        f'<li class="card {text(host["verdict"])}"><div class="what">'
        f'<p class="who">{status(host["verdict"])} <strong>{name(host["name"])}</strong> <span class="mu">{name(host["environment"])} · {release}</span></p>'
        f"{findings}{_account(host, folded)}</div>"
        f'<p class="figure"><b>{_total(host)}</b> '
        f'<span class="mu">{share(host["kernel_total_bytes"], memory)} of {size(memory)} RAM</span> {memory_bar(host)}</p></li>'
    )


def _mark(finding: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the severity of a finding where it is not that of its host anyway."""
    return "" if finding["severity"] == host["verdict"] else status(finding["severity"]) + " "


def _total(host: Mapping[str, Any]) -> str:
    if host["kernel_total_bytes"] is None:
        return DASH
    return BOUND_SIGNS[host["accounting"]["bound"]] + size(host["kernel_total_bytes"])


def _account(host: Mapping[str, Any], folded: str) -> str:
    """Return the whole account of a host after the *folded* HTML, closed until somebody wants it."""
    memory = (host["host"] or {}).get("memory_total_bytes")
    dimensions, unavailable = host["dimensions"] or {}, host["unavailable"]
    rows, remarked = [], any(unavailable.get(key) or unavailable.get(f"{key}_bytes") for key in KINDS)
    for key, (label, _unused) in KINDS.items():
        amount = dimensions.get(f"{key}_bytes")
        reason = unavailable.get(key) or unavailable.get(f"{key}_bytes") or ""
        rows.append(
            f'<tr><th scope="row">{label}</th><td class="num">{size(amount)}</td><td class="num">{share(amount, memory)}</td>'
            + (f"<td>{text(reason, 200)}</td>" if remarked else "") + "</tr>"
        )
    accounting = host["accounting"] or {"bound": "exact", "reasons": [], "holders": []}
    remarks = [BOUND_LABELS[accounting["bound"]], *accounting["reasons"][:6], *(f"{one['name']}: {one['explanation']}" for one in accounting["holders"][:4])]
    coverage = [f"Coverage: {host['coverage']['text']}."] if host["coverage"] and host["coverage"].get("text") else []
    return (
        f'<details><summary>{"Next step and whole account" if folded else "Whole account"}</summary>{folded}<table>'
        '<thead><tr><th scope="col">Kind</th><th scope="col" class="num">Size</th>'
        '<th scope="col" class="num">Of RAM</th>'
        f'{REMARK_HEAD if remarked else ""}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f'<p class="mu">{" ".join(text(remark, 300) for remark in [*remarks, *coverage])}</p>{attribution(host)}</details>'
    )


def without_data(audit: Mapping[str, Any]) -> str:
    """Return the hosts without data by reason, each reason with a next step."""
    by_reason: dict[str, list[Mapping[str, Any]]] = {}
    for host in audit["hosts"]:
        if host["no_data"]:
            by_reason.setdefault(host["no_data"]["reason"], []).append(host)
    missing = sum(len(hosts) for hosts in by_reason.values())
    heading = f'<section id="no-data"><h2>No data <span class="mu">{missing:,}</span></h2>'
    if not by_reason:
        return f"{heading}<p>Every host gave data.</p></section>"
    items = "\n".join(_reason(reason, hosts) for reason, hosts in sorted(by_reason.items(), key=lambda entry: (-len(entry[1]), entry[0])))
    return (
        f"{heading}\n<p>A host without data is not a healthy host.</p>\n"
        f'<ul class="cards">{items}</ul></section>'
    )


def _reason(reason: str, hosts: Sequence[Mapping[str, Any]]) -> str:
    by_message: dict[str, list[str]] = {}
    for host in hosts:
        by_message.setdefault(host["no_data"]["message"], []).append(host["name"])
    ordered = sorted(by_message.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    items = "".join(_message(message, names) for message, names in ordered[:MOST_MESSAGES])
    rest = sum(len(names) for _unused, names in ordered[MOST_MESSAGES:])
    more = f'<p class="names">{hosts_phrase(rest)} with other messages; see hosts.csv.</p>' if rest else ""
    return (
        f'<li class="card unknown"><div class="what"><p>{status("unknown")} <strong>{text(NO_DATA_LABELS[reason])}</strong></p>'
        f'<p class="next"><span>Next:</span> {text(hosts[0]["no_data"]["next_step"])}</p><ul class="messages">{items}</ul>{more}</div>'
        f'<p class="figure"><b>{len(hosts):,}</b> <span class="mu">{"host" if len(hosts) == 1 else "hosts"}</span></p></li>'
    )


def _message(message: str, names: Sequence[str]) -> str:
    """Return one message with the hosts that gave it: many hosts often fail in the same way."""
    shown = ", ".join(name(host) for host in names[:MOST_NAMES])
    rest = names[MOST_NAMES:]
    more = ""
    if rest:
        beyond = f" and {len(rest) - MOST_FOLDED_NAMES:,} more, see hosts.csv" if len(rest) > MOST_FOLDED_NAMES else ""
        folded = ", ".join(name(host) for host in rest[:MOST_FOLDED_NAMES])
        more = f'<details><summary>{hosts_phrase(len(rest))} more</summary><p class="names">{folded}{beyond}</p></details>'
    return f'<li>{text(message, 300)}<p class="names">{shown}</p>{more}</li>'


def all_hosts(audit: Mapping[str, Any]) -> str:
    """Return the table of all hosts; of a large fleet only those that need attention, and it says so."""
    hosts = audit["hosts"]
    heading = f'<section id="hosts"><h2>All hosts <span class="mu">{len(hosts):,}</span></h2>'
    if len(hosts) > MOST_ROWS:
        bad = [host for host in hosts if host["verdict"] != "ok"]
        shown = bad[:MOST_ROWS]
        which = f"the {len(bad):,}" if len(shown) == len(bad) else f"{len(shown):,} of the {len(bad):,}"
        note = (
            f"<p>The fleet has more than {MOST_ROWS} hosts, so this table holds only {which} that are not OK. "
            f"All {len(hosts):,} are in hosts.csv beside this page.</p>"
        )
    else:
        shown, note = hosts, '<p class="mu">Worst first. The columns from unreclaimable slab to other counted add up to the kernel memory.</p>'
    columns = [
        Column("Host"), Column("Verdict"), Column("Environment"), Column("Kernel"), Column("RAM", True), Column("Kernel memory", True),
        Column("Of RAM", True), Column("Unreclaimable", True), *(Column(label, True) for label, _unused in KINDS.values()), Column("Coverage"),
    ]
    return f'{heading}\n{note}\n{table("All hosts", columns, [_row(host) for host in shown], "wide")}</section>' if shown else f"{heading}\n{note}</section>"


def _row(host: Mapping[str, Any]) -> list[str]:
    machine, dimensions = host["host"] or {}, host["dimensions"] or {}
    memory = machine.get("memory_total_bytes")
    return [
        name(host["name"]), status(host["verdict"]), name(host["environment"]), name(machine.get("kernel_release") or DASH), size(memory), _total(host),
        share(host["kernel_total_bytes"], memory), size(host["kernel_unreclaimable_bytes"]),
        *(size(dimensions.get(f"{key}_bytes")) for key in KINDS),
        text(host["coverage"]["text"]) if host["coverage"] else text(NO_DATA_LABELS[host["no_data"]["reason"]] if host["no_data"] else DASH),
    ]
