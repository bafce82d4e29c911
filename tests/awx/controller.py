# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWX's API: it keeps what it is given, and refuses what AWX 24.6.1 was seen to refuse.

It knows lists with filters by equality, objects, associations, surveys, approval nodes and project updates. It is no
AWX: whether a job runs can't be told from it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ENCRYPTED = "$encrypted$"
ASSOCIATIONS = (
    "credentials",
    "labels",
    "instance_groups",
    "galaxy_credentials",
    "always_nodes",
    "success_nodes",
    "failure_nodes",
    "notification_templates_started",
    "notification_templates_success",
    "notification_templates_error",
    "notification_templates_approvals",
)
APPROVAL = ("name", "description", "timeout")
TYPES = {"job_templates": "job_template", "workflow_job_templates": "workflow_job_template", "projects": "project"}


class Controller:
    """The objects of one AWX, and every request that changed something."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.associations: dict[str, list[int]] = {}
        self.surveys: dict[str, Any] = {}
        self.writes: list[str] = []
        self.url = ""
        self._next = 1

    def add(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Make an object."""
        number, self._next = self._next, self._next + 1
        url = f"/api/v2/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/", "update": f"{url}update/"}
        entry = {
            **fields,
            "id": number,
            "url": url,
            "type": TYPES.get(kind, kind.rstrip("s")),
            "related": related,
            "summary_fields": {},
            "scm_revision": "a",
        }
        self.objects.setdefault(kind, {})[number] = entry
        return entry

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind by their name or identifier."""
        return {
            str(entry.get("name") or entry.get("identifier")): entry for entry in self.objects.get(kind, {}).values()
        }

    def found(self, kind: str, filters: dict[str, str]) -> list[dict[str, Any]]:
        """The objects of a kind whose fields are as asked."""
        if kind == "unified_job_templates":
            pool = [entry for name in TYPES for entry in self.objects.get(name, {}).values()]
        else:
            pool = list(self.objects.get(kind, {}).values())
        return [
            entry for entry in pool if all(str(entry.get(field, "")) == wanted for field, wanted in filters.items())
        ]

    def refusal(self, kind: str, fields: dict[str, Any]) -> str | None:
        """Why AWX would not take this, or None."""
        rule = str(fields.get("rrule", ""))
        if kind == "schedules":
            template = next(
                iter(self.found("unified_job_templates", {"id": str(fields.get("unified_job_template"))})), {}
            )
            questions = self.surveys.get(f"{template.get('url')}survey_spec/", {}).get("spec", [])
            if any(question.get("required") for question in questions):
                return "a survey question is required, and the schedule has no answer"
            if (
                not re.match(r"DTSTART(;TZID=[\w/]+:\d{8}T\d{6}|:\d{8}T\d{6}Z) ", rule)
                or "INTERVAL=" not in rule
                or re.search("EXDATE|RDATE|SECONDLY", rule)
            ):
                return f"rrule is not valid: {rule}"
        if (
            kind == "job_templates"
            and int(fields.get("job_slice_count") or 1) > 1
            and "upgrade" in str(fields.get("name"))
        ):
            return "a rolling upgrade must not be sliced"
        return None


def shown(entry: dict[str, Any]) -> dict[str, Any]:
    """An object as the API shows it: secrets are hidden."""
    if isinstance(entry.get("inputs"), dict) and "credential_type" in entry:
        return {**entry, "inputs": dict.fromkeys(entry["inputs"], ENCRYPTED)}
    return entry


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    controller: Controller

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""

    def answer(self, status: int, body: Any = None) -> None:
        """Send an answer."""
        data = b"" if status == 204 else json.dumps(body if body is not None else {}).encode()
        self.send_response(status)
        for name, text in {
            "X-API-Product-Name": "AWX",
            "X-API-Product-Version": "24.6.1",
            "Content-Type": "application/json",
        }.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self) -> dict[str, Any]:
        """The JSON that came with a request."""
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return dict(json.loads(text or b"{}"))

    def parts(self) -> tuple[str, int | None, str | None]:
        """The kind, the number and what follows in the path."""
        names = urlsplit(self.path).path.strip("/").split("/")[2:]
        return names[0], int(names[1]) if len(names) > 1 else None, names[2] if len(names) > 2 else None

    def do_GET(self) -> None:
        """Lists, objects, associations and surveys."""
        kind, number, inner = self.parts()
        if kind == "project_updates":
            return self.answer(
                200,
                {
                    "id": number,
                    "type": "project_update",
                    "status": "successful",
                    "failed": False,
                    "finished": "2026-11-24T00:00:00Z",
                },
            )
        if number is None:
            filters = {
                name: texts[0]
                for name, texts in parse_qs(urlsplit(self.path).query).items()
                if not name.startswith("or__") and name != "page_size"
            }
            return self.listed(self.controller.found(kind, filters))
        if inner == "survey_spec":
            return self.answer(200, self.controller.surveys.get(urlsplit(self.path).path, {}))
        if inner in ASSOCIATIONS:
            return self.listed(
                [{"id": other} for other in self.controller.associations.get(urlsplit(self.path).path, [])]
            )
        entry = self.controller.objects.get(kind, {}).get(number)
        return self.answer(200, shown(entry)) if entry else self.answer(404, {"detail": "Not found."})

    def listed(self, entries: list[dict[str, Any]]) -> None:
        """A page with everything on it."""
        self.answer(200, {"count": len(entries), "next": None, "results": [shown(entry) for entry in entries]})

    def do_POST(self) -> None:
        """New objects, associations, surveys and approval nodes."""
        kind, number, inner = self.parts()
        path, fields = urlsplit(self.path).path, self.body()
        self.controller.writes.append(f"POST {path}")
        if inner == "survey_spec":
            self.controller.surveys[path] = fields
            return self.answer(200)
        if inner in ASSOCIATIONS:
            known = self.controller.associations.setdefault(path, [])
            known.remove(fields["id"]) if fields.get("disassociate") else known.append(fields["id"])
            return self.answer(204)
        if inner == "create_approval_template" and number is not None:
            # AWX keeps these alone, so awx.awx finds a difference each time and writes it anew.
            kept = {name: fields[name] for name in APPROVAL if name in fields}
            entry = self.controller.add("workflow_approval_templates", kept)
            node = self.controller.objects[kind][number]
            node["unified_job_template"], node["related"]["unified_job_template"] = entry["id"], entry["url"]
            return self.answer(201, entry)
        refusal = self.controller.refusal(kind, fields)
        return (
            self.answer(400, {"__all__": [refusal]})
            if refusal
            else self.answer(201, shown(self.controller.add(kind, fields)))
        )

    def do_PATCH(self) -> None:
        """Changes."""
        kind, number, _inner = self.parts()
        self.controller.writes.append(f"PATCH {urlsplit(self.path).path}")
        entry = self.controller.objects[kind][number or 0]
        fields = self.body()
        if kind == "workflow_approval_templates":
            fields = {name: fields[name] for name in APPROVAL if name in fields}
        entry.update(fields)
        self.answer(200, shown(entry))

    def do_DELETE(self) -> None:
        """Removals; a template takes its schedules along, a workflow its nodes."""
        kind, number, _inner = self.parts()
        self.controller.writes.append(f"DELETE {urlsplit(self.path).path}")
        self.controller.objects[kind].pop(number or 0)
        for other, field in (
            ("schedules", "unified_job_template"),
            ("workflow_job_template_nodes", "workflow_job_template"),
        ):
            owned = self.controller.objects.get(other, {})
            for key in [key for key, entry in owned.items() if entry.get(field) == number]:
                owned.pop(key)
        self.answer(204)


@contextmanager
def awx() -> Iterator[Controller]:
    """A running stand-in with an organization, an inventory and a machine credential, as any AWX has."""
    controller = Controller()
    organization = controller.add("organizations", {"name": "Default"})["id"]
    controller.add("inventories", {"name": "Linux", "organization": organization})
    machine = controller.add("credential_types", {"name": "Machine", "kind": "ssh"})["id"]
    controller.add(
        "credentials", {"name": "Linux key", "organization": organization, "credential_type": machine, "inputs": {}}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"controller": controller}))
    controller.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield controller
    finally:
        server.shutdown()
        server.server_close()
