# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test fleet with more trouble on the way to the hosts: passwords, jump hosts, keys, names, floods.

All of it is real: sshd, sudo, su, PAM, known_hosts. A route that is missing is an address of multicast, to which no
connection leads. It needs root, since users, shadow and sudoers are mounted.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import SSHD, Sshd
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import (
    Fleet,
    Hosts,
    loopback_fleet,
    own_boot_id,
)
from ansible_collections.fleetaudit.kernel_memory.tests.support.port import ReservedPort

PASSWORD = "right"
_HASH = "$6$fleet$tICLWOmR.Wj0OOwexknQ01.8d5HiJ/dT.nnA2p5qxiCjDd60DnUGZnwXVL8HQOpE32n9.aen5AAU9sgIipA021"
# name: number, shell, and of shadow: day of the last change of the password (0: it must be changed), day of the end
_USERS = {
    "asker": (20003, "/bin/sh", "19000", ""),  # sudo asks for a password
    "stranger": (20004, "/bin/sh", "19000", ""),  # is not in sudoers
    "expired": (20005, "/bin/sh", "0", ""),
    "ended": (20006, "/bin/sh", "19000", "19001"),
    "nologin": (20007, "/usr/sbin/nologin", "19000", ""),
    "login": (20008, "/bin/sh", "19000", ""),  # logs in with a password
}
ADDRESSES = 59
FLOODING = "flooding"
_AT_FLOODING, OLD, WITH_PAM = 31, 33, 34
_MATCHES = (
    f"Match LocalAddress 127.0.1.{_AT_FLOODING}\n  ForceCommand cat /dev/zero\n"
    "Match User login\n  PasswordAuthentication yes\n"
)

# host: the reason that the report gives; they are the same by both ways but for the flood, which a task can't cut.
REASONS = {
    "name": "name_unknown",
    "no-route": "no_route",
    "key-unknown": "host_key_unknown",
    "key-changed": "host_key_changed",
    "denied": "permission_denied",
    "old": "no_common_algorithm",
    "password-expired": "account_expired",
    "account-ended": "account_expired",
    "nologin": "no_login",
    "sudo-wrong": "become_password_wrong",
    "sudo-missing": "become_password_missing",
    "sudo-denied": "become_denied",
    "su-wrong": "become_password_wrong",
    "jump-down": "jump_host",
    "behind-jump-refused": "jump_host",
}
GOOD = ("sudo-asks", "su-asks", "behind-jump", "behind-proxy", "templated", "retries")
WITH_PASSWORD = {"login-password": None, "login-wrong": "login_password"}
"""ansible-core gives ssh a password itself from 2.19 on; before that it needs sshpass, and the hosts go the ordinary
way."""


# Daemons of their own: one that is old, one that asks PAM about accounts.
_DAEMONS = {"old": (OLD, "Ciphers 3des-cbc\n"), "pam": (WITH_PAM, "UsePAM yes\n")}


class TroubleSshd(Sshd):
    """The fleet's sshd with more users, and with daemons of their own."""

    def __init__(self, folder: Path, number: int, matches: str = "") -> None:
        super().__init__(folder, number, matches)
        self.kept = {name: ReservedPort(f"127.0.1.{address}") for name, (address, _more) in _DAEMONS.items()}
        self.closed = ReservedPort("127.0.0.1", "127.0.1.1")
        self.ports = {name: kept.number for name, kept in self.kept.items()}

    def start(self) -> None:
        """Start all."""
        super().start()
        left_out = ("ListenAddress", "Port", "MaxStartups", "UsePAM")
        lines = (self.folder / "sshd_config_1").read_text().splitlines()
        common = "".join(f"{line}\n" for line in lines if not line.startswith(left_out))
        for name, (address, more) in _DAEMONS.items():
            path = self.folder / f"sshd_config_{name}"
            path.write_text(f"ListenAddress 127.0.1.{address}\nPort {self.ports[name]}\n{more}{common}")
            process = self._begin(path)
            own, self.port = self.port, self.ports[name]
            self._wait_for(f"127.0.1.{address}", process)
            self.port = own

    def stop(self) -> None:
        """Stop all."""
        super().stop()
        for kept in (self.closed, *self.kept.values()):
            kept.release()

    def _begin(self, config: Path) -> subprocess.Popen[bytes]:
        """Start a daemon among the users of the others."""
        inside = ["nsenter", "--mount", "--target", str(self.processes[0].pid), SSHD, "-D", "-e", "-f", str(config)]
        with (self.folder / "sshd.log").open("ab") as log:
            self.processes.append(subprocess.Popen(inside, stdout=log, stderr=log, stdin=subprocess.DEVNULL))
        return self.processes[-1]

    def _own_users(self) -> str:
        commands = super()._own_users()
        passwd, shadow = self.folder / "passwd", self.folder / "shadow"
        home = self.folder / "home"
        lines = [f"{name}:x:{number}:65534::{home}:{shell}" for name, (number, shell, _day, _end) in _USERS.items()]
        passwd.write_text("\n".join(lines) + "\n" + passwd.read_text())
        lines = [f"{name}:{_HASH}:{day}:0:99999:7::{end}:" for name, (_no, _shell, day, end) in _USERS.items()]
        shadow.write_text("\n".join(lines) + "\n" + shadow.read_text().replace("root:*:", f"root:{_HASH}:"))
        rules = self.folder / "sudoers.d" / "asker"
        rules.write_text("asker ALL=(ALL) ALL\n")
        rules.chmod(0o440)
        return commands


def _more_hosts(folder: Path, hosts: Hosts, sshd: Sshd) -> Hosts:
    """Hosts of saved01, each with a boot id of its own, and each with something on the way to it."""
    assert isinstance(sshd, TroubleSshd)
    # Each has an address of its own, so that none finds an open connection of another.
    addresses = iter(range(36, ADDRESSES + 1))
    options = sshd.variables()["ansible_ssh_common_args"]
    strict = "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o UserKnownHostsFile="
    changed = folder / "known_hosts"
    key = (sshd.folder / "id.pub").read_text().split()
    changed.write_text(f"[127.0.1.20]:{sshd.port} {key[0]} {key[1]}\n")
    jump = f"-o ProxyCommand='ssh {options} -i {sshd.key} -p {{port}} -W %h:%p root@127.0.1.1'"
    closed = sshd.closed.number
    proxy_config = folder / "ssh_config"
    proxy_config.write_text(
        f"Host jump\n  HostName 127.0.1.1\n  Port {sshd.port}\n  User root\n  IdentityFile {sshd.key}\n"
        "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n"
    )

    def host(name: str, **variables: Any) -> dict[str, str]:
        address = variables.get("ansible_host") or f"127.0.1.{next(addresses)}"
        made = {**hosts["saved01"], **variables, "ansible_host": address}
        return {**made, **own_boot_id(folder, name, made)}

    talking = options.replace("-o LogLevel=ERROR", "")
    pam = {
        "ansible_host": f"127.0.1.{WITH_PAM}",
        "ansible_port": str(sshd.ports["pam"]),
        "ansible_ssh_common_args": talking,
    }
    become = {"ansible_become": "true", "ansible_become_password": PASSWORD}
    su = {**become, "ansible_become_method": "su", "ansible_user": "login"}
    made: dict[str, dict[str, Any]] = {
        "name": {"ansible_host": "no-such-host.invalid"},
        "no-route": {"ansible_host": "224.0.0.1"},
        "key-unknown": {"ansible_ssh_common_args": strict + "/dev/null"},
        "key-changed": {"ansible_host": "127.0.1.20", "ansible_ssh_common_args": strict + str(changed)},
        "denied": {"ansible_user": "nobody-of-that-name"},
        "old": {
            "ansible_host": f"127.0.1.{OLD}",
            "ansible_port": str(sshd.ports["old"]),
            "ansible_ssh_common_args": talking,
        },
        "password-expired": {**pam, "ansible_user": "expired"},
        "account-ended": {**pam, "ansible_user": "ended"},
        "nologin": {"ansible_user": "nologin"},
        "sudo-asks": {"ansible_user": "asker", **become},
        "sudo-wrong": {"ansible_user": "asker", **become, "ansible_become_password": "wrong"},
        "sudo-missing": {"ansible_user": "asker", "ansible_become": "true"},
        "sudo-denied": {"ansible_user": "stranger", **become},
        "su-asks": su,
        "su-wrong": {**su, "ansible_become_password": "wrong"},
        "behind-jump": {"ansible_ssh_extra_args": f"-F {proxy_config} -J jump"},
        "behind-proxy": {"ansible_ssh_common_args": f"{options} {jump.format(port=sshd.port)}"},
        "behind-jump-refused": {"ansible_ssh_extra_args": f"-F {proxy_config} -J jump", "ansible_port": str(closed)},
        "jump-down": {"ansible_ssh_common_args": f"{options} {jump.format(port=closed)}"},
        "templated": {"address": "127.0.1.35", "ansible_host": "{{ address }}", "ansible_user": "{{ 'root' | lower }}"},
        "retries": {"ansible_ssh_retries": "2", "ansible_ssh_pipelining": "true"},
        "login-password": {"ansible_user": "login", "ansible_password": PASSWORD, "ansible_ssh_private_key_file": ""},
        "login-wrong": {"ansible_user": "login", "ansible_password": "wrong", "ansible_ssh_private_key_file": ""},
        FLOODING: {"ansible_host": f"127.0.1.{_AT_FLOODING}"},
    }
    return {name: host(name, **variables) for name, variables in made.items()}


@contextmanager
def trouble_fleet() -> Iterator[Fleet]:
    """The fleet, up."""
    with loopback_fleet(TroubleSshd, _more_hosts, _MATCHES, ADDRESSES) as fleet:
        yield fleet
