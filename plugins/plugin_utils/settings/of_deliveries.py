# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of deliveries."""

from __future__ import annotations

from .kinds import SomeOf, Text, Texts, Whole
from .setting import Setting

_PATH = Text("a path", r".+")
_URL = Text("an address that begins with http:// or https://", r"https?://\S+")
_NAME = Text("a name", r".+")
_HOST = Text("the name of a host", r".+")

SETTINGS = (
    Setting("kernel_mem_audit_link", _URL, ("deliver",), "where people find the report"),
    Setting(
        "kernel_mem_audit_tell_when",
        SomeOf(("pass", "hold", "fail", "inconclusive")),
        ("deliver",),
        "the decisions that are worth a message",
    ),
    Setting("kernel_mem_audit_web_folder", _PATH, ("deliver",), "a folder that a web server shows"),
    Setting("kernel_mem_audit_web_host", _HOST, ("deliver",), "the host that has it"),
    Setting(
        "kernel_mem_audit_web_mode",
        Text("a mode of files such as 0644", r"0?[0-7]{3}"),
        ("deliver",),
        "the mode of files there",
    ),
    Setting("kernel_mem_audit_webhook", _URL, ("deliver",), "an address that takes JSON", secret=True),
    Setting("kernel_mem_audit_webhook_link", _URL, ("deliver",), "as `kernel_mem_audit_link`, for the webhook alone"),
    Setting("kernel_mem_audit_webhook_timeout", Whole(of="seconds"), ("deliver",), "how long an address may take"),
    Setting("kernel_mem_audit_slack", _URL, ("deliver",), "a webhook of Slack", secret=True),
    Setting("kernel_mem_audit_mattermost", _URL, ("deliver",), "a webhook of Mattermost", secret=True),
    Setting("kernel_mem_audit_teams", _URL, ("deliver",), "a webhook of Microsoft Teams", secret=True),
    Setting(
        "kernel_mem_audit_pagerduty",
        Text("a routing key", r"\S+"),
        ("deliver",),
        "a routing key of PagerDuty",
        secret=True,
    ),
    Setting("kernel_mem_audit_pagerduty_url", _URL, ("deliver",), "where PagerDuty takes events"),
    Setting("kernel_mem_audit_textfile_folder", _PATH, ("deliver",), "the folder of a textfile collector"),
    Setting("kernel_mem_audit_textfile_host", _HOST, ("deliver",), "the host that has it"),
    Setting("kernel_mem_audit_bucket", _NAME, ("deliver",), "a bucket of an object store"),
    Setting("kernel_mem_audit_bucket_prefix", _NAME, ("deliver",), "where in it"),
    Setting("kernel_mem_audit_bucket_endpoint", _URL, ("deliver",), "the address of the object store"),
    Setting("kernel_mem_audit_mail_to", Texts("addresses"), ("deliver",), "who gets a mail"),
    Setting("kernel_mem_audit_mail_from", _NAME, ("deliver",), "its sender"),
    Setting("kernel_mem_audit_mail_host", _HOST, ("deliver",), "the mail server"),
    Setting("kernel_mem_audit_mail_port", Whole(1, 65535), ("deliver",), "its port"),
    Setting(
        "kernel_mem_audit_mail_when",
        SomeOf(("pass", "hold", "fail", "inconclusive")),
        ("deliver",),
        "the decisions that are worth a mail",
    ),
)
