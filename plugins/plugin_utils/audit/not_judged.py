# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host has no verdict: each reason with its sentence and one next step."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from ..model.plain import Plain
from ..run.no_data import CAUSES
from ..run.spool import OUTCOMES

MAXIMUM_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class NoData(Plain):
    """Why a host has no verdict."""

    reason: str
    message: str
    next_step: str


# reason: (sentence, next step). {host} is the inventory name, quoted for a shell. What the host, ssh or Ansible said is
# added to the sentence.
_SENTENCES: dict[str, tuple[str, str]] = {
    "unreachable": (
        "Ansible could not connect to the host",
        "Check that the host is up and that the connection works: ansible {host} -m ansible.builtin.ping",
    ),
    "name_unknown": (
        "The host's name could not be resolved",
        "Look for a typing error in ansible_host, and ask the controller's name service: getent hosts NAME",
    ),
    "no_route": (
        "There is no way through the network to the host",
        "Check the address in ansible_host, and the routes or the VPN between controller and host",
    ),
    "connect_timed_out": (
        "Nothing answered when connecting to the host",
        "Check that the host is up, and that no firewall drops what comes from the controller",
    ),
    "refused": (
        "The host refused the connection",
        "Check ansible_port, and on the host's console that sshd runs and listens there",
    ),
    "connection_closed": (
        "The connection was closed before the host could be asked",
        "Look into sshd's log on the host (MaxStartups, hosts.deny, fail2ban); then audit it again with --limit {host}",
    ),
    "jump_host": (
        "The way through the jump host failed",
        "Check the jump host of the host's ssh settings (ProxyJump, ProxyCommand), and whether it reaches the host; "
        "others may stand behind it, too",
    ),
    "host_key_unknown": (
        "The host's key is not known on the controller",
        "Compare the fingerprint with the host's, then add the key to known_hosts: ssh-keyscan -p PORT ADDRESS",
    ),
    "host_key_changed": (
        "The host's key is another than the one that is known",
        "Find out why before anything is sent there (installed anew, another machine at its address, somebody in "
        "between); then remove the old key: ssh-keygen -R ADDRESS",
    ),
    "no_common_algorithm": (
        "The ssh of the controller and the sshd of the host have no algorithm in common",
        "Allow what the host offers, for this host alone (ansible_ssh_extra_args: -o HostKeyAlgorithms=+ssh-rsa, say), "
        "or bring its sshd up to date",
    ),
    "permission_denied": (
        "The host did not let the user in",
        "Check ansible_user and the key (ansible_ssh_private_key_file or the agent), and the user's authorized_keys "
        "on the host",
    ),
    "login_password": (
        "The password for logging in was refused",
        "Check ansible_password, or what was given to --ask-pass; look whether the account is locked by now",
    ),
    "account_expired": (
        "The account on the host or its password has expired",
        "Log in by hand as that user and set a new password, or have the account prolonged",
    ),
    "no_login": (
        "The user's login shell on the host runs no commands",
        "Choose another ansible_user, or give this one a shell (getent passwd USER on the host)",
    ),
    "become_password_wrong": (
        "The password for becoming another user was refused",
        "Check ansible_become_password, or what was given to --ask-become-pass",
    ),
    "become_password_missing": (
        "Becoming another user needs a password, and there was none",
        "Give ansible_become_password or --ask-become-pass, or take ansible_become off it: an audit needs no root",
    ),
    "become_denied": (
        "The user may not become another user on the host",
        "Allow it in the host's sudoers, or take ansible_become off the host: an audit needs no root",
    ),
    "timed_out": (
        "The host did not answer in time",
        "See whether the host is overloaded (uptime, and dmesg for hung tasks); then audit it again with a larger "
        "kernel_mem_audit_timeout and --limit {host}",
    ),
    "flood": (
        "The host sent far more than a reading, and was cut off",
        "See what the user's login prints without end: ssh HOST true | head -c 1000; then take it out of the profile",
    ),
    "interrupted": ("The run was interrupted before the host had answered", "Audit the host again with --limit {host}"),
    "failed": (
        "Gathering failed on the host",
        "Read the message, put right what it names, and audit the host again with --limit {host} -vvv",
    ),
    "no_python": (
        "No usable Python was found on the host",
        "Leave kernel_mem_audit_transport at auto, which needs no Python, or point ansible_python_interpreter at "
        "one; then audit it again with --limit {host}",
    ),
    "not_linux": (
        "The host does not run Linux",
        "Take the host out of the audited hosts: only Linux kernels can be audited",
    ),
    "no_answer": (
        "The host ran the collector but gave back no complete answer",
        "Audit the host again with --limit {host} -vvv and look for text that the login shell or sudo adds",
    ),
    "not_run": (
        "The gathering never reached the host, so nothing is known about it",
        "Audit the host again with --limit {host} -vvv and look for an undefined variable or an unknown connection",
    ),
    "not_auditable": ("The host can't see a kernel of its own", "Audit the machine that the container runs on instead"),
    "shared_kernel": (
        "The host shares its kernel with another name",
        "See the other name for the verdict; if they are two machines (a cloned snapshot), reboot one of them",
    ),
    "not_sure": (
        "The host answered, and what it says is not enough to call it well",
        "Look at what is named on the host itself (cat /proc/meminfo, uname -r); then audit it again with --limit "
        "{host}",
    ),
    "unreadable": (
        "The answer of the host is not what the collector writes",
        "Audit the host again with --limit {host}; if it stays so, find out what on the host changes the answer",
    ),
}

REASONS = tuple(_SENTENCES)

# Whose message is a sentence of our own, which needs no introduction.
_SAID_BY_THE_COLLECTOR = ("timed_out", "no_python", "not_linux", "no_answer", "flood", "interrupted")


def no_data(reason: str, host: str, message: str | None = None) -> NoData:
    """Return why *host* has no verdict: the reason, a sentence with the *message* of the host, and a next step.

    Raises ValueError for a reason that is not known.
    """
    if reason not in _SENTENCES:
        raise ValueError(f"The reason {reason!r} is not known; it must be one of {', '.join(REASONS)}.")
    sentence, next_step = _SENTENCES[reason]
    detail = (message or "").strip()
    if len(detail) > MAXIMUM_MESSAGE:
        detail = "..." + detail[-(MAXIMUM_MESSAGE - 3) :]
    return NoData(reason, _message(reason, sentence, detail), next_step.replace("{host}", shlex.quote(host)))


def _message(reason: str, sentence: str, detail: str) -> str:
    if not detail:
        return f"{sentence}."
    return detail if reason in _SAID_BY_THE_COLLECTOR else f"{sentence}: {detail}"


def outcome_of(record: Mapping[str, object]) -> tuple[str, str | None]:
    """Return why a spool record has no facts (its cause where that is known, else its outcome) and its message; or
    ``facts`` and None. One that has no outcome that is known is ``unreadable`` with a sentence.
    """
    outcome, cause, message = record.get("outcome"), record.get("cause"), record.get("message")
    if outcome == "facts":
        return "facts", None
    if outcome not in OUTCOMES:
        return "unreadable", "its record has an outcome that is not known."
    return (cause if isinstance(cause, str) and cause in CAUSES else str(outcome)), (
        message if isinstance(message, str) else None
    )
