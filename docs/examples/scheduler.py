"""A scheduler in plain HTTP and JSON: makes a disk of its own, runs a task on it, gives it back.

    python scheduler.py [http://127.0.0.1:5050] [profile]

It needs aiohttp and the standard library, and no package of Orlop's. Every step is printed.
"""

import asyncio
import json
import sys
import uuid

import aiohttp

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5050"
PROFILE = sys.argv[2] if len(sys.argv) > 2 else "default"
ROLE = "example"
SIZE_MB = 64
CAPABILITIES = [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}]
FRAMEWORK = {"user": "root", "name": "example", "roles": [ROLE], "capabilities": CAPABILITIES}
COMMAND = "date > /data/now && cat /data/now && df /data"


class Example:
    """One run: each step waits for the event that it needs."""

    def __init__(self, session):
        self.session = session
        self.framework_id = None
        self.headers = {}

    async def call(self, kind, **fields):
        """Send a call of this framework. An answer other than 202 says why in its body."""
        body = {"type": kind, "framework_id": self.framework_id, **fields}
        async with self.session.post(f"{URL}/api/v1/scheduler", json=body, headers=self.headers) as answer:
            if answer.status != 202:
                sys.exit(f"{kind}: {answer.status} {await answer.text()}")

    async def events(self):
        """SUBSCRIBE, then every event: records of `<length>\\n<json>`."""
        subscribe = {"type": "SUBSCRIBE", "subscribe": {"framework_info": FRAMEWORK}}
        async with self.session.post(f"{URL}/api/v1/scheduler", json=subscribe) as stream:
            if stream.status != 200:
                sys.exit(f"SUBSCRIBE: {stream.status} {await stream.text()}")
            self.headers = {"Mesos-Stream-Id": stream.headers["Mesos-Stream-Id"]}
            while length := await stream.content.readline():
                yield json.loads(await stream.content.readexactly(int(length)))
        sys.exit("the orchestrator closed the stream")

    async def wait_for(self, events, pick):
        """The first thing that `pick` finds in an event. Offers that come meanwhile are declined."""
        async for event in events:
            if found := pick(event):
                return found
            if unwanted := [offer["id"] for offer in event.get("offers", {}).get("offers", [])]:
                decline = {"offer_ids": unwanted, "filters": {"refuse_seconds": 1}}
                await self.call("DECLINE", decline=decline)

    async def accept(self, offer, operation):
        accept = {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}
        await self.call("ACCEPT", accept=accept)

    async def operate(self, events, offer, operation):
        """ACCEPT one operation, wait for its end, acknowledge it; the disks that it made."""
        operation_id = {"value": str(uuid.uuid4())}
        await self.accept(offer, {**operation, "id": operation_id})

        def is_its_status(event):
            status = event.get("update_operation_status", {}).get("status", {})
            return status if status.get("operation_id") == operation_id else None

        status = await self.wait_for(events, is_its_status)
        known = {key: status[key] for key in ("agent_id", "resource_provider_id") if key in status}
        known |= {"operation_id": operation_id, "uuid": status["uuid"]["value"]}
        await self.call("ACKNOWLEDGE_OPERATION_STATUS", acknowledge_operation_status=known)
        print(operation["type"], status["state"], status.get("message", ""))
        if status["state"] != "OPERATION_FINISHED":
            sys.exit(1)
        return status.get("converted_resources", [])

    async def run_task(self, events, offer, disk):
        """LAUNCH a command with the disk at /data; whether it succeeded."""
        allocation = disk.get("allocation_info", {"role": ROLE})
        scalars = [
            {"name": name, "type": "SCALAR", "scalar": {"value": value}, "allocation_info": allocation}
            for name, value in (("cpus", 0.1), ("mem", 32))
        ]
        volume = {"container_path": "/data", "mode": "RW"}
        task = {
            "name": "example",
            "task_id": {"value": str(uuid.uuid4())},
            "agent_id": offer["agent_id"],
            "resources": [*scalars, {**disk, "disk": {**disk["disk"], "volume": volume}}],
            "command": {"shell": True, "value": COMMAND},
        }
        await self.accept(offer, {"type": "LAUNCH", "launch": {"task_infos": [task]}})

        def is_its_status(event):
            status = event.get("update", {}).get("status", {})
            return status if status.get("task_id") == task["task_id"] else None

        while status := await self.wait_for(events, is_its_status):
            print("task", status["state"], status.get("message", ""))
            if "uuid" in status:
                known = {key: status[key] for key in ("agent_id", "task_id", "uuid")}
                await self.call("ACKNOWLEDGE", acknowledge=known)
            if status["state"] not in ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING"):
                return status["state"] == "TASK_FINISHED"

    async def run(self):
        events = self.events()
        self.framework_id = await self.wait_for(events, lambda e: e.get("subscribed", {}).get("framework_id"))
        offer, pool = await self.wait_for(events, offered(is_pool))
        print("offered", pool["scalar"]["value"], "MB by provider", pool["provider_id"]["value"])
        create = {"source": {**pool, "scalar": {"value": SIZE_MB}}, "target_type": "MOUNT"}
        made = await self.operate(events, offer, {"type": "CREATE_DISK", "create_disk": create})
        disk_id = made[0]["disk"]["source"]["id"]
        print("made the disk", disk_id, "of", made[0]["scalar"]["value"], "MB")
        is_ours = offered(lambda source: source.get("id") == disk_id)
        succeeded = await self.run_task(events, *await self.wait_for(events, is_ours))
        offer, disk = await self.wait_for(events, is_ours)
        await self.operate(events, offer, {"type": "DESTROY_DISK", "destroy_disk": {"source": disk}})
        await self.call("TEARDOWN")
        return 0 if succeeded else 1


def is_pool(source):
    return source.get("type") == "RAW" and source.get("profile") == PROFILE and not source.get("id")


def offered(wanted):
    """Picks an offer with a disk whose source is wanted, and that disk."""

    def pick(event):
        for offer in event.get("offers", {}).get("offers", []):
            for resource in offer["resources"]:
                if wanted(resource.get("disk", {}).get("source", {})):
                    return offer, resource

    return pick


async def main():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_connect=5)) as session:
        return await Example(session).run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
