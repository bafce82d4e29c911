# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server is asked with the user's credentials, its reason is told, and no secret is ever in a message.

The server is a real one of Python's library, on this machine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.http_client import (
    ENVIRONMENT,
    Client,
    Credentials,
    credentials_of,
    shown,
)

Reply = tuple[int, str, Mapping[str, str]]


class Served:
    """A server that gives its replies one after the other, the last for ever, and keeps the headers that came."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [(200, "{}", {})]
        self.came: list[dict[str, str]] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                """Give the next reply."""
                served.came.append({name.lower(): text for name, text in self.headers.items()})
                code, body, headers = served.replies.pop(0) if len(served.replies) > 1 else served.replies[0]
                self.send_response(code)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body.encode())

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A running server; a proxy of this machine is none of its business."""
    monkeypatch.setenv("no_proxy", "*")
    server = Served()
    yield server
    server.server.shutdown()
    server.server.server_close()


def refusal(served: Served, *reply: Reply, credentials: Credentials | None = None, before: str = "") -> str:
    """What is said of a reply."""
    served.replies = list(reply)
    client = Client(credentials or Credentials(), pause=lambda _seconds: None)
    with pytest.raises(ValueError) as caught:
        client.ask(f"http://{before}{served.host}/api?query=secret-of-the-query")
    return str(caught.value)


def test_credentials_go_along(served: Served) -> None:
    """A token, headers, and a name and a password in the address."""
    Client(Credentials("tok", {"X-Scope-OrgID": "team"})).ask(f"http://{served.host}/")
    Client(Credentials()).ask(f"http://user:p%40ss@{served.host}/")
    assert (served.came[0]["authorization"], served.came[0]["x-scope-orgid"]) == ("Bearer tok", "team")
    assert served.came[1]["authorization"] == "Basic dXNlcjpwQHNz"


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (422, '{"status": "error", "error": "query too heavy."}', "answers HTTP 422: query too heavy."),
        (400, '{"message": "bad matcher"}', "answers HTTP 400: bad matcher."),
        (404, "<html><head><title>x</title></head><body>not here</body></html>", "answers HTTP 404: not here."),
        (401, "", "answers HTTP 401; give a token or headers."),
        (503, "warming up", "answers HTTP 503: warming up."),
    ],
)
def test_the_servers_own_reason_is_told(served: Served, code: int, body: str, said: str) -> None:
    """Whoever runs the server knows what it means; a number alone helps nobody."""
    sentence = refusal(served, (code, body, {}))
    assert sentence == f"http://{served.host}/api {said}"


def test_no_secret_is_in_a_message(served: Served) -> None:
    """Servers repeat what they were sent."""
    credentials = Credentials("tok-123", {"X-Key": "key-456"})
    body = '{"error": "wrong: tok-123 key-456 hunter2"}'
    sentence = refusal(served, (400, body, {}), credentials=credentials, before="user:hunter2@")
    assert "wrong: *** *** ***" in sentence and "secret-of-the-query" not in sentence


def test_a_redirect_is_told_and_not_followed(served: Served) -> None:
    """It would take the token elsewhere."""
    sentence = refusal(served, (302, "", {"Location": "https://u:p@other.example.org/login?token=1"}))
    assert sentence.endswith(" has moved to https://other.example.org/login; give that address.")


def test_not_now_is_asked_again(served: Served) -> None:
    """An import of a fleet asks hundreds of times."""
    served.replies = [(503, "", {}), (429, "", {}), (200, "fine", {})]
    pauses: list[float] = []
    assert Client(Credentials(), pause=pauses.append).ask(f"http://{served.host}/") == "fine"
    assert pauses == [2, 10]


def test_nobody_there_is_one_sentence() -> None:
    """A port that nobody listens at."""
    with pytest.raises(ValueError, match=r"^http://127.0.0.1:9/x can't be asked: .*refused\.$"):
        Client(Credentials()).ask("http://127.0.0.1:9/x")


def test_arguments_win_over_the_environment() -> None:
    """AWX gives credentials as environment variables."""
    environment = {
        "KERNEL_MEM_AUDIT_IMPORT_TOKEN": "from-there",
        "KERNEL_MEM_AUDIT_IMPORT_HEADERS": '{"X-Scope-OrgID": 5}',
        "KERNEL_MEM_AUDIT_IMPORT_CA_PATH": "/ca.pem",
    }
    found = credentials_of({"headers": {}}, environment)
    assert (found.token, found.headers, found.ca_path) == ("from-there", {"X-Scope-OrgID": "5"}, "/ca.pem")
    assert credentials_of({"token": "mine"}, environment).token == "mine"


@pytest.mark.parametrize(
    ("given", "environment", "sentence"),
    [
        ({}, {"KERNEL_MEM_AUDIT_IMPORT_HEADERS": "X-Key: secret-word"}, "must be a mapping as JSON"),
        ({"client_key": "k.pem"}, {}, "client_key is given without client_cert, as an"),
        ({}, {"KERNEL_MEM_AUDIT_IMPORT_CLIENT_KEY": "k.pem"}, "or in KERNEL_MEM_AUDIT_IMPORT_CLIENT_KEY; give both"),
    ],
)
def test_credentials_that_do_not_fit_are_refused(
    given: Mapping[str, object], environment: Mapping[str, str], sentence: str
) -> None:
    """And not shown."""
    with pytest.raises(ValueError, match=sentence) as caught:
        credentials_of(given, environment)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("of_environment", [(), ("client_cert",), ("client_key",), ("client_cert", "client_key")])
def test_certificate_and_key_may_come_from_two_places(of_environment: Sequence[str]) -> None:
    """AWX keeps a key in a credential, and the path of the certificate in a variable, or the other way round."""
    files = {"client_cert": "/c.pem", "client_key": "/k.pem"}
    environment = {ENVIRONMENT + name.upper(): files[name] for name in of_environment}
    given = {name: None if name in of_environment else path for name, path in files.items()}
    found = credentials_of(given, environment)
    assert (found.client_cert, found.client_key) == ("/c.pem", "/k.pem")


def test_a_key_that_can_not_be_used_is_named_beside_its_certificate() -> None:
    """Either may be the one that is wrong."""
    with pytest.raises(ValueError, match=r"^client_cert is /nowhere \(with client_key /k.pem\), which can't be used"):
        Client(Credentials(client_cert="/nowhere", client_key="/k.pem"))


@pytest.mark.parametrize("credentials", [Credentials(ca_path="/nowhere"), Credentials(client_cert="/nowhere")])
def test_files_that_can_not_be_used_are_named(credentials: Credentials) -> None:
    """Before the server is asked."""
    with pytest.raises(ValueError, match=r"is /nowhere, which can't be used: .*\.$"):
        Client(credentials)


def test_an_address_is_shown_without_what_is_secret() -> None:
    """Its query may hold a token, too."""
    assert shown("https://u:p@server.example.org:9090/api/v1/x?token=1") == "https://server.example.org:9090/api/v1/x"
