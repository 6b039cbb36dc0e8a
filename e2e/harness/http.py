"""HTTP as somebody with curl would speak it: no code of the product's client."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECONDS = 30.0
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def client_connection(address: str, seconds: float = SECONDS) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(address, timeout=seconds)


def request(
    address: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """One request to `address` (HOST:PORT) on a connection of its own. Raises OSError."""
    connection = client_connection(address, seconds)
    try:
        connection.request(method, path, body, dict(JSON if headers is None else headers))
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def post(address: str, call: Mapping[str, Any], path: str = "/api/v1", seconds: float = SECONDS) -> Answer:
    return request(address, "POST", path, json.dumps(call).encode(), seconds=seconds)


class Subscription:
    """A framework's stream of events, kept open: read by `events`, ended by `close`."""

    def __init__(self, address: str, framework_info: Mapping[str, Any], seconds: float = SECONDS) -> None:
        self.address = address
        self.outstanding: dict[str, dict[str, Any]] = {}
        """The offers that were read and are neither answered nor rescinded, by ID."""
        self._connection = http.client.HTTPConnection(address, timeout=seconds)
        call = {"type": "SUBSCRIBE", "subscribe": {"framework_info": framework_info}}
        if "id" in framework_info:
            call["framework_id"] = framework_info["id"]
        self._connection.request("POST", "/api/v1/scheduler", json.dumps(call), JSON)
        self._response = self._connection.getresponse()
        assert self._response.status == 200, self._response.read()
        self.stream_id = self._response.headers["Mesos-Stream-Id"]
        self.framework_id = self.until("subscribed")["framework_id"]

    def next(self) -> dict[str, Any]:
        """The next event. Raises OSError when none comes in time."""
        length = self._response.readline()
        if not length:
            raise OSError("the orchestrator closed the stream")
        event: dict[str, Any] = json.loads(self._response.read(int(length)))
        for offer in event.get("offers", {}).get("offers", []):
            self.outstanding[offer["id"]["value"]] = offer
        if "rescind" in event:
            self.outstanding.pop(event["rescind"]["offer_id"]["value"], None)
        return event

    def until(self, field: str, wanted: Any = lambda content: True) -> Any:
        """The content of the first event that has `field`, and that `wanted` finds good."""
        while True:
            event = self.next()
            assert event["type"] != "ERROR", event
            if field in event and wanted(event[field]):
                return event[field]

    def call(self, kind: str, **fields: Any) -> Answer:
        for offer_id in fields.get(kind.lower(), {}).get("offer_ids", ()):
            self.outstanding.pop(offer_id["value"], None)
        body = json.dumps({"type": kind, "framework_id": self.framework_id, **fields}).encode()
        return request(
            self.address, "POST", "/api/v1/scheduler", body, {**JSON, "Mesos-Stream-Id": self.stream_id}
        )

    def close(self) -> None:
        self._connection.close()
