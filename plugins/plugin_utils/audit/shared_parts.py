# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Equal parts of many hosts as one object: of ten thousand platforms and coverages there are few different ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..judging.verdict import Coverage, Judged, coverage_text
from ..model.attribution import Attribution
from ..model.attribution_parts import Cache
from ..model.facts import Facts, HugePages, Modules, Platform
from ..model.finding import Judgement
from ..model.quick import changed
from ..rules.measures import OF_PROCESSES
from .entry import Entry
from .host_line import CoverageTexts

_EMPTY = Attribution()
_NOTHING = Judgement()


class Same:
    """Equal parts of many hosts as one object, and hosts with no more than the rules over the fleet read."""

    def __init__(self) -> None:
        self._texts: dict[str | None, str | None] = {}
        self._tuples: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._platforms: dict[Platform | None, Platform | None] = {}
        self._unavailable: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        self._modules: dict[Modules, Modules] = {}
        self._huge_pages: dict[HugePages, HugePages] = {}
        self._coverages: dict[object, Coverage] = {}
        # By the ids of coverages that are kept above for as long as this object lives.
        self._compared: dict[tuple[int, int | None, str | None], Coverage] = {}
        self._coverage_texts: dict[int, CoverageTexts] = {}

    def lighten(self, judged: Judged) -> None:
        """Leave of a host that is finished what the rules over the fleet read, and what the history keeps."""
        subject = judged.subject
        judged.limits = judged.checks = _NOTHING
        judged.history = judged.recent = None
        judged.critical_limits = {}
        facts = None if subject.facts is None else self._facts(subject.facts)
        groups = self._texts_of(subject.groups)
        judged.subject = changed(subject, facts=facts, groups=groups)

    def _facts(self, facts: Facts) -> Facts:
        account, unavailable = facts.account, tuple(facts.unavailable.items())
        terms = {name: account.terms[name] for name in OF_PROCESSES if name in account.terms}
        return changed(
            facts,
            platform=self._platforms.setdefault(facts.platform, facts.platform) or facts.platform,
            account=changed(account, terms=terms, reasons=(), unknown_fields=()),
            unavailable=self._unavailable.setdefault(unavailable, facts.unavailable),
            attribution=_EMPTY,
            unavailable_class=self._unavailable.setdefault(
                tuple(facts.unavailable_class.items()), facts.unavailable_class
            ),
            modules=self._modules.setdefault(facts.modules, facts.modules),
            huge_pages=self._huge_pages.setdefault(facts.huge_pages, facts.huge_pages),
            ready=None,
        )

    def in_short(self, entry: Entry) -> Entry:
        """Return an entry whose details are told elsewhere, with parts that are those of other entries where they are
        equal.
        """
        return changed(
            entry,
            told=None,
            groups=self._texts_of(entry.groups),
            profiles=self._texts_of(entry.profiles),
            platform=self._platforms.setdefault(entry.platform, entry.platform),
            coverage=None if entry.coverage is None else self.coverage(entry.coverage),
        )

    def compared(self, one: Coverage, hosts: int | None, why_not: str | None) -> Coverage:
        """Return a coverage, one of :meth:`coverage`, with what a comparison with similar hosts told."""
        key = (id(one), hosts, why_not)
        known = self._compared.get(key)
        if known is None:
            text = coverage_text(one.judged, one.not_judged, one.history, hosts)
            known = changed(one, similar_hosts=hosts, similar_hosts_reason=why_not, text=text)
            known = self._compared[key] = self.coverage(known)
        return known

    def texts(self, one: Coverage) -> CoverageTexts:
        """Return the pieces of a line that tell a coverage, which is one of :meth:`coverage`."""
        return self._coverage_texts.get(id(one)) or self._coverage_texts.setdefault(id(one), CoverageTexts.of(one))

    def coverage(self, one: Coverage) -> Coverage:
        """Return a coverage, the same object for equal ones."""
        key = (
            one.judged,
            tuple(one.not_judged.items()),
            one.checks.judged,
            tuple(one.checks.not_judged.items()),
            one.history
            and (one.history.ready, tuple(one.history.not_judged.items()), tuple(one.history.not_asked.items())),
            one.similar_hosts,
            one.similar_hosts_reason,
            one.text,
        )
        return self._coverages.setdefault(key, one)

    def caches(self, caches: Sequence[Cache]) -> tuple[Cache, ...]:
        """Return slab caches with their names and sizes alone."""
        return tuple([self._cache(one) for one in caches])

    def _cache(self, one: Cache) -> Cache:
        name = self._texts.setdefault(one.name, one.name)
        return Cache(name, one.bytes, None, None, None, None, self._texts_of(one.aliases))

    def _texts_of(self, value: tuple[str, ...]) -> tuple[str, ...]:
        return self._tuples.setdefault(value, value)
