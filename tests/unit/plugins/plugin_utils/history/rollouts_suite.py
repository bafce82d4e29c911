# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do with rollouts and leases: two runs can't do the same, and nothing is lost."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, Retention
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.rollout import Rollout, RolloutHost, Step
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    exported,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite

ALICE, BOB = Step("alice", "begins"), Step("bob", "begins", "from a job")
FORK = multiprocessing.get_context("fork")


def begin(store: SqlStore, name: str = "patch-day", target: str = "6.12.*", step: Step = ALICE) -> Rollout:
    """Begin a rollout, or go on with it."""
    return store.rollouts.begin(name, target, state="open", policy_digest="d1", document='{"plan":1}', step=step)


class RolloutsSuite(Suite):
    """Whoever takes it in has the fixtures ``where`` and ``another``."""

    def test_a_rollout_is_begun_once_and_gone_on_with(self, kept: SqlStore, where: str) -> None:
        """A relaunch on another runner finds what the first has left."""
        first = begin(kept)
        assert (first.name, first.state, first.target, first.document, first.revision) == (
            "patch-day",
            "open",
            "6.12.*",
            '{"plan":1}',
            1,
        )
        other = open_store(where)
        assert (
            other.rollouts.begin("patch-day", "6.12.*", state="new", policy_digest="d2", document="{}", step=BOB)
            == first
            == other.rollouts.get("patch-day")
        )
        other.close()
        assert [event.step for event in kept.rollouts.trail("patch-day")] == [ALICE], "it was begun once"
        assert kept.rollouts.get("another") is None

    def test_one_host_is_found_and_a_line_is_added_without_a_change(self, kept: SqlStore) -> None:
        """A worker asks for its own host alone; a decision is noted where nothing of the rollout changes."""
        begin(kept)
        kept.rollouts.add_hosts("patch-day", ["web1", "web2"], state="untouched", document="{}", step=ALICE)
        found = kept.rollouts.host("patch-day", "web2")
        assert found is not None and found in kept.rollouts.hosts("patch-day") and found.host == "web2"
        assert kept.rollouts.host("patch-day", "web3") is None
        kept.rollouts.note("patch-day", BOB)
        last = kept.rollouts.trail("patch-day")[-1]
        assert (last.host, last.step) == (None, BOB)
        same = kept.rollouts.get("patch-day")
        assert same is not None and same.revision == 1

    def test_another_kernel_under_an_old_name_is_refused(self, kept: SqlStore) -> None:
        """Its hosts would be taken for done."""
        begin(kept)
        with pytest.raises(
            HistoryError,
            match=r"^The rollout patch-day in the history .* is of 6\.12\.\*, and not of 7\.0; give the new one a name",
        ):
            begin(kept, target="7.0")
        assert [one.target for one in kept.rollouts.all()] == ["6.12.*"]

    def test_who_has_seen_an_older_state_changes_nothing(self, kept: SqlStore) -> None:
        """Compare and set: of two that go on from the same state, one is told to look again."""
        seen = begin(kept)
        changed = kept.rollouts.change(
            seen, state="stopped", policy_digest="d2", document="{}", step=Step("alice", "stops", "web1 is critical")
        )
        assert changed is not None and (changed.state, changed.revision, changed.policy_digest) == ("stopped", 2, "d2")
        assert kept.rollouts.change(seen, state="done", policy_digest="", document="", step=BOB) is None
        assert kept.rollouts.get("patch-day") == changed
        assert [event.step.what for event in kept.rollouts.trail("patch-day")] == ["begins", "stops"]

    def test_each_step_of_a_host_is_kept_with_its_trail(self, kept: SqlStore) -> None:
        """A kill at any moment leaves the last step that was taken."""
        begin(kept)
        plan = Step("alice", "plans")
        assert kept.rollouts.add_hosts("patch-day", ["web2", "web1"], state="planned", document="{}", step=plan) == 2
        assert kept.rollouts.add_hosts("patch-day", ["web1", "web3"], state="fit", document="x", step=plan) == 1
        first, second, third = kept.rollouts.hosts("patch-day")
        assert [(one.host, one.state) for one in (first, second, third)] == [
            ("web1", "planned"),
            ("web2", "planned"),
            ("web3", "fit"),
        ]
        drained = kept.rollouts.change_host(
            "patch-day", first, state="drained", document='{"boot":"a"}', step=Step("alice", "drains")
        )
        assert drained is not None and (drained.state, drained.revision) == ("drained", 2)
        assert kept.rollouts.change_host("patch-day", first, state="changed", document="", step=BOB) is None
        assert kept.rollouts.hosts("patch-day")[0] == drained
        trail = [(event.host, event.step.what) for event in kept.rollouts.trail("patch-day")]
        assert trail == [(None, "begins"), ("web1", "plans"), ("web2", "plans"), ("web3", "plans"), ("web1", "drains")]

    def test_a_rollout_that_is_not_there_is_one_sentence(self, kept: SqlStore) -> None:
        """Not an empty answer, which would look like a rollout without hosts."""
        host = RolloutHost("web1", "", "", 1, 0)
        for call in (
            lambda: kept.rollouts.hosts("lost"),
            lambda: kept.rollouts.trail("lost"),
            lambda: kept.rollouts.add_hosts("lost", ["web1"], state="", document="", step=ALICE),
            lambda: kept.rollouts.change_host("lost", host, state="", document="", step=BOB),
        ):
            with pytest.raises(HistoryError, match=r"has no rollout lost\.$"):
                call()

    def test_a_lease_has_one_holder(self, kept: SqlStore) -> None:
        """Two rollouts must not reboot the same hosts; and whoever waits is told who is in the way."""
        assert kept.rollouts.lease(["host:web1", "host:web2"], "job 7", 60) == []
        (other,) = kept.rollouts.lease(["host:web2", "host:web3"], "job 8", 60)
        assert (other.resource, other.holder) == ("host:web2", "job 7") and other.until - other.since == 60
        assert {lease.resource for lease in kept.rollouts.leases()} == {"host:web1", "host:web2"}, "all or none"
        kept.rollouts.release(["host:web1", "host:web2"], "job 8")
        assert len(kept.rollouts.leases()) == 2, "only its holder gives it up"
        kept.rollouts.release(["host:web2"], "job 7")
        assert kept.rollouts.lease(["host:web2", "host:web3"], "job 8", 60) == []

    def test_a_lease_is_lengthened_by_its_holder(self, kept: SqlStore) -> None:
        """Since when stays; until when moves."""
        kept.rollouts.lease(["rollout:x"], "job 7", 60)
        (before,) = kept.rollouts.leases()
        assert kept.rollouts.lease(["rollout:x"], "job 7", 600) == []
        (after,) = kept.rollouts.leases()
        assert (after.since, after.holder) == (before.since, "job 7") and after.until >= before.until + 540

    def test_a_lease_that_has_run_out_can_be_taken(self, kept: SqlStore) -> None:
        """A runner that was killed must not lock a fleet for ever. It ends by the store's own clock."""
        kept.rollouts.lease(["host:web1"], "killed", 60)
        now = kept.engine.now()
        with kept.engine.writing():
            kept.engine.change("UPDATE lease SET since = ?, until = ?", (now - 100, now - 1))
        assert kept.rollouts.leases() == []
        assert kept.rollouts.lease(["host:web1"], "job 8", 60) == []
        (lease,) = kept.rollouts.leases()
        assert lease.holder == "job 8" and lease.since >= now
        (other,) = kept.rollouts.lease(["host:web1"], "killed", 60)
        assert other.holder == "job 8", "whoever comes back late has lost it"

    def test_of_many_that_want_it_at_once_one_gets_it(self, kept: SqlStore, where: str, tmp_path: Path) -> None:
        """In processes of their own, at the same moment."""
        children = [FORK.Process(target=_want, args=(where, number, tmp_path)) for number in range(6)]
        for child in children:
            child.start()
        (tmp_path / "go").touch()
        for child in children:
            child.join(60)
            assert child.exitcode == 0
        assert len(list(tmp_path.glob("got-*"))) == 1
        assert sum(host.revision for host in kept.rollouts.hosts("shared")) == 1 + 6, "every change was made once"

    def test_hostile_texts_are_kept(self, kept: SqlStore) -> None:
        """Names of hosts and messages of hooks are anybody's text."""
        for text in ("'; DROP TABLE rollout; --", "\0", "\ud800", "ü\n", "%s ?"):
            begin(kept, text, text, Step(text, text, text))
            kept.rollouts.add_hosts(text, [text], state=text, document=text, step=Step(text, text))
            assert kept.rollouts.lease([text], text, 60) == []
            assert kept.rollouts.get(text) is not None and len(kept.rollouts.hosts(text)) == 1
        assert len(kept.rollouts.all()) == 5

    def test_old_rollouts_go(self, kept: SqlStore) -> None:
        """With their hosts, their trail, and leases that nobody gave up."""
        begin(kept)
        kept.rollouts.add_hosts("patch-day", ["web1"], state="planned", document="{}", step=ALICE)
        kept.rollouts.lease(["host:web1"], "job 7", 60)
        add(kept, "r1", MIDNIGHT)
        now = kept.engine.now()
        for _month in range(20):
            pruned = kept.upkeep.prune(Retention(), now + 399 * DAY)
        assert len(kept.rollouts.all()) == 1 and pruned.rollouts == 0
        assert kept.upkeep.prune(Retention(), now + 401 * DAY).rollouts == 1
        for table in ("rollout", "rollout_host", "rollout_event", "lease"):
            assert kept.engine.rows(f"SELECT count(*) FROM {table}") == [(0,)]

    def test_an_export_has_them(self, kept: SqlStore, another: Callable[[], str]) -> None:
        """But for leases, which are of a moment. Taking it twice changes nothing."""
        rollout = begin(kept)
        kept.rollouts.add_hosts("patch-day", ["web1", "web2"], state="planned", document="{}", step=ALICE)
        kept.rollouts.change(rollout, state="done", policy_digest="d3", document="[]", step=BOB)
        begin(kept, "next", "7.0")
        other = open_store(another())
        for _time in range(2):
            other.upkeep.load(list(kept.upkeep.export()))
            assert exported(other) == exported(kept)
        for name in ("patch-day", "next"):
            assert other.rollouts.get(name) == kept.rollouts.get(name)
            assert other.rollouts.hosts(name) == kept.rollouts.hosts(name)
            assert other.rollouts.trail(name) == kept.rollouts.trail(name)
        other.close()


def _want(where: str, number: int, folder: Path) -> None:
    """Try to take a lease as soon as all are ready, and change a host until it worked once."""
    while not (folder / "go").exists():
        pass
    store = open_store(where)
    if not store.rollouts.lease(["host:web1"], f"job {number}", 600):
        (folder / f"got-{number}").touch()
    store.rollouts.begin("shared", "x", state="open", policy_digest="", document="", step=ALICE)
    store.rollouts.add_hosts("shared", ["web1"], state="planned", document="", step=ALICE)
    while True:
        (host,) = store.rollouts.hosts("shared")
        if store.rollouts.change_host("shared", host, state=f"by {number}", document="", step=ALICE):
            break
    store.close()
