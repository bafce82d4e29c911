# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a headless Chromium over its debugging pipe (standard library only)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

COMMAND = os.environ.get("CHROMIUM", "chromium")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
PATIENCE_SECONDS = 300


class Chromium:
    """One browser with one tab. It records every request and every message of the console."""

    def __init__(self) -> None:
        self.profile = tempfile.mkdtemp(prefix="browser-test-")
        to_browser, self.write_to = os.pipe()
        self.read_from, from_browser = os.pipe()
        # The browser reads commands from its file 3 and writes answers to its file 4 (bash, since dash takes no number
        # above 9).
        for handle in (to_browser, from_browser):
            os.set_inheritable(handle, True)
        self.process = subprocess.Popen(
            [
                "bash",
                "-c",
                f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}',
                COMMAND,
                *OPTIONS,
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session = b"", 0, ""
        self.requests: list[str] = []
        self.console: list[str] = []
        self.loaded = False
        page = next(target for target in self.call("Target.getTargets")["targetInfos"] if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.write_to)
        os.close(self.read_from)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Send one command and return its result; events on the way are recorded."""
        self.number += 1
        command: dict[str, Any] = {"id": self.number, "method": method, "params": arguments}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.write_to, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            message = self._message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._event(message)
        raise RuntimeError(f"The browser did not answer {method} in {PATIENCE_SECONDS} s.")

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            part = os.read(self.read_from, 1 << 16)
            if not part:
                raise RuntimeError(f"The browser {COMMAND} has ended.")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        whole: dict[str, Any] = json.loads(message)
        return whole

    def _event(self, message: dict[str, Any]) -> None:
        method, details = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])
        elif method == "Log.entryAdded":
            self.console.append(details["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.console.append(str(details["args"]))
        elif method == "Runtime.exceptionThrown":
            self.console.append(str(details["exceptionDetails"]))
        elif method == "Page.loadEventFired":
            self.loaded = True

    def open(self, page: Path, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Open a local file in a window of that size, in the light or dark scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call(
            "Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        self.go(page.as_uri())

    def go(self, address: str) -> None:
        """Open an address as it is, and forget the requests and messages of the page before."""
        # By way of an empty page, since an address that differs in its fragment only would load nothing.
        for one in ("about:blank", address):
            self.requests, self.console, self.loaded = [], [], False
            self.call("Page.navigate", url=one)
            while not self.loaded:
                self._event(self._message())

    def scripts(self, allowed: bool) -> None:
        """Let the pages that are opened from now on run scripts, or not."""
        self.call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key of the keyboard: ``Tab``, ``Enter``, ``Space`` or a letter."""
        code, text = {"Tab": (9, ""), "Enter": (13, "\r"), "Space": (32, " ")}.get(key, (ord(key[0].upper()), key))
        shared = {"key": " " if key == "Space" else key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", **shared, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def wait_for(self, expression: str) -> None:
        """Wait until a JavaScript expression is true in the page."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise RuntimeError(f"In {PATIENCE_SECONDS} s this did not become true: {expression}")
            time.sleep(0.02)

    def pdf(self) -> bytes:
        """Return the page as it is printed, on the paper that it asks for."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression gives in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(
                f"{expression[:200]}: {answer['result'].get('description') or answer['exceptionDetails']['text']}"
            )
        return answer["result"].get("value")

    def screenshot(self, whole: bool = False) -> bytes:
        """Return a PNG of the window, or of the whole page."""
        arguments: dict[str, Any] = {"format": "png"}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            arguments.update(
                captureBeyondViewport=True,
                clip={"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1},
            )
        return base64.b64decode(self.call("Page.captureScreenshot", **arguments)["data"])
