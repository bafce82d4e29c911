# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host could not be asked, told from the words of ssh, sudo, su, sshpass and Ansible.

"Unreachable" is work for four teams: a name, a network, a daemon, a key. Each cause is one of them. The same words come
from both ways of asking, so the cause is the same. The words are OpenSSH's (client and packet messages), which are
never translated; a host that writes such words itself chooses no more than the reason why it gives no data.
"""

from __future__ import annotations

import re

# In this order: the first that fits counts. What a jump host says of the host behind it stands before what is said of
# the jump host's own end.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("host_key_changed", r"REMOTE HOST IDENTIFICATION HAS CHANGED|host key for .* has changed"),
    ("host_key_unknown", r"Host key verification failed|No \S+ host key is known for|Host Key checking is enabled"),
    ("become_password_wrong", r"Incorrect \S+ password|\d incorrect password attempts?|su: Authentication failure"),
    ("become_password_missing", r"Missing \S+ password|sudo: a password is required|sudo: no password was provided"),
    ("become_denied", r"is not in the sudoers file|is not allowed to (execute|run sudo)|may not run sudo"),
    (
        "account_expired",
        r"password has expired|Password change required|required to change your password|account has expired",
    ),
    ("no_login", r"This account is currently not available|This service allows \w+ connections only"),
    ("login_password", r"Invalid/incorrect (username/)?password|Permission denied, please try again"),
    ("permission_denied", r"Permission denied \(|Too many authentication failures|No more authentication methods"),
    ("no_common_algorithm", r"no matching .+ found\. Their offer|no matching (cipher|mac|host key|key exchange)"),
    ("name_unknown", r"Could not resolve hostname|Name or service not known|nodename nor servname provided"),
    ("refused", r"Connection refused"),
    ("no_route", r"No route to host|Network is unreachable|Host is unreachable|Network is down"),
    ("connect_timed_out", r"Connection (to .* )?timed out|Operation timed out|timed out during banner exchange"),
    ("jump_host", r"UNKNOWN port 65535|administratively prohibited|stdio forwarding failed"),
    (
        "connection_closed",
        r"kex_exchange_identification|Connection (closed|reset) by|Connection reset|Broken pipe|lost connection",
    ),
)
_CLOSED_TOO_EARLY = re.compile(r"kex_exchange_identification|ssh_exchange_identification|Connection reset by")
_OF_THE_JUMP_HOST = re.compile(r"UNKNOWN port 65535")
_THROUGH_THE_JUMP_HOST = re.compile(r"channel \d+: open failed|stdio forwarding failed")
_FOUND = tuple((cause, re.compile(signs, re.IGNORECASE)) for cause, signs in _SIGNS)

CAUSES = (*(cause for cause, _signs in _SIGNS), "flood", "interrupted")
"""All causes by name. ``flood`` and ``interrupted`` are known to the one who asked, not told from words."""

_OF_BECOMING = frozenset({"become_password_wrong", "become_password_missing", "become_denied"})
_AFTER_CONNECTING = _OF_BECOMING | {"account_expired", "no_login"}
# An outcome that is not here is a cause by itself; of a host that was reached, no word is about the way to it.
_POSSIBLE = {
    "unreachable": frozenset(CAUSES),
    "failed": _OF_BECOMING | {"login_password", "host_key_unknown"},
    "no_answer": _AFTER_CONNECTING,
}

_TOO_LONG = re.compile(r"is \d+ bytes long; a reading has|sent more than \d+ bytes")

# What ssh says beside the cause: warnings, what a debug level adds, and of OpenSSH 10.1 on, of an exchange of keys
# that is not post-quantum. And Ansible's words before those of ssh, so that both ways of asking say the same.
_NOISE = re.compile(
    r"^(\*\* .*|Warning: Permanently added .*|debug[123]: .*|OpenSSH_\S+, .*|Pseudo-terminal will not be allocated.*)$",
    re.MULTILINE,
)
_PREAMBLE = re.compile(
    r"(?:Task failed: |Failed to connect to the host via ssh: "
    r'|Data could not be sent to remote host ".*?"\. Make sure this host can be reached over ssh: ?)+',
    re.IGNORECASE,
)


def cause_of(outcome: str, said: str, *, password_sent: bool = False, through_jump: bool = False) -> str | None:
    """Return the cause that the words *said* show, or None where the *outcome* alone is known.

    *password_sent* says that ssh had a password to give: then a denial is of the password. *through_jump* says that
    there is a jump host on the way: ssh hears no more of it than that its connection was closed, since with
    ControlPersist the words of the jump host's own ssh go nowhere.
    """
    possible = _POSSIBLE.get(outcome, frozenset())
    if outcome == "no_answer" and _TOO_LONG.search(said):
        return "flood"
    cause = next((cause for cause, signs in _FOUND if cause in possible and signs.search(said)), None)
    if "jump_host" in possible and _OF_THE_JUMP_HOST.search(said) and not _THROUGH_THE_JUMP_HOST.search(said):
        return "jump_host"  # ssh's words before it are of the way to the jump host
    if cause == "connection_closed" and through_jump and was_closed_too_early(said):
        return "jump_host"
    if cause == "permission_denied" and password_sent:
        return "login_password"
    return cause


def was_closed_too_early(said: str) -> bool:
    """Return whether the connection was closed before anybody was asked for a name: what a daemon does that has too
    many at once (MaxStartups). Then it is worth another try.
    """
    return _CLOSED_TOO_EARLY.search(said) is not None


def without_noise(said: str) -> str:
    """Return words without Ansible's preamble and without warnings; the warnings stay where nothing else is there."""
    words = said.strip()
    preamble = _PREAMBLE.match(words)
    words = words[preamble.end() :] if preamble else words
    return _NOISE.sub("", words).strip() or words.strip()
