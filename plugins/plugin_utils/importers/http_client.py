# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a server of another tool by HTTP: with the user's credentials, and the reason that it gives for a "no"."""

from __future__ import annotations

import base64
import json
import re
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from ..text.safe import one_line

ENVIRONMENT = "KERNEL_MEM_AUDIT_IMPORT_"
"""With which the environment variables begin that credentials may come in, where no argument has them."""

TIMEOUT = 120
LARGEST_ANSWER = 64 * 1024**2
_LARGEST_REASON = 64 * 1024
_PAUSES = (2, 10)
"""Seconds before another try: an import of a fleet asks hundreds of times, and one "not now" must not end it."""
_NOT_NOW = (429, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a server is asked. Token and headers are secret; the others are paths."""

    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None

    @property
    def secrets(self) -> Collection[str]:
        """What must not be shown, whoever says it."""
        return [secret for secret in (self.token, *self.headers.values()) if secret]

    def as_headers(self) -> dict[str, str]:
        """Return the headers of a request."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept": "application/json", **self.headers, **bearer}

    def context(self) -> ssl.SSLContext:
        """Return how TLS is spoken. Raises ValueError where a file is none that it can be spoken with."""
        name, path = "ca_path", self.ca_path or ""
        try:
            context = ssl.create_default_context(cafile=self.ca_path)
            if self.client_cert:
                name, path = "client_cert", self.client_cert
                if self.client_key:
                    path += f" (with client_key {self.client_key})"
                context.load_cert_chain(self.client_cert, self.client_key)
        except OSError as exc:
            raise ValueError(f"{name} is {path}, which can't be used: {_reason(exc)}.") from None
        return context


def credentials_of(given: Mapping[str, object], environment: Mapping[str, str]) -> Credentials:
    """Return credentials of arguments, and of environment variables where there is no argument."""
    found = {
        name: given.get(name) or environment.get(ENVIRONMENT + name.upper()) or None
        for name in ("token", "headers", "ca_path", "client_cert", "client_key")
    }
    headers = found["headers"] or {}
    if isinstance(headers, str):
        try:
            headers = json.loads(headers)
        except ValueError:
            headers = None
    if not isinstance(headers, Mapping):
        raise ValueError(f"{ENVIRONMENT}HEADERS is not shown here, but it must be a mapping as JSON.")
    token, ca_path, cert, key = (None if one is None else str(one) for name, one in found.items() if name != "headers")
    if key and not cert:
        raise ValueError(
            f"client_key is given without client_cert, as an argument or in {ENVIRONMENT}CLIENT_KEY; give both."
        )
    return Credentials(token, {str(name): str(text) for name, text in headers.items()}, ca_path, cert, key)


class NotNowError(ValueError):
    """A server that can't answer now, and may in a moment."""


class Client:
    """Asks by HTTP. Redirects are not followed: they would take the credentials elsewhere."""

    def __init__(self, credentials: Credentials, pause: Callable[[float], None] = time.sleep) -> None:
        self._credentials = credentials
        self._pause = pause
        opener = OpenerDirector()
        https = HTTPSHandler(context=credentials.context())
        for handler in (ProxyHandler(), HTTPHandler(), https, HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
            opener.add_handler(handler)
        self._send = opener.open

    def ask(self, address: str) -> str:
        """Return the body of an answer. Raises ValueError with the server's own reason, and no secret in it."""
        for seconds in _PAUSES:
            try:
                return self._once(address)
            except NotNowError:
                self._pause(seconds)
        return self._once(address)

    def _once(self, address: str) -> str:
        try:
            return self._ask(address)
        except HTTPError as exc:
            kind = NotNowError if exc.code in _NOT_NOW else ValueError
            raise kind(self._refusal(address, exc)) from None
        except (OSError, HTTPException) as exc:
            raise ValueError(self._clean(address, f"{shown(address)} can't be asked: {_reason(exc)}.")) from None

    def _ask(self, address: str) -> str:
        with self._send(self._request(address), timeout=TIMEOUT) as answer:
            body: bytes = answer.read(LARGEST_ANSWER + 1)
        if len(body) > LARGEST_ANSWER:
            raise ValueError(f"{shown(address)} answers with more than {LARGEST_ANSWER // 1024**2} MiB; ask for less.")
        return body.decode("utf-8", "replace")

    def _request(self, address: str) -> Request:
        """Return the request; a name and a password in an address become a header."""
        parts, headers = urlsplit(address), self._credentials.as_headers()
        if parts.username is not None and "Authorization" not in headers:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        return Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), headers=headers)

    def _refusal(self, address: str, exc: HTTPError) -> str:
        if exc.code in _REDIRECTS:
            to = shown(str(exc.headers.get("Location") or "nowhere"))
            return self._clean(address, f"{shown(address)} has moved to {to}; give that address.")
        try:
            body = exc.read(_LARGEST_REASON).decode("utf-8", "replace")
        except (OSError, ValueError, AttributeError):
            body = ""
        said = _said(body)
        hint = {401: "; give a token or headers", 403: "; give a token or headers with the right to read"}
        ending = f": {said}" if said else ""
        return self._clean(address, f"{shown(address)} answers HTTP {exc.code}{hint.get(exc.code, '')}{ending}") + "."

    def _clean(self, address: str, sentence: str) -> str:
        """Take out secrets that a server repeats."""
        parts = urlsplit(address)
        for secret in (*self._credentials.secrets, parts.password):
            if secret:
                sentence = sentence.replace(secret, "***")
        return sentence


def shown(address: str) -> str:
    """Return an address without its query and without a name and a password."""
    parts = urlsplit(address)
    return one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else parts.path)


def _said(body: str) -> str:
    """Return the reason in the body of a refusal: Prometheus gives one in JSON, proxies give a page."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, Mapping):
        for name in ("error", "message", "errorMessage"):
            if isinstance(answer.get(name), str):
                return one_line(answer[name]).rstrip(".")
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", body, flags=re.DOTALL | re.IGNORECASE)
    return one_line(re.sub(r"<[^>]*>", " ", text)).rstrip(".")


def _reason(exc: Exception) -> str:
    inner = getattr(exc, "reason", None)
    said = getattr(inner, "strerror", None) or inner or getattr(exc, "strerror", None) or exc
    return one_line(str(said) or type(exc).__name__).rstrip(".")
