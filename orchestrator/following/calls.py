"""FOLLOW of the operator API, passed on to `followers`; and what is measured of them. It decides nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.wire.v1 import master
from orchestrator.following.answer import FollowAnswer
from orchestrator.following.followers import Followers
from orchestrator.replies import OpenStream, Reply

T = master.CallType


class FollowCalls:
    """It as a handler of the operator API."""

    def __init__(self, followers: Followers) -> None:
        self._followers = followers

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {T.FOLLOW: self._follow}

    async def _follow(self, call: master.Call) -> Reply:
        wanted = call.follow
        assert isinstance(wanted, master.CallFollow)
        return OpenStream(FollowAnswer(self._followers.records(wanted)))


class FollowMetrics(Collector):
    """Read when asked for."""

    def __init__(self, followers: Followers) -> None:
        self._followers = followers

    def describe(self) -> Iterable[Metric]:
        """Nothing is measured at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        effort = self._followers.effort
        yield GaugeMetricFamily("orlop_followers", "Standbys that follow", len(self._followers))
        yield CounterMetricFamily("orlop_follow_answers", "Answers to standbys", effort.answers)
        yield CounterMetricFamily(
            "orlop_follow_beginnings", "Those of them that told everything", effort.beginnings
        )
        yield CounterMetricFamily("orlop_follow_bytes", "Bytes told to standbys", effort.bytes)
        yield CounterMetricFamily(
            "orlop_follow_seconds", "Seconds of the event loop spent on encoding for standbys", effort.seconds
        )
