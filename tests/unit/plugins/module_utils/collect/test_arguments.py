# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the specification of an argument can't say is said in a sentence, before any host is touched."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.arguments import (
    check_facts_arguments,
    facts_argument_spec,
)

DEFAULTS = {name: option.get("default") for name, option in facts_argument_spec().items()}


@pytest.mark.parametrize("changed", [{}, {"deadline": 1}, {"deadline": 300}, {"proc_root": "/srv/saved/proc"}])
def test_what_is_right_passes(changed):
    """The defaults first of all."""
    check_facts_arguments(dict(DEFAULTS, **changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"deadline": 0}, "deadline is 0; give a number of seconds from 1 to 300."),
        ({"deadline": 301}, "deadline is 301; give a number of seconds from 1 to 300."),
        ({"proc_root": "proc"}, "proc_root is 'proc'; give an absolute path on the host."),
        ({"sys_root": ""}, "sys_root is ''; give an absolute path on the host."),
        ({"gather_subset": ["slabs"]}, "slab"),
    ],
)
def test_what_is_wrong_has_one_sentence(changed, said):
    """It names the argument, its value, and what to give instead."""
    with pytest.raises(ValueError, match=".") as error:
        check_facts_arguments(dict(DEFAULTS, **changed))
    assert said in str(error.value)


def test_two_callers_do_not_share_what_they_may_change():
    """Ansible writes into the specification that it is given."""
    first = facts_argument_spec()
    first["transport"]["choices"].append("telnet")
    assert "telnet" not in facts_argument_spec()["transport"]["choices"]
