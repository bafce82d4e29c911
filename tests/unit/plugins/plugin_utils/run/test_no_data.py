# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of ssh, sudo, su, sshpass and Ansible lead to the team that can help.

The words were taken from OpenSSH 9.2 and 10.0, sudo 1.9.13, shadow's su and ansible-core 2.16 to 2.21; tests/fanout has
the same from real daemons.
"""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import REASONS, no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.no_data import (
    CAUSES,
    cause_of,
    was_closed_too_early,
    without_noise,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import failure
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import OUTCOMES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import NO_DATA_LABELS

_CLOSED_BY_JUMP = (
    "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535"
)
UNREACHABLE = {
    "ssh: Could not resolve hostname web1.example: Name or service not known": "name_unknown",
    "ssh: Could not resolve hostname web1: Temporary failure in name resolution": "name_unknown",
    "ssh: connect to host 10.0.0.1 port 22: Connection refused": "refused",
    "ssh: connect to host 10.0.0.1 port 22: No route to host": "no_route",
    "ssh: connect to host 10.0.0.1 port 22: Network is unreachable": "no_route",
    "ssh: connect to host 10.0.0.1 port 22: Connection timed out": "connect_timed_out",
    "Connection timed out during banner exchange\r\nConnection to 10.0.0.1 port 22 timed out": "connect_timed_out",
    "No ED25519 host key is known for [10.0.0.1]:22 and you have requested strict checking.\r\n"
    "Host key verification failed.": "host_key_unknown",
    "Using a SSH password instead of a key is not possible because Host Key checking is enabled.": "host_key_unknown",
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.": "host_key_changed",
    "root@10.0.0.1: Permission denied (publickey).": "permission_denied",
    "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures": "permission_denied",
    "Invalid/incorrect password: Permission denied, please try again.": "login_password",
    "Your account has expired; please contact your system administrator.\nConnection closed by 10.0.0.1 port 22": (
        "account_expired"
    ),
    "Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss": (
        "no_common_algorithm"
    ),
    "Unable to negotiate with 10.0.0.1 port 22: no matching key exchange method found. Their offer: diffie": (
        "no_common_algorithm"
    ),
    "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 10.0.0.1 port 22": (
        "connection_closed"
    ),
    "kex_exchange_identification: read: Connection reset by peer": "connection_closed",
    "client_loop: send disconnect: Broken pipe": "connection_closed",
    # The jump host itself can't be reached, then: it is reached, and the host behind it refuses.
    f"ssh: connect to host jump port 22: Connection refused\r\n{_CLOSED_BY_JUMP}": "jump_host",
    "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\n"
    f"{_CLOSED_BY_JUMP}": "refused",
    "channel 0: open failed: administratively prohibited: open failed\r\nstdio forwarding failed\r\n"
    f"{_CLOSED_BY_JUMP}": "jump_host",
    "Something that nobody has seen yet": None,
}
OTHERS = [
    ("failed", "Incorrect sudo password", "become_password_wrong"),
    ("failed", "Task failed: Missing sudo password", "become_password_missing"),
    ("failed", "Incorrect su password", "become_password_wrong"),
    ("no_answer", "sudo: a password is required", "become_password_missing"),
    ("no_answer", "alice is not in the sudoers file.  This incident will be reported.", "become_denied"),
    ("no_answer", "Sorry, user alice is not allowed to execute '/bin/sh' as root on web1.", "become_denied"),
    (
        "no_answer",
        "WARNING: Your password has expired.\nPassword change required but no TTY available.",
        "account_expired",
    ),
    ("no_answer", "This account is currently not available.", "no_login"),
    ("no_answer", "This service allows sftp connections only.", "no_login"),
    ("no_answer", "The host's answer is 700000 bytes long; a reading has a few thousand. It was not read.", "flood"),
    # Of a host that has answered, no word is about the way to it; an outcome may be a cause by itself.
    ("no_answer", "curl: (7) Failed to connect: Connection refused", None),
    ("failed", "The collector failed on the host: OSError: No route to host.", None),
    ("timed_out", "Connection refused", None),
    ("not_linux", "Permission denied (publickey)", None),
]


@pytest.mark.parametrize(("said", "cause"), UNREACHABLE.items())
def test_the_words_of_a_failed_connection_name_the_team(said: str, cause: str | None) -> None:
    """The same by both ways: Ansible puts its own words before those of ssh."""
    assert cause_of("unreachable", said) == cause
    preamble = 'Data could not be sent to remote host "10.0.0.1". Make sure this host can be reached over ssh: '
    problem, bare = failure("unreachable", f"Task failed: {preamble}{said}"), failure("unreachable", said)
    assert (problem.cause, str(problem)) == (bare.cause, str(bare))


@pytest.mark.parametrize(("outcome", "said", "cause"), OTHERS)
def test_the_words_of_a_host_that_was_reached(outcome: str, said: str, cause: str | None) -> None:
    """An expired password is no noise of a login shell; a host's words about some other connection mean nothing."""
    assert cause_of(outcome, said) == cause


def test_a_denial_is_of_the_password_where_one_was_sent() -> None:
    """ssh says the same words for a key and for a password."""
    said = "alice@10.0.0.1: Permission denied (publickey,password)."
    assert cause_of("unreachable", said) == "permission_denied"
    assert cause_of("unreachable", said, password_sent=True) == "login_password"


@pytest.mark.parametrize("reason", [*CAUSES, *(outcome for outcome in OUTCOMES if outcome != "facts")])
def test_each_has_a_label_a_sentence_and_a_next_step(reason: str) -> None:
    """A cause that the report does not know would be a host without a word."""
    assert reason in REASONS and reason in NO_DATA_LABELS
    told = no_data(reason, "web 1", "it said so.")
    assert len(told.message) > 10 and len(told.next_step) > 20
    assert "{" not in told.next_step and (told.message[0].isupper() or told.message == "it said so.")


def test_only_a_full_door_is_worth_another_try() -> None:
    """sshd with too many at once closes before it says who it is; a refusal and a wrong key stay what they are."""
    assert was_closed_too_early("kex_exchange_identification: Connection closed by remote host")
    assert was_closed_too_early("Connection reset by 10.0.0.1 port 22")
    for said in UNREACHABLE:
        if "kex_exchange" not in said and "reset" not in said:
            assert not was_closed_too_early(said), said


def test_what_ssh_says_beside_the_cause_is_dropped() -> None:
    """A message has 500 characters, and a warning about algorithms would push the cause out of sight."""
    said = (
        "Warning: Permanently added '[10.0.0.1]:22' (ED25519) to the list of known hosts.\n"
        "** WARNING: connection is not using a post-quantum key exchange algorithm.\n"
        '** This session may be vulnerable to "store now, decrypt later" attacks.\n'
        "debug1: Reading configuration data /etc/ssh/ssh_config\n"
        "root@10.0.0.1: Permission denied (publickey).\n"
    )
    assert without_noise(said) == "root@10.0.0.1: Permission denied (publickey)."
    assert without_noise("** nothing else").startswith("** nothing")
