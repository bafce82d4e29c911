# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process for all keeps what a task for each kept: modes of a run, variables of a host, and secrets where they
belong.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.connection import ssh
from ansible.release import __version__ as CORE

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._asked_hosts import MOST_KEPT
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.choice import FEWEST_HOSTS
from ansible_collections.fleetaudit.kernel_memory.tests.fanout.stand_in import StandIns
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import as_many_as

GIVES_PASSWORDS = tuple(map(int, CORE.split(".")[:2])) >= (2, 19)
"""From 2.19 on ansible-core can give ssh a password itself."""


def names(audit: dict[str, Any]) -> list[str]:
    """The hosts of an audit, sorted."""
    return sorted(entry["name"] for entry in audit["hosts"])


def without_data(audit: dict[str, Any]) -> dict[str, str]:
    """The hosts without data with their reason."""
    return {entry["name"]: entry["no_data"]["reason"] for entry in audit["hosts"] if entry["no_data"]}


def how(audit: dict[str, Any]) -> str:
    """What the report says of the ways of asking."""
    return " ".join(note for note in audit["notes"] if "by one process" in note)


def test_every_host_is_asked_once_in_batches_and_within_a_limit(stand_ins: StandIns) -> None:
    """serial makes a batch of one process each; a limit drops plays on localhost, which must not drop the report.
    And auto is one process where no task of AWX needs another.
    """
    stand_ins.inventory({f"h{number:02}": {} for number in range(25)})
    audit = stand_ins.audit("-e", "kernel_mem_audit_serial=10", "--limit", "h0*,h1*,h20", gather="auto")
    assert audit["exit_code"] == 0, audit["output"]
    assert names(audit) == [f"h{number:02}" for number in range(21)] and without_data(audit) == {}
    assert audit["output"].count("asking 10 hosts") == 2 and audit["output"].count("asking 1 hosts") == 1
    assert how(audit) == "21 hosts were asked by one process, 0 by a task each."
    assert sorted(path.name for path in stand_ins.notes.iterdir()) == names(audit)
    assert "ok: [h07]" not in audit["output"]


@pytest.mark.once
def test_auto_is_a_task_each_in_awx(stand_ins: StandIns) -> None:
    """AWX counts hosts by the results of tasks."""
    stand_ins.inventory({f"h{number:02}": {} for number in range(FEWEST_HOSTS)})
    audit = stand_ins.audit("-e", "awx_job_id=7", "--forks", "20", gather="auto")
    assert audit["exit_code"] == 0 and without_data(audit) == {}, audit["output"]
    assert how(audit) == "" and "ok: [h07]" in audit["output"]


def test_a_timeout_of_the_configuration_is_of_a_task_for_one_host(tmp_path: Path) -> None:
    """Somebody gives all tasks 300 seconds; one process for 4,000 hosts takes longer, and each has its own timeout.

    Here it is so long that the other tasks of the playbook are done in time on a busy machine, too.
    """
    with StandIns(tmp_path, "sleep 10") as stand_ins:
        stand_ins.inventory({"a": {}, "b": {}})
        (stand_ins.folder / "ansible.cfg").write_text("[defaults]\ntask_timeout = 15\n")
        audit = stand_ins.audit("-e", "kernel_mem_audit_at_once=1")
    assert audit["exit_code"] == 0 and without_data(audit) == {}, audit["output"]


@pytest.mark.once
def test_check_mode_writes_nothing(stand_ins: StandIns) -> None:
    """The summary is shown; neither report nor spool is there."""
    stand_ins.inventory({"a": {}, "b": {}})
    audit = stand_ins.audit("--check")
    assert audit["exit_code"] == 0 and "\nREPORT    " in audit["output"]
    assert not (stand_ins.folder / "reports").exists()


@pytest.mark.once
def test_tags_choose_the_whole_audit_or_nothing(stand_ins: StandIns) -> None:
    """Somebody imports the playbook with a tag."""
    stand_ins.inventory({"a": {}, "b": {}})
    book = stand_ins.folder / "site.yml"
    book.write_text("- import_playbook: fleetaudit.kernel_memory.audit\n  tags: [memory]\n")
    for tag, asked in (("other", []), ("memory", ["a", "b"])):
        process = stand_ins.start("-e", "kernel_mem_audit_gather=fanout", "--tags", tag, playbook=str(book))
        assert process.wait() == 0, stand_ins.output()
        assert sorted(path.name for path in stand_ins.notes.iterdir()) == asked
    assert list(stand_ins.folder.glob("reports/*/audit.json"))


def test_a_first_host_whose_variables_are_broken_costs_nobody_else(stand_ins: StandIns) -> None:
    """A task that runs once runs in the first host's name; it must neither fail for it nor take its settings for all.

    Each host of the inventory that is broken is the first of its batch.
    """
    broken = [
        {"ansible_host": "{{ nowhere }}"},
        {"ansible_connection": "no.such"},
        {"ansible_become_method": "no.such"},
    ]
    hosts: dict[str, dict[str, Any]] = {}
    for number, variables in enumerate(broken):
        hosts |= {f"broken{number}": {**variables, "ansible_become": True}, f"good{number}": {}}
    stand_ins.inventory(hosts)
    audit = stand_ins.audit("-e", "kernel_mem_audit_serial=2")
    assert audit["exit_code"] == 0, audit["output"]
    assert without_data(audit) == {f"broken{number}": "failed" for number in range(3)}
    assert how(audit).startswith("3 hosts were asked by one process, 3 by a task each (1: ")
    assert all("sudo" not in stand_ins.note(f"good{number}").splitlines()[0] for number in range(3))


def test_settings_of_a_host_are_its_own(stand_ins: StandIns) -> None:
    """Address, user, port, become, interpreter, roots and environment differ by host, some by a template.

    A thousand hosts have a few sets of settings, which share a connection plugin: an address is no setting, a key is.
    """
    keys = {f"k{number}": {"ansible_ssh_private_key_file": f"/keys/{number % 2}"} for number in range(6)}
    users = {f"u{number}": {"ansible_user": f"user{number}"} for number in range(MOST_KEPT + 6)}
    plain = {f"h{number}": {"ansible_host": f"10.0.0.{number}"} for number in range(6)}
    stand_ins.inventory(
        {
            **keys,
            **users,
            **plain,
            "a": {"ansible_user": "alice", "ansible_port": 2222, "ansible_become": True},
            "b": {"ansible_host": "{{ 'address-of-' ~ inventory_hostname }}", "ansible_ssh_user": "bob"},
            "c": {"ansible_python_interpreter": "/opt/python", "kernel_mem_audit_environment": "staging"},
            "d": {"kernel_mem_audit_transport": "module", "ansible_python_interpreter": "/no/python"},
            "f": {"kernel_mem_audit_proc_root": "/no/such/proc", "ansible_ssh_extra_args": "-o Ciphers=aes128-ctr"},
        }
    )
    audit = stand_ins.audit("-e", "kernel_mem_audit_timeout=5")
    lines = {note.name: note.read_text().splitlines()[0] for note in stand_ins.notes.iterdir()}
    assert 'User="alice"' in lines["a"] and "Port=2222" in lines["a"] and "sudo -H -S" in lines["a"]
    assert 'User="bob"' in lines["address-of-b"] and "Port" not in lines["address-of-b"] and "sudo" not in lines["c"]
    assert "for p in /opt/python; do" in lines["c"] and "for p in /usr/libexec" in lines["a"]
    assert "Ciphers=aes128-ctr" in lines["f"] and "Ciphers" not in lines["a"]
    assert {entry["name"]: entry["environment"] for entry in audit["hosts"]}["c"] == "staging"
    missing = without_data(audit)
    assert "d" in missing and not set(missing) & {*keys, *users, *plain}
    assert all(f'User="{name.replace("u", "user")}"' in stand_ins.note(name) for name in users)
    for number in range(6):
        assert f'IdentityFile="/keys/{number % 2}"' in stand_ins.note(f"k{number}")
        assert "IdentityFile" not in stand_ins.note(f"10.0.0.{number}")
    assert "1: the transport is module" in how(audit)


def test_a_password_goes_to_its_host_alone(stand_ins: StandIns) -> None:
    """The first host's password is in Ansible's settings of the task that runs once; no other host may get it."""
    stand_ins.inventory(
        {
            "a": {"ansible_password": "secret-of-a", "ansible_become_password": "other-of-a"},
            "b": {},
            "c": {"ansible_password": "secret-of-c", "ansible_host_key_checking": False},
        }
    )
    audit = stand_ins.audit()
    assert set(without_data(audit)) <= {"a", "c"}
    assert "secret-of" not in stand_ins.note("b") and "BatchMode=yes" in stand_ins.note("b")
    assert "secret-of" not in audit["output"] and "other-of" not in audit["output"]
    if GIVES_PASSWORDS:
        for own, other in (("a", "c"), ("c", "a")):
            assert f"KERNEL_MEMORY_SSH_PASSWORD=secret-of-{own}" in stand_ins.note(own)
            assert f"secret-of-{other}" not in stand_ins.note(own)
            assert "NumberOfPasswordPrompts=1" in stand_ins.note(own) and "BatchMode" not in stand_ins.note(own)
    else:
        assert "2: its password is given to ssh by sshpass" in how(audit)
    assert not list(stand_ins.folder.rglob("askpass-*"))


def test_passwords_that_were_asked_for_are_for_all_hosts_but_those_with_their_own(stand_ins: StandIns) -> None:
    """As with --ask-pass; the files hold what somebody would type."""
    (stand_ins.folder / "login").write_text("asked-for\n")
    stand_ins.inventory({"a": {"ansible_password": "own"}, "b": {}})
    audit = stand_ins.audit("--connection-password-file", "login")
    if GIVES_PASSWORDS:
        assert without_data(audit) == {}
        assert "KERNEL_MEMORY_SSH_PASSWORD=own" in stand_ins.note("a")
        assert "KERNEL_MEMORY_SSH_PASSWORD=asked-for" in stand_ins.note("b")
    else:
        assert "2: its password is given to ssh by sshpass" in how(audit) or set(without_data(audit)) == {"a", "b"}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "::1"][: as_many_as(2, 3)])
def test_a_name_of_the_controller_in_the_inventory(stand_ins: StandIns, name: str) -> None:
    """Ansible takes such a host for localhost; what the plays hand on must still arrive."""
    stand_ins.inventory({name: {}, "b": {"ansible_connection": "local", "kernel_mem_audit_transport": "lean"}})
    audit = stand_ins.audit()
    assert names(audit) == sorted([name, "b"]) and without_data(audit) == {}, audit["output"]
    assert "1: the connection is not ssh" in how(audit)


def test_odd_names_are_asked_and_sent_on(stand_ins: StandIns) -> None:
    """A name may look like a pattern; a host must not be lost on the way to its own task."""
    odd = ["web[1]", "a:b", "x,y", "!no", "w*", "a b", "~re", "üñí"]
    hosts = {name: {"ansible_connection": "local", "ansible_host": f"h{number}"} for number, name in enumerate(odd)}
    stand_ins.inventory({**hosts, "plain": {}, "web1": {}})
    path = stand_ins.folder / "hosts.json"
    script = stand_ins.folder / "inventory.sh"
    given = json.loads(path.read_text())["all"]
    made = {"all": {"hosts": list(given["hosts"]), "vars": given["vars"]}, "_meta": {"hostvars": given["hosts"]}}
    (stand_ins.folder / "inventory.json").write_text(json.dumps(made))
    script.write_text(f"#!/bin/sh\ncat '{stand_ins.folder}/inventory.json'\n")
    script.chmod(0o755)
    path.unlink()
    path.symlink_to(script)
    audit = stand_ins.audit()
    assert names(audit) == sorted([*odd, "plain", "web1"]), audit["output"]
    assert how(audit) == "2 hosts were asked by one process, 8 by a task each (8: the connection is not ssh)."


def test_a_connection_plugin_of_the_users_own_is_left_to_ansible(stand_ins: StandIns) -> None:
    """Under the name ssh there may be another plugin; what does not build one command of ssh goes the ordinary way."""
    plugins = stand_ins.folder / "plugins"
    plugins.mkdir()
    own = (
        "\n\ndef _instead(self, cmd, in_data=None, sudoable=True):\n"
        "    done = subprocess.run(['/bin/sh', '-c', cmd], input=in_data, capture_output=True)\n"
        "    return done.returncode, done.stdout, done.stderr\n\n\n"
        "Connection.exec_command = _instead\n"
    )
    (plugins / "ssh.py").write_text(Path(ssh.__file__).read_text() + own)
    stand_ins.inventory({"a": {}})
    (stand_ins.folder / "ansible.cfg").write_text(f"[defaults]\nconnection_plugins = {plugins}\n")
    audit = stand_ins.audit()
    assert audit["exit_code"] == 0 and without_data(audit) == {}, audit["output"]
    assert "Ansible's ssh plugin did not build one command" in stand_ins.output() + how(audit)
    assert not list(stand_ins.notes.iterdir()), "ssh was not asked"


@pytest.mark.once
@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("kernel_mem_audit_gather=quick", "kernel_mem_audit_gather is 'quick', but must be one of auto, task, fanout"),
        ("kernel_mem_audit_resume=nowhere.spool", "but there is no file"),
        ("kernel_mem_audit_spool=link", "it is a symbolic link, which is not followed"),
    ],
)
def test_a_wrong_setting_stops_before_any_host_is_asked(stand_ins: StandIns, setting: str, sentence: str) -> None:
    """One sentence, an exit code, and nothing written."""
    (stand_ins.folder / "link").symlink_to(stand_ins.folder / "target")
    stand_ins.inventory({"a": {}})
    audit = stand_ins.audit("-e", setting)
    assert audit["exit_code"] == 2
    assert sentence in " ".join(audit["output"].split()), audit["output"]
    assert not list(stand_ins.notes.iterdir()) and not (stand_ins.folder / "target").exists()


@pytest.mark.once
def test_a_spool_that_somebody_placed_is_kept(stand_ins: StandIns) -> None:
    """It is what a merge reads. And auto counts the hosts within the limit: few are worth a line each."""
    stand_ins.inventory({name: {} for name in ("a", "b", *map(str, range(FEWEST_HOSTS)))})
    audit = stand_ins.audit("-e", "kernel_mem_audit_spool=mine.spool", "--limit", "a,b", gather="auto")
    assert audit["exit_code"] == 0 and how(audit) == "", audit["output"]
    assert (stand_ins.folder / "mine.spool").stat().st_mode & 0o777 == 0o600
    assert not stand_ins.spools()
    process = stand_ins.start(
        "-e", '{"kernel_mem_audit_merge_inputs": ["mine.spool"]}', playbook="fleetaudit.kernel_memory.merge"
    )
    assert process.wait() == 0, stand_ins.output()
