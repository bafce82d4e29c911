# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a card says of one host in its folds: its whole account, who uses the memory, and how sure its findings are."""

from __future__ import annotations

from ...audit.entry import Entry, SeenFinding
from ...dimensions.table import DIMENSIONS, TABLE, TOTAL
from ...words.labels import BOUND_LABELS
from .attribution import attribution
from .parts import STATUS_WORDS, share, size, text

NOT_READY = {
    "no_history": "There is no history of this host yet.",
    "learning": "Its own history is not judged yet: {samples} of {needed} samples are there.",
    "warming_up": "Its own history is not judged while the host warms up after its boot.",
    "stale": "Its own history is not judged, since the last sample is too old.",
    "unsupported": "Its own history can't be judged, since the host says too little about itself.",
}
REMARK_HEAD = '<th scope="col">Remark</th>'


def seen_words(finding: SeenFinding, today: str) -> str:
    """Return how sure a finding is and since when it is there, where that says more than that it is there in the
    audit of *today*.
    """
    words = [STATUS_WORDS[finding.status]] if finding.status in STATUS_WORDS else []
    first = finding.first_seen_at
    words += [f"first seen {first[:10]}"] if first and first[:10] != today[:10] else []
    return ", ".join(words)


def account(host: Entry) -> str:
    """Return the whole account of a host: every kind with its share of RAM, and how exact that is."""
    memory = host.memory_total_bytes
    remarked = any(host.details.why_unknown(key) for key in DIMENSIONS)
    rows = []
    for key in DIMENSIONS:
        label = TABLE[key].label
        amount, reason = host.amount(key), host.details.why_unknown(key) or ""
        rows.append(
            f'<tr><th scope="row">{label}</th><td class="num">{size(amount)}</td><td '
            f'class="num">{share(amount, memory)}</td>'
            + (f"<td>{text(reason, 200)}</td>" if remarked else "")
            + "</tr>"
        )
    return (
        '<table class="small"><thead><tr><th scope="col">Kind</th><th scope="col" class="num">Size</th>'
        f'<th scope="col" class="num">Of RAM</th>{REMARK_HEAD if remarked else ""}</tr></thead><tbody>{"".join(rows)}'
        f'</tbody></table><p class="mu">{" ".join(text(remark, 300) for remark in remarks(host))}</p>'
    )


def attribution_of(host: Entry, *, in_full: bool) -> str:
    """Return who uses the memory of a host; nothing where nothing was gathered."""
    return attribution(host.details.attribution, in_full=in_full)


def remarks(host: Entry) -> list[str]:
    """Return the sentences on how exact a host's account is, what may hold memory, what was judged and what a waiver
    took out.
    """
    accounting, usual = host.details.accounting, host.details.baseline.get(TOTAL)
    said = [BOUND_LABELS[host.bound or "exact"]]
    if accounting is not None:
        said += accounting.reasons[:6]
        said += [f"{holder.name}: {holder.explanation}" for holder in accounting.holders[:4]]
    said += [f"Coverage: {host.coverage.text}."] if host.coverage is not None and host.coverage.text else []
    if usual is not None and usual.state in NOT_READY:
        said.append(NOT_READY[usual.state].format(samples=usual.samples, needed=usual.needed))
    said += [f"Waived: {finding.explanation}" for finding in host.waived[:4]]
    return said
