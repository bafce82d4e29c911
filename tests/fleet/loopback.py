# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real sshd on many loopback addresses, each address a host.

It has its own port, keys and, where root allows it, its own /etc/passwd and /etc/sudoers.d in a private mount
namespace, so that nothing of this machine changes and nothing is left to clean up.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.support.port import ReservedPort
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import for_everybody

ROOT = os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0
"""Whether hosts can have users of their own: a root of a container may not be let."""
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SSHD = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/bin") or "/usr/sbin/sshd"


USERS = {"auditor": 20001, "terminal": 20002}
ADDRESSES_EACH = 15
"""sshd listens on 16 sockets at most."""


class Sshd:
    """As many sshd as it takes for all addresses 127.0.1.1 to 127.0.1.<number>, all on one port."""

    def __init__(self, folder: Path, number: int, matches: str = "") -> None:
        self.folder, self.number = folder, number
        self.reserved = ReservedPort(*(f"127.0.1.{host}" for host in range(1, number + 1)))
        self.port = self.reserved.number
        self.key = folder / "id"
        folder.chmod(0o755)
        for name in ("host", "id"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        shutil.copy(folder / "id.pub", folder / "authorized_keys")
        (folder / "home").mkdir()
        common = (
            f"Port {self.port}\nHostKey {folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nPrintMotd no\nMaxStartups 200\nMaxSessions 200\nPermitRootLogin "
            f"yes\nLogLevel ERROR\n{matches}"
        )
        self.firsts = range(1, number + 1, ADDRESSES_EACH)
        for first in self.firsts:
            listen = "".join(
                f"ListenAddress 127.0.1.{host}\n" for host in range(first, min(first + ADDRESSES_EACH, number + 1))
            )
            (folder / f"sshd_config_{first}").write_text(listen + common)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start and wait until all listen. As root each in a mount namespace with its own users."""
        before = self._own_users() if ROOT else ""
        for first in self.firsts:
            command = [SSHD, "-D", "-e", "-f", str(self.folder / f"sshd_config_{first}")]
            if ROOT:
                os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
                command = [
                    "unshare",
                    "--mount",
                    "--propagation",
                    "private",
                    "sh",
                    "-c",
                    before + "exec " + " ".join(command),
                ]
            with (self.folder / "sshd.log").open("ab") as log:
                self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL))
        for first, process in zip(self.firsts, self.processes, strict=True):
            self._wait_for(f"127.0.1.{first}", process)

    def _wait_for(self, address: str, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((address, self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"sshd did not start: {(self.folder / 'sshd.log').read_text()}")

    def _own_users(self) -> str:
        """Return the shell commands that give the namespace its own users, sudo rule and, at /mnt, a root without
        Python.
        """
        home, passwd, shadow = self.folder / "home", self.folder / "passwd", self.folder / "shadow"
        home.chmod(0o755)
        users = [
            line
            for line in Path("/etc/passwd").read_text().splitlines()
            if not line.startswith(("root:", "auditor:", "terminal:"))
        ]
        ours = [
            f"root:x:0:0:root:{home}:/bin/sh",
            *(f"{name}:x:{number}:65534::{home}:/bin/sh" for name, number in USERS.items()),
        ]
        passwd.write_text("\n".join([*ours, *users]) + "\n")
        shadow.write_text("root:*:19000:0:99999:7:::\nauditor:*:19000:0:99999:7:::\nterminal:*:19000:0:99999:7:::\n")
        mounts = f"mount --bind {passwd} /etc/passwd && mount --bind {shadow} /etc/shadow && "
        if Path("/etc/sudoers.d").is_dir():
            rules = self.folder / "sudoers.d"
            rules.mkdir(exist_ok=True)
            (rules / "auditor").write_text("auditor,terminal ALL=(ALL) NOPASSWD: ALL\nDefaults:terminal requiretty\n")
            (rules / "auditor").chmod(0o440)
            mounts += f"mount --bind {rules} /etc/sudoers.d && "
        busybox_root(self.folder)
        # sshd's ChrootDirectory must belong to root all the way up, which only a mount of our own can promise.
        return mounts + f"mount -t tmpfs -o mode=755 none /mnt && cp -a {self.folder}/no-python /mnt/no-python && "

    def stop(self) -> None:
        """Stop them with all their sessions."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self.reserved.release()

    def variables(self) -> dict[str, str]:
        """Inventory variables that reach it."""
        # Without the settings of the user who runs the tests, which ssh finds by itself.
        unasked = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        options = f"-F /dev/null {unasked} -o IdentitiesOnly=yes -o LogLevel=ERROR"
        return {
            "ansible_port": str(self.port),
            "ansible_user": "root" if ROOT else pwd.getpwuid(os.geteuid()).pw_name,
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": options,
        }


class Silent:
    """A port that takes connections and never says a word: a host that hangs."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket()
        self.socket.bind((address, 0))
        self.socket.listen(50)
        self.port = int(self.socket.getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        self.socket.close()


def busybox_root(folder: Path) -> Path:
    """Make a root file system with busybox alone, no Python, and a saved /proc of its own in /saved."""
    busybox = shutil.which("busybox")
    if busybox is None:
        raise RuntimeError("busybox is not installed; on Debian: apt-get install busybox-static")
    root = folder / "no-python"
    (root / "bin").mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, check=True).stdout.decode().split()
    for name in set(applets) - {"busybox"}:
        (root / "bin" / name).symlink_to("busybox")
    shutil.copytree(SAMPLES / "6.12.118+deb13-cloud-amd64", root / "saved", symlinks=True)
    for_everybody(root / "saved")
    (root / "dev").mkdir()
    (root / "dev" / "null").write_bytes(b"")
    (root / "dev" / "null").chmod(0o666)
    return root


def python_that_says(folder: Path, system: str) -> Path:
    """A Python whose uname() names another system: a stand-in, since no other kernel can be started here."""
    path = folder / f"python-{system.lower()}"
    path.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -E -s -S -c "import posix,sys; real=posix.uname(); '
        f"posix.uname=lambda: ('{system}',)+tuple(real)[1:]; exec(sys.stdin.read())\"\n"
    )
    path.chmod(0o755)
    return path
