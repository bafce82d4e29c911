# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_history: those that don't go together are refused before anything is opened."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._history_arguments import (
    check_history_arguments,
    history_argument_spec,
    pattern_of,
)


def given(**arguments):
    """The arguments of a task, with the defaults of the others."""
    specification = history_argument_spec()
    assert set(arguments) <= set(specification)
    return {name: one.get("default") for name, one in specification.items()} | arguments


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"days": 1, "since_days": 3650},
        {"operation": "export", "dest": "/tmp/x"},
        {"operation": "read", "source": "sysstat", "host": "web1"},
        {"operation": "read", "source": "netdata", "host": "web1", "url": "http://x:19999"},
        {"operation": "import", "source": "prometheus", "url": "https://x", "client_key": "k"},
        {"operation": "import", "source": "sysstat", "files": ["a"]},
        {"operation": "import", "source": "export", "content": ["x"]},
        {"operation": "import", "source": "prometheus", "url": "http://x", "name_pattern": "^(.*):9100$"},
    ],
)
def test_what_goes_together_is_taken(arguments):
    """Nobody is stopped by a rule that is not there."""
    check_history_arguments(given(**arguments))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"days": 0}, "days is 0; give a number of days from 1 to 3650."),
        ({"keep_history_days": 3651}, "keep_history_days is 3651; give a number"),
        ({"since_days": -1}, "since_days is -1"),
        ({"keep_days": 9999}, "keep_days is 9999"),
        ({"operation": "export"}, "needs dest, the file that it writes."),
        ({"operation": "read", "source": "sysstat"}, "needs source, which is sysstat or netdata, and host."),
        ({"operation": "read", "source": "prometheus", "host": "a"}, "which is sysstat or netdata"),
        ({"operation": "read", "source": "netdata", "host": "a"}, "needs url for netdata"),
        ({"operation": "read", "source": "sysstat", "host": "a", "url": "http://x"}, "takes none for sysstat"),
        ({"operation": "import"}, "The operation import needs source: "),
        ({"operation": "import", "source": "sysstat"}, "exactly one of files, content, url and results."),
        ({"operation": "import", "source": "sysstat", "files": ["a"], "content": ["b"]}, "exactly one of files"),
        ({"operation": "import", "source": "sysstat", "url": "http://x"}, "for sysstat give files or content."),
        ({"operation": "import", "source": "prometheus", "url": "ftp://x"}, "begins with http:// or https://"),
        ({"operation": "import", "source": "sysstat", "files": ["a"], "name_pattern": "("}, "no regular expression"),
        ({"operation": "import", "source": "sysstat", "files": ["a"], "name_pattern": "a.*"}, "put parentheses around"),
    ],
)
def test_what_does_not_is_refused_in_one_sentence(arguments, sentence):
    """What is wrong, and what to give in its place."""
    with pytest.raises(ValueError) as told:
        check_history_arguments(given(**arguments))
    assert sentence in str(told.value) and "\n" not in str(told.value) and str(told.value).endswith(".")


@pytest.mark.parametrize("name", ["client_key", "client_cert"])
def test_a_half_of_the_credentials_may_be_in_the_environment(name):
    """What arguments alone can't tell is not refused by them: the client looks at both."""
    url = {"source": "prometheus", "url": "https://prometheus.example.org"}
    check_history_arguments(given(operation="import", **url, **{name: "/f.pem"}))


def test_an_address_that_is_refused_is_cut():
    """It may be a file's whole content that was put into the wrong argument."""
    with pytest.raises(ValueError) as told:
        check_history_arguments(given(operation="import", source="prometheus", url="x" * 9999))
    assert len(str(told.value)) < 200


def test_the_rule_for_names_is_compiled_once_it_is_sound():
    """The group is the inventory's name."""
    assert pattern_of(given()) is None
    assert pattern_of(given(name_pattern="^([^:]+):")).match("web1:9100").group(1) == "web1"


def test_secrets_are_not_logged():
    """A task's arguments stand in the log of every controller."""
    hidden = {name for name, one in history_argument_spec().items() if one.get("no_log")}
    assert hidden == {"token", "headers"}
