# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an audit in one pass over the hosts, with little of each in memory at once.

The answers are read in batches. A host that is well by its own rules is finished in the pass: its line goes to a file,
and what the rules over the fleet read of it stays. Where these find something on it after all, it is judged anew.
The audit is the same as that of ``build_audit``, to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..history.of_a_run import Past
from ..judging.explained import asks_for_owners
from ..judging.judge import FleetJudgement, finish, guarded, judge_over_fleet, judge_own
from ..judging.subject import subject_of
from ..judging.verdict import Judged, why_not_compared
from ..model.kernel import KernelIdentity, shared_kernels
from ..model.owners import OwnersHistory, OwnersSample, owners_sample
from ..model.quick import changed
from ..model.sample import Sample
from ..model.times import seconds_of
from ..policy.policy import Policy
from ..policy.waivers import summaries, waiver_notes
from ..rules.in_common import member_of
from ..rules.similar_hosts import environment_groups
from .audit import TOOL, Audit, Tool
from .build import RunInfo, answer_of, day_of, ignored, judged_by, place_of, targets_of, why_not_judged
from .caches import Listing, top_caches
from .changes import answering, changes
from .consolidated import counts_of, in_order
from .entry import Entry
from .fleet_runs import fleet_runs
from .groups import group_findings
from .host import judged_entry
from .not_judged import NoData, no_data
from .shared_parts import Same
from .summary import decide
from .unnamed_file import KeptHosts, Place, Scrap

AT_ONCE = 250
"""So many hosts are whole in memory at once."""


@dataclass(slots=True)
class _Seen:
    """What the pass has found: of each host its entry, of judged hosts what the fleet is judged by."""

    entries: dict[str, Entry] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    kernels: dict[str, KernelIdentity] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    """On the environments of hosts."""
    unsettled: dict[str, list[str]] = field(default_factory=dict)
    """On the settings that judged hosts could not have."""

    def forget(self, name: str) -> None:
        """Take back what is known of a host as one that is judged."""
        for known in (self.judged, self.places, self.listings, self.unsettled):
            known.pop(name, None)


class Streamed:
    """An audit in the making. *scrap* must stay open as long as the audit is read."""

    def __init__(
        self,
        run: RunInfo,
        records: Mapping[str, Mapping[str, object]],
        policy: Policy,
        scrap: Scrap,
        *,
        past: Past | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.targets = targets_of(run)
        self._run, self._records, self._policy, self._scrap = run, records, policy, scrap
        self._past, self._now, self._today = past or Past(), seconds_of(run.generated_at), day_of(run.generated_at)
        self._seen, self._notes, self._same = _Seen(), [*notes, *ignored(self.targets, records)], Same()
        self.samples: list[Sample] = []
        """Those of the judged hosts, for the history."""

    def audit(self) -> Audit:
        """Make the audit. Raises ValueError where there is no space for its lines."""
        for start in range(0, len(self.targets), AT_ONCE):
            for name, judged in self._judged(self.targets[start : start + AT_ONCE]):
                self._take(name, judged)
        self._take_back_shared_kernels()
        seen, run, past = self._seen, self._run, self._past
        fleet = FleetJudgement(seen.judged)
        judge_over_fleet([judged for judged in seen.judged.values() if judged.problem is None], fleet)
        self._finish(fleet)
        self.samples = [judged.subject.sample for judged in seen.judged.values()]
        sound = [judged for judged in fleet.hosts.values() if judged.problem is None]
        waivers = summaries(self._policy.waivers, [judged.waivers for judged in sound], self._today)
        hosts = KeptHosts(in_order(seen.entries.values()), self._scrap, seen.places)
        counts = counts_of(hosts)
        compared = [host for host in hosts if host.findings or past.last.get(host.name)]
        listings = [seen.listings[one.subject.name] for one in sound if one.subject.name in seen.listings]
        remarks = [one for name in self.targets for on in (seen.remarks, seen.unsettled) for one in on.get(name, ())]
        return Audit(
            run_id=run.run_id,
            generated_at=run.generated_at,
            started_at=run.started_at,
            tool=Tool(TOOL, run.tool_version),
            policy=judged_by(self._policy),
            decision=decide(hosts),
            counts=counts,
            hosts=hosts,
            history=past.summary(),
            changes=changes(
                map(hosts.whole, compared), past.last, past.previous_run_at, *answering(hosts, past.last, past.last_run)
            )
            if past.state == "ready"
            else None,
            groups=group_findings(hosts),
            fleet_findings=tuple(fleet.fleet_findings),
            caches=tuple(top_caches(listings, environment_groups([judged.subject for judged in sound]))),
            waivers=tuple(waivers),
            notes=(*self._notes, *remarks, *fleet.notes, *waiver_notes(waivers)),
            runs=fleet_runs(past, self.samples, counts.all, run.started_at),
        )

    def owners(self) -> Iterator[OwnersSample]:
        """Yield who holds the memory of the judged hosts, for the history."""
        for judged in self._seen.judged.values():
            subject = judged.subject
            if subject.facts is not None:
                yield owners_sample(subject.name, subject.facts, subject.sample.collected_at)

    def _judged(self, names: Sequence[str]) -> Iterator[tuple[str, Judged | None]]:
        """Yield hosts with what their own rules say, None for one that can't be judged. Their entries are in what was
        seen, as far as they are known then.
        """
        seen, found = self._seen, {}
        for name in names:
            record = self._records.get(name)
            answer, remarks, unsettled = answer_of(name, record), list[str](), list[str]()
            groups, environment, source = place_of(name, self._run, record, self._policy, remarks)
            entry = Entry(name, environment, source, groups)
            if isinstance(answer, NoData):
                seen.entries[name] = replace(entry, no_data=answer)
            else:
                seen.kernels[name] = answer.kernel()
                reason = why_not_judged(name, answer, None)
                seen.entries[name] = entry.answered(answer, reason)
                if reason is None:
                    found[name] = Judged(
                        subject_of(
                            name, answer, self._policy, environment, groups=groups, now=self._now, remarks=unsettled
                        )
                    )
            if remarks:
                seen.remarks[name] = remarks
            if unsettled:
                seen.unsettled[name] = unsettled
        series = self._past.series_of(list(found))
        for name in names:
            judged = found.get(name)
            if judged is not None:
                guarded(judge_own, judged, series.get(name), self._past.store is not None)
            yield name, judged

    def _take(self, name: str, judged: Judged | None) -> None:
        """Keep a host: as a whole where it has findings, in short where it is well."""
        seen = self._seen
        if judged is None:
            return
        seen.judged[name] = judged
        part = judged.subject.attribution.slab_caches
        if part is not None:
            seen.listings[name] = Listing(member_of(judged.subject), self._same.caches(part.caches))
        entry = self._entry(judged)
        if judged.problem is None and entry.no_data is None and not judged.findings:
            self._keep(entry, judged)

    def _entry(self, judged: Judged) -> Entry:
        name = judged.subject.name
        return judged_entry(self._seen.entries[name], judged, self._past.last.get(name), self._run.generated_at)

    def _take_back_shared_kernels(self) -> None:
        """Of several names of one kernel only one is judged."""
        seen = self._seen
        judged_as, contradictions = shared_kernels(seen.kernels)
        self._notes += [one.sentence for one in contradictions]
        seen.kernels.clear()
        for name, leader in judged_as.items():
            seen.forget(name)
            why = no_data("shared_kernel", name, f"both are one boot of one kernel, which is judged as {leader}.")
            seen.entries[name] = replace(seen.entries[name].without_data(why), profiles=())

    def _finish(self, fleet: FleetJudgement) -> None:
        """Finish the hosts with findings, and say of all others what the fleet told of them."""
        seen, late, whole = self._seen, list[str](), list[str]()
        for name, judged in fleet.hosts.items():
            if name in seen.places and judged.findings:
                late.append(name)
            elif name in seen.places:
                self._told(name, judged)
            else:
                whole.append(name)
        for start in range(0, len(whole), AT_ONCE):
            names = whole[start : start + AT_ONCE]
            owners = self._owners_of({name: fleet.hosts[name] for name in names})
            for name in names:
                self._finish_whole(fleet.hosts[name], owners.get(name))
        self._scrap.flush()
        for start in range(0, len(late), AT_ONCE):
            for name, again in self._judged(late[start : start + AT_ONCE]):
                if again is not None:
                    again.similar, again.findings = seen.judged[name].similar, seen.judged[name].findings
                    seen.judged[name] = again
                    self._finish_whole(again, None)
        self._scrap.flush()

    def _owners_of(self, hosts: Mapping[str, Judged]) -> dict[str, OwnersHistory]:
        """Return the owners of earlier samples of those hosts that have grown."""
        asking = [name for name, judged in hosts.items() if judged.problem is None and asks_for_owners(judged)]
        return self._past.owners_of(asking)

    def _finish_whole(self, judged: Judged, owners: OwnersHistory | None) -> None:
        guarded(finish, judged, self._policy.waivers, self._today, owners)
        self._keep(self._entry(judged), judged)

    def _keep(self, entry: Entry, judged: Judged) -> None:
        """Write the line of a host that is finished, and keep it in short."""
        short = self._same.in_short(entry)
        texts = None if short.coverage is None else self._same.texts(short.coverage)
        self._seen.places[entry.name] = self._scrap.add(entry, texts)
        self._seen.entries[entry.name] = short
        self._same.lighten(judged)

    def _told(self, name: str, judged: Judged) -> None:
        """Put what a comparison with similar hosts says into a line that is finished but for that."""
        seen = self._seen
        entry, similar = seen.entries[name], judged.similar
        if entry.coverage is None:
            return
        hosts = similar.similar_hosts if similar is not None else None
        coverage = self._same.compared(entry.coverage, hosts, why_not_compared(similar))
        seen.entries[name] = changed(entry, coverage=coverage)
        seen.places[name].fleet = self._same.texts(coverage).fleet
        judged.similar = None
