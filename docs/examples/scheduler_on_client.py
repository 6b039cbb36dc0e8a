"""The scheduler of scheduler.py once more, on Orlop's client library: it also lives through restarts.

python scheduler_on_client.py [http://127.0.0.1:5050] [profile]
"""

import asyncio
import sys

from client import ClientError, Framework, SchedulerClient
from client.offered import disk, pool
from client.operations import create_disk, destroy_disk, framework_info, task

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5050"
PROFILE = sys.argv[2] if len(sys.argv) > 2 else "default"
SIZE_MB = 64
COMMAND = "date > /data/now && cat /data/now && df /data"


def say(status):
    print("task", status.state, status.message or "", flush=True)


async def main():
    info = framework_info("example", "example")
    async with SchedulerClient(URL, info) as client, Framework(client) as framework:
        made = await framework.operate(pool(PROFILE, SIZE_MB), lambda found: create_disk(found, SIZE_MB))
        print("CREATE_DISK", made.state, flush=True)
        ours = disk(made.converted_resources[0].disk.source.id)
        ended = await framework.run(ours, lambda found: task("example", COMMAND, disks={"/data": found}), say)
        given_back = await framework.operate(ours, destroy_disk)
        print("DESTROY_DISK", given_back.state, flush=True)
        await framework.teardown()
        return 0 if ended.state == "TASK_FINISHED" else 1


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except ClientError as error:
        sys.exit(f"scheduler: {error}")
