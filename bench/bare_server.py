"""The reference of `bench_calls`: a bare aiohttp server that makes the same bytes durable, and does no more.

    python -m bench.bare_server DIRECTORY LAUNCHES_A_CALL

Each POST's body is read and written, with as many rows and the same commits as an ACCEPT of so many launches
has, into a SQLite file of the same schema by the same store; then it is answered 202. Prints its port.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from aiohttp import web
from sqlalchemy import insert

from orchestrator import schema
from store.port import Run
from store.sqlite import SqliteStore

INSERT = insert(schema.launches)


async def main(directory: str, launches: int) -> None:
    store = SqliteStore.open(Path(directory, "bare.db"), schema.metadata, schema.SCHEMA_VERSION)
    numbers = itertools.count()

    async def accept(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        size = len(body) // launches
        rows = (
            {
                "framework_id": "bare",
                "task_id": f"task-{next(numbers)}",
                "agent_id": "agent",
                "role": "bench",
                "info": body[number * size : (number + 1) * size],
                "created": 0.0,
            }
            for number in range(launches)
        )
        await store.write(*(Run(INSERT, row) for row in rows))
        return web.Response(status=202)

    runner = web.ServerRunner(web.Server(accept, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
