# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one check of all settings, before any host is touched: every mistake at once, and what is worth a remark."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..policy.policy import Policy
from ..policy.resolve import PolicyError
from ..policy.source import policy_from
from ..text.safe import one_line, shortened, visible
from . import environments
from .environments import HostGroups
from .given import Given, GivenSettings, is_unset
from .names import environment_problems, name_problem
from .places import Place, place_problems, raised_by
from .setting import Setting
from .table import SETTINGS, used_by

LONGEST_VALUE = 80


@dataclass(slots=True)
class Checked:
    """What the check found: *mistakes* that a run must not begin with, and *notes* that a reader should see."""

    mistakes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refusal(self) -> str | None:
        """Return all mistakes as one message, or None."""
        if not self.mistakes:
            return None
        if len(self.mistakes) == 1:
            return f"No host was touched: {self.mistakes[0]}"
        listed = "\n".join(f"  {number}. {one}" for number, one in enumerate(self.mistakes, 1))
        return f"No host was touched, since {len(self.mistakes)} settings are wrong:\n{listed}"


def check_settings(given: GivenSettings, hosts: HostGroups, place: Place) -> Checked:
    """Check all settings of a run of ``place.entry``."""
    checked = Checked()
    _check_names(given, place, checked)
    sound = _check_values(given, place, checked)
    policy = _check_policy(given, place, checked)
    checked.mistakes += place_problems(given, place, sound)
    if policy is not None and "kernel_mem_audit_environment" in used_by(place.entry):
        _check_environments(given, hosts, policy, checked)
    # A path, a file's name or a library's message in a sentence may hold what a terminal obeys.
    return Checked([visible(one) for one in checked.mistakes], [visible(one) for one in checked.notes])


def _check_names(given: GivenSettings, place: Place, checked: Checked) -> None:
    for name, by_hand in given.names().items():
        problem = name_problem(name, by_hand=by_hand)
        if problem:
            checked.mistakes.append(problem if problem.endswith("?") else f"{problem}.")
        elif by_hand and name in SETTINGS and place.entry not in SETTINGS[name].used_by:
            users = ", ".join(SETTINGS[name].used_by)
            checked.notes.append(f"{name} means nothing to {place.entry}; it is a setting of {users}.")
    checked.mistakes += environment_problems(place.environment)


def _check_values(given: GivenSettings, place: Place, checked: Checked) -> set[str]:
    """Check each value by itself, and return the names of those that are sound."""
    used, seen, wrong = used_by(place.entry), set(), set()
    once: dict[str, list[Given]] = {}
    for one in given.values():
        setting = used.get(one.name)
        if setting is None:
            continue
        if not setting.each_host:
            once.setdefault(one.name, []).append(one)
        if is_unset(one.value):
            continue
        problem = setting.kind.problem(one.value)
        seen.add(one.name)
        if problem:
            wrong.add(one.name)
            ending = "" if problem.endswith("?") else "."
            checked.mistakes.append(f"{one.name} is {_shown(one, setting)}{one.place}, but {problem}{ending}")
    for name, why in given.unreadable.items():
        # Of a setting that each host has for itself, the template may need what only a host knows.
        if name in used and (not used[name].each_host or name in given.by_hand):
            checked.mistakes.append(f"{name} can't be worked out: {one_line(why)}")
    for name, values in once.items():
        checked.mistakes += _not_once(used[name], values, given)
    return seen - wrong


def _not_once(setting: Setting, values: list[Given], given: GivenSettings) -> list[str]:
    """Return a sentence on a setting of the whole run that only some hosts have, or that hosts have otherwise."""
    name, of_hosts = setting.name, [one for one in values if one.hosts]
    if not of_hosts:
        return []
    advice = f"give it on the command line (-e {name}=...)"
    if setting.before_hosts:
        return [f"{name} is set in the inventory, where Ansible reads it too late; take it from there and {advice}."]
    if len(of_hosts) > 1:
        shown = " and ".join(f"{_shown(one, setting)}{one.place}" for one in of_hosts[:2])
        return [f"{name} is one value for the whole run, but {shown}; set it once in group_vars/all, or {advice}."]
    missing = len(given.of_hosts) - len(of_hosts[0].hosts)
    if missing:
        return [
            f"{name} is one value for the whole run, but is set for {len(of_hosts[0].hosts):,} of "
            f"{len(given.of_hosts):,} hosts only; set it in group_vars/all, or {advice}."
        ]
    return []


def _shown(one: Given, setting: Setting) -> str:
    return "not shown here" if setting.secret else shortened(visible(repr(one.value)), LONGEST_VALUE)


def _check_policy(given: GivenSettings, place: Place, checked: Checked) -> Policy | None:
    if "kernel_mem_audit_policy" not in used_by(place.entry):
        return None
    try:
        return policy_from(given.once("kernel_mem_audit_policy"), place.folder)
    except PolicyError as exc:
        source = f"The policy {exc.source}".rstrip()
        checked.mistakes += [f"{source}: {problem}" for problem in exc.problems]
    except ValueError as exc:
        checked.mistakes.append(str(exc))
    return None


def _check_environments(given: GivenSettings, hosts: HostGroups, policy: Policy, checked: Checked) -> None:
    name = environments.SETTING
    if name in given.by_hand and not is_unset(given.run.get(name)):
        problem = raised_by(lambda: policy.environment_of((), str(given.run[name])))
        if problem:
            checked.mistakes.append(f"{name} is wrong: {problem}")
        return
    checked.notes += environments.environment_notes(hosts, policy)
