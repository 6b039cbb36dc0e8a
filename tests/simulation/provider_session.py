"""A provider's session as if a network were between it and its manager: slow, in order, lost at any moment.

Messages are encoded when they are sent and decoded when they arrive, so that nobody shares memory.
"""

from __future__ import annotations

import asyncio
import random

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import resource_provider as rp
from provider.session import InProcessSession, SessionClosed

DELAYS = (0.0, 0.0005, 0.001, 0.02)


class SimSession:
    """Implements `provider.session.ProviderSession`. `cut`: of a call under way nobody knows whether it
    arrived."""

    def __init__(self, session: InProcessSession, rng: random.Random) -> None:
        self._session = session
        self._rng = rng
        self._cuts = 0

    def cut(self) -> None:
        self._cuts += 1
        self._closing = asyncio.ensure_future(self._session.close())

    async def connect(self) -> None:
        await asyncio.sleep(self._rng.choice(DELAYS))
        await self._session.connect()

    async def send(self, call: rp.Call) -> None:
        cuts, data = self._cuts, encode_msgpack(call)
        await asyncio.sleep(self._rng.choice(DELAYS))
        if cuts != self._cuts:
            raise SessionClosed("the connection was cut, and the call with it")
        await self._session.send(decode_msgpack(rp.Call, data))
        await asyncio.sleep(self._rng.choice(DELAYS))
        if cuts != self._cuts:
            raise SessionClosed("the connection was cut before the answer")

    async def receive(self) -> rp.Event:
        event = encode_msgpack(await self._session.receive())
        await asyncio.sleep(self._rng.choice(DELAYS))
        return decode_msgpack(rp.Event, event)

    async def close(self) -> None:
        await self._session.close()
