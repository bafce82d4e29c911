# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door between the records of a rollout and the plain data in which a folder or a store keeps them.

What is read is checked here once, whole: a file may be cut, of another version, or edited by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import TypeVar, cast

from ..facts.facts import checked_facts
from ..model.times import seconds_of
from .host_record import Attempt, HostAnswer, HostRecord, Look, Service, Settled
from .host_state import HostState
from .json_files import Plain
from .migration import HOST_FORMAT, host_of_today
from .rollout_record import Batch, Release, RolloutRecord

_OUTCOMES = ("good", "bad", "inconclusive", "accept", "skipped")
_T = TypeVar("_T")


def host_document(record: HostRecord) -> dict[str, object]:
    """Return the record of a host as it is kept. What is not known is left out."""
    plain = {one.name: getattr(record, one.name) for one in fields(record)}
    for name in ("attempt", "settled", "service"):
        plain[name] = None if plain[name] is None else asdict(plain[name])
    for name in ("is_allowed", "is_overridden"):
        plain[name] = plain[name] or None
    kept = {name: value for name, value in plain.items() if value is not None}
    return {"format": HOST_FORMAT, **kept, "state": record.state.value}


def host_record(document: Mapping[str, object], host: str, where: str) -> HostRecord:
    """Return the record of *host* as it was kept in *where*. Raises ValueError with what is wrong with it."""
    if document.get("host", host) != host:
        raise ValueError(
            f"{where} is of the host {str(document['host'])[:120]}, and not of {host}; restore it, or begin a "
            "rollout of another name."
        )
    try:
        given = _Given(host_of_today(document))
        return HostRecord(
            host=host,
            state=_state(given.text("state")),
            environment=given.text_or_none("environment"),
            run_id=given.text_or_none("run_id"),
            first=given.made("first", _look),
            reference=given.made("reference", _look),
            now=given.made("now", _look),
            after=given.made("after", _look),
            sick=given.flag_or_none("sick"),
            before_answer=given.made("before_answer", _answer),
            after_answer=given.made("after_answer", _answer),
            attempt=given.made("attempt", _attempt),
            settled=given.made("settled", _settled),
            waited_seconds=given.number_or_none("waited_seconds"),
            step_failed=given.text_or_none("step_failed"),
            is_allowed=given.flag("is_allowed"),
            is_overridden=given.flag("is_overridden"),
            service=given.made("service", _service),
        )
    except ValueError as exc:
        raise ValueError(_can_not_be_used(where, exc)) from exc


def rollout_document(record: RolloutRecord) -> dict[str, object]:
    """Return the record of a rollout as it is kept."""
    return {**asdict(record), "targets": list(record.targets)}


def rollout_record(document: Mapping[str, object], where: str) -> RolloutRecord:
    """Return the record of a rollout as it was kept in *where*. Raises ValueError with what is wrong with it."""
    try:
        given = _Given(document)
        return RolloutRecord(
            rollout=given.text("rollout"),
            created_at=given.text("created_at"),
            targets=given.texts("targets"),
            expected_kernel=given.text_or_none("expected_kernel"),
            drains=given.flag("drains"),
            serves=given.flag("serves"),
            wish_divides=given.flag("wish_divides"),
            accepted_dimensions=given.texts("accepted_dimensions"),
            batches=tuple(_batch(_Given(one)) for one in given.rows("batches")),
        )
    except ValueError as exc:
        raise ValueError(_can_not_be_used(where, exc)) from exc


def look_document(one: Look) -> dict[str, object]:
    """Return a look as it is kept until it is taken into the record of its host."""
    return dict(one)


def look_of(document: Mapping[str, object], where: str) -> Look:
    """Return the look that was kept so in *where*. Raises ValueError with what is wrong with it."""
    try:
        return _look(_Given(_Given(document).mapping("look")))
    except ValueError as exc:
        raise ValueError(_can_not_be_used(where, exc)) from exc


def earlier_looks(rows: object, where: str) -> list[Plain]:
    """Return the earlier looks at a host that were kept in *where*. Raises ValueError with what is wrong with them."""
    try:
        return [_earlier(_Given(one)) for one in _Given({"looks": rows}).rows("looks")]
    except ValueError as exc:
        raise ValueError(f"{where} can't be used: {str(exc).rstrip('.')}; restore it, or remove it.") from exc


def _earlier(given: _Given) -> Plain:
    given.text_or_none("boot_id")
    given.text("kernel")
    given.uptime_or_none("uptime_seconds")
    amounts = _Given(given.mapping("amounts"))
    for name in amounts.plain:
        amounts.number_or_none(name)
    return dict(given.plain)


def _can_not_be_used(where: str, why: ValueError) -> str:
    return f"{where} can't be used: {str(why).rstrip('.')}; restore it, or begin a rollout of another name."


class _Given:
    """Plain data, asked for one value after the other. Each method raises ValueError where a value is of another
    kind.
    """

    def __init__(self, plain: Mapping[str, object]) -> None:
        self._plain = plain

    def text(self, name: str) -> str:
        return self._of(name, str, "a text")

    def text_or_none(self, name: str) -> str | None:
        return None if self._plain.get(name) is None else self.text(name)

    def number_or_none(self, name: str) -> int | None:
        return None if self._plain.get(name) is None else self._of(name, int, "a number")

    def uptime_or_none(self, name: str) -> float | None:
        found = self._plain.get(name)
        return found if isinstance(found, float) else self.number_or_none(name)

    def flag(self, name: str) -> bool:
        return bool(self.flag_or_none(name))

    def flag_or_none(self, name: str) -> bool | None:
        return None if self._plain.get(name) is None else self._of(name, bool, "true or false")

    def texts(self, name: str) -> tuple[str, ...]:
        found = self._plain.get(name) or []
        if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) for one in found):
            raise ValueError(f"{name} is no list of texts")
        return tuple(found)

    def rows(self, name: str) -> Sequence[Mapping[str, object]]:
        found = self._plain.get(name) or []
        if not isinstance(found, (list, tuple)) or not all(isinstance(one, dict) for one in found):
            raise ValueError(f"{name} is no list of mappings")
        return found

    def mapping(self, name: str) -> Mapping[str, object]:
        return self._of(name, dict, "a mapping")

    def made(self, name: str, make: Callable[[_Given], _T]) -> _T | None:
        """Return what *make* makes of a mapping; None where there is none."""
        if self._plain.get(name) is None:
            return None
        try:
            return make(_Given(self.mapping(name)))
        except ValueError as exc:
            raise ValueError(f"{name}: {exc}") from exc

    @property
    def plain(self) -> Mapping[str, object]:
        return self._plain

    def _of(self, name: str, kind: type[_T], called: str) -> _T:
        found = self._plain.get(name)
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise ValueError(f"{name} is {str(found)[:40]!r}, and {called} is needed")
        return found


def _state(word: str) -> HostState:
    try:
        return HostState(word)
    except ValueError:
        raise ValueError(f"{word[:40]!r} is no state of a host") from None


def _look(given: _Given) -> Look:
    given.text_or_none("message")
    given.text_or_none("run_id")
    given.text_or_none("environment")
    if given.text("outcome") == "facts":
        seconds_of(given.text("taken_at"))
        checked_facts(given.mapping("facts"))
    elif given.plain.get("facts") is not None:
        checked_facts(given.mapping("facts"))
    return cast(Look, {"facts": None, "message": None, "taken_at": "", **given.plain})


def _answer(given: _Given) -> HostAnswer:
    if given.text("outcome") not in _OUTCOMES:
        raise ValueError(f"{given.text('outcome')[:40]!r} is no outcome")
    for reason in map(_Given, given.rows("reasons")):
        for name in ("code", "sentence", "treatment"):
            reason.text(name)
        reason.text_or_none("dimension")
    for name in ("may_touch", "sick", "judged_again", "allowed_before"):
        given.flag_or_none(name)
    given.texts("cured")
    given.rows("findings")
    if given.plain.get("comparison") is not None:
        _check_comparison(_Given(given.mapping("comparison")))
    return cast(HostAnswer, {"reasons": [], **given.plain})


def _check_comparison(given: _Given) -> None:
    for name in ("kernel_changed", "at_equal_uptime"):
        given.flag_or_none(name)
    given.number_or_none("memory_total_bytes")
    rows = _Given(given.mapping("dimensions"))
    for name in rows.plain:
        row = _Given(rows.mapping(name))
        row.text("outcome")
        for amount in ("reference_bytes", "after_bytes", "difference_bytes"):
            row.number_or_none(amount)


def _attempt(given: _Given) -> Attempt:
    return Attempt(
        run_id=given.text("run_id"),
        taken_at=given.text("taken_at"),
        boot_id=given.text_or_none("boot_id"),
        kernel=given.text("kernel"),
        was_there=given.flag("was_there"),
    )


def _settled(given: _Given) -> Settled:
    return Settled(given.flag("is_settled"), given.text_or_none("reason"), given.number_or_none("looks") or 0)


def _service(given: _Given) -> Service:
    return Service(given.text("run_id"), given.text("at"), given.text_or_none("message"))


def _batch(given: _Given) -> Batch:
    return Batch(
        number=given.number_or_none("number") or 0,
        run_id=given.text("run_id"),
        begun_at=given.text("begun_at"),
        hosts=given.texts("hosts"),
        may_touch=given.flag("may_touch"),
        decision=given.text_or_none("decision"),
        sentence=given.text_or_none("sentence"),
        decided_at=given.text_or_none("decided_at"),
        worse_dimensions=given.texts("worse_dimensions"),
        released=given.made("released", lambda one: Release(one.text("reason"), one.text("at"), one.text("run_id"))),
    )
