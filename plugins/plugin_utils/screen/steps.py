# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about hosts without data, in a few words for each reason: the report has a sentence for each host."""

from __future__ import annotations

STEPS = {
    "unreachable": "check that the host is up and can be connected to",
    "name_unknown": "correct the name in the inventory, or the name service",
    "no_route": "check the address, and the route or VPN to it",
    "connect_timed_out": "the host is down, or a firewall drops packets",
    "refused": "check sshd, and the port in the inventory",
    "connection_closed": "see sshd's log: too many at once, or this controller is barred",
    "jump_host": "check the jump host",
    "host_key_unknown": "compare the host's key, then add it to known_hosts",
    "host_key_changed": "find out why before anything is sent there",
    "no_common_algorithm": "allow what the host's sshd offers, or bring it up to date",
    "permission_denied": "check the user and the key",
    "login_password": "check the password for logging in; the account may be locked",
    "account_expired": "set a new password, or prolong the account",
    "no_login": "choose a user that has a shell",
    "become_password_wrong": "check the password for becoming root",
    "become_password_missing": "give that password, or don't become root",
    "become_denied": "allow it in sudoers, or don't become root",
    "timed_out": "overloaded, or too slow for kernel_mem_audit_timeout",
    "flood": "see what a login prints there without end",
    "interrupted": "audit these hosts again",
    "failed": "read what the report says of each",
    "no_python": "leave kernel_mem_audit_transport at auto, which needs none",
    "not_linux": "take it out: only Linux kernels can be audited",
    "no_answer": "see what text a login or sudo adds there",
    "not_run": "look for undefined variables and unknown connections",
    "not_auditable": "audit the machine that the container runs on",
    "shared_kernel": "judged under its other name; nothing to do",
    "unreadable": "audit again; if it stays so, something changes the answer",
}
"""By reason, as :data:`words.labels.NO_DATA_LABELS`."""
