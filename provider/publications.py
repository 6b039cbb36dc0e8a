"""Volumes for who uses them: a plugin's are published, a host's own are only noted as used.

It must not: call a plugin, know what a container is, or bring a volume anywhere itself (that is
`driver`). Pure.
"""

from __future__ import annotations

from api.model.operation import Destroy
from provider.at_rest import unsettled
from provider.attempts import Turn
from provider.driver import VolumeDriver
from provider.events import AnswerPublish, CheckAtRest, Publish, PublishedVolume, Unpublish
from provider.operations import Operations
from provider.starts import Kind
from provider.totals import volume_key


class Publications:
    """Answers Publish and Unpublish."""

    def __init__(self, kind: Kind, driver: VolumeDriver, operations: Operations) -> None:
        self._kind = kind
        self._driver = driver
        self._operations = operations

    def publish(self, turn: Turn, event: Publish) -> None:
        """Answered once every volume that `event` names can be used, or one cannot."""
        if self._kind is Kind.HOST:
            self._hold(turn, event)
            return
        ids = tuple(dict.fromkeys(key for r in event.resources if (key := volume_key(r))))
        self._driver.publish(turn, event, ids)

    def unpublish(self, turn: Turn, event: Unpublish) -> None:
        """The user gives back all that it holds."""
        self._driver.unpublish(turn, event.user)
        if event.request is not None:
            turn.act(AnswerPublish(event.request))

    def check_at_rest(self, turn: Turn, event: CheckAtRest) -> None:
        """What is not at rest, as it is at this moment."""
        turn.act(AnswerPublish(event.request, unsettled=unsettled(self._driver)))

    def _hold(self, turn: Turn, event: Publish) -> None:
        """Volumes on the host's own disks are usable as they are; only who uses them is noted."""
        keys = list(dict.fromkeys(volume_key(r) for r in event.resources))
        destroyed = {
            volume_key(v)
            for r in self._operations.active()
            if isinstance(r.operation, Destroy)
            for v in r.operation.volumes
        }
        lost = next((k for k in keys if k in destroyed), None)
        if lost is not None:
            turn.act(AnswerPublish(event.request, message=f"volume {lost!r} is being destroyed"))
            return
        for key in keys:
            self._driver.hold(turn, key, event.user)
        turn.act(AnswerPublish(event.request, tuple(PublishedVolume(k, "", False) for k in keys)))
