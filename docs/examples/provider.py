"""A resource provider in plain HTTP and JSON: directories as MOUNT disks, made on demand from a pool.

    python provider.py DIRECTORY [http://127.0.0.1:5051] [size of the pool in MB]

It needs aiohttp and the standard library, and no package of Orlop's. All that must survive is in
DIRECTORY/state.json. A directory does not limit what is written to it; a real provider makes what does.
"""

import asyncio
import base64
import json
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import aiohttp

GIVEN = [*sys.argv[1:], *["directories", "http://127.0.0.1:5051", "256"][len(sys.argv) - 1 :]]
HOME, API, POOL_MB = Path(GIVEN[0]).absolute(), f"{GIVEN[1]}/api/v1/resource_provider", int(GIVEN[2])
INFO = {"type": "org.example.directories", "name": "example"}
PROFILE = {"name": "directory", "available": True, "description": "directories, without a real limit"}
RAW = {"type": "RAW", "profile": PROFILE["name"]}


def new_uuid():
    return {"value": base64.b64encode(os.urandom(16)).decode()}


def kind_of(resource):
    """A resource without its amount, its allocation and its mount, as text: what is alike adds up."""
    kind = {key: resource[key] for key in ("name", "type", "disk", "reservations") if resource.get(key)}
    kind["disk"] = {key: value for key, value in kind["disk"].items() if key != "volume"}
    return json.dumps(kind, sort_keys=True)


def effect(operation, kind, content):
    """What the operation takes, and what it makes of each. Raises ValueError for what cannot be done."""
    resources = content.get("resources") or content.get("volumes") or [content["source"]]
    if kind in ("RESERVE", "UNRESERVE"):
        pairs = [({**each, "reservations": each["reservations"][:-1]}, each) for each in resources]
    elif kind in ("CREATE", "DESTROY"):
        pairs = [({**each, "disk": {"source": each["disk"]["source"]}}, each) for each in resources]
    elif kind == "CREATE_DISK" and content["target_type"] == "MOUNT":
        name = base64.b64decode(operation).hex()  # the same when it is done again
        mount = {"type": "MOUNT", "id": name, "mount": {"root": str(HOME / "disks" / name)}}
        pairs = [(each, {**each, "disk": {"source": {**RAW, **mount}}}) for each in resources]
    elif kind == "DESTROY_DISK":
        pairs = [({**each, "disk": {"source": RAW}}, each) for each in resources]
    else:
        raise ValueError(f"{kind}: directories cannot do that")
    return [(b, a) for a, b in pairs] if kind in ("UNRESERVE", "DESTROY", "DESTROY_DISK") else pairs


class Provider:
    def __init__(self):
        self.heartbeat, self.version = 15.0, new_uuid()  # of the totals, if operations alone change them
        pool = kind_of({"name": "disk", "type": "SCALAR", "disk": {"source": RAW}})
        self.state = {"id": None, "totals": {pool: POOL_MB * 1000}, "operations": {}, "users": []}
        if (HOME / "state.json").exists():
            self.state = json.loads((HOME / "state.json").read_text())

    def save(self):
        """All or nothing, durably: nothing is said that is not saved."""
        with (HOME / "state.new").open("w") as file:
            json.dump(self.state, file)
            os.fsync(file.flush() or file.fileno())
        (HOME / "state.new").replace(HOME / "state.json")

    def perform(self, operation):
        """Do it, and keep how it ended. Done again after a crash it comes to the same end."""
        kept, totals = self.state["operations"][operation], Counter(self.state["totals"])
        kind = kept["info"]["type"]
        try:
            changes = effect(operation, kind, kept["info"].get(kind.lower(), {}))
            for taken, made in changes:
                totals[kind_of(taken)] -= round(taken["scalar"]["value"] * 1000)
                totals[kind_of(made)] += round(made["scalar"]["value"] * 1000)
            if min(totals.values()) < 0:
                raise LookupError("what it takes is not here (any more)")
            self.change_files(kind, [tuple(each["disk"]["source"] for each in pair) for pair in changes])
            self.state["totals"] = dict(+totals)
            status = {"state": "OPERATION_FINISHED", "converted_resources": [made for _, made in changes]}
        except (LookupError, ValueError, OSError) as error:
            state = "OPERATION_DROPPED" if isinstance(error, LookupError) else "OPERATION_FAILED"
            status, self.version = {"state": state, "message": str(error)}, new_uuid()
        kept["status"] = {**status, "uuid": new_uuid()}
        self.save()

    def change_files(self, kind, changes):
        for taken, made in changes:
            if kind in ("DESTROY", "DESTROY_DISK"):
                if users := [user for user, disk in self.state["users"] if disk == taken["id"]]:
                    raise ValueError(f"disk {taken['id']} is in use by {', '.join(users)}: end them first")
                shutil.rmtree(taken["mount"]["root"], ignore_errors=True)
            if "mount" in made:
                Path(made["mount"]["root"]).mkdir(parents=True, exist_ok=True)

    def publish(self, user, disks):
        """The user, a container, holds these disks from now on. Where they are, for what is bound into it."""
        if gone := [disk["id"] for disk in disks if not Path(disk["mount"]["root"]).is_dir()]:
            return {"status": "FAILED", "message": f"the directories of these disks are gone: {gone}"}
        known = self.state["users"]  # the same may come again
        self.state["users"] = known + [[user, d["id"]] for d in disks if [user, d["id"]] not in known]
        places = [{"source_id": disk["id"], "path": disk["mount"]["root"]} for disk in disks]
        return {"status": "OK", "published": places}

    async def handle(self, kind, content):
        """One event. Types that are unknown here are left alone: there may be new ones."""
        print(kind, content.get("message", ""), flush=True)
        told = [each["value"] for each in content.get("operation_uuids", [])]
        operation = content.get("operation_uuid", {}).get("value")
        if kind == "SUBSCRIBED":
            self.state["id"], self.heartbeat = content["provider_id"], content["heartbeat_interval_seconds"]
            self.save()
        elif kind == "APPLY_OPERATION":
            told = [operation]
            if operation not in self.state["operations"]:  # once, however often it comes
                kept = {key: value for key, value in content.items() if key in ("info", "framework_id")}
                self.state["operations"][operation] = kept
                self.save()
                self.perform(operation)
        elif kind == "ACKNOWLEDGE_OPERATION_STATUS":
            if self.status_of(operation).get("uuid") == content["status_uuid"]:
                del self.state["operations"][operation]
                self.save()
        elif kind in ("PUBLISH_RESOURCES", "UNPUBLISH_RESOURCES"):
            answer, user = {"status": "OK"}, content["user"]
            if kind == "PUBLISH_RESOURCES":
                answer = self.publish(user, [each["disk"]["source"] for each in content["resources"]])
            else:  # a real provider now unmounts what nobody holds any more
                self.state["users"] = [each for each in self.state["users"] if each[0] != user]
            self.save()
            await self.call("UPDATE_PUBLISH_RESOURCES_STATUS", {"uuid": content["uuid"], **answer})
        if kind == "SUBSCRIBED" or (kind == "RECONCILE_OPERATIONS" and not told):
            await self.report()
        for each in list(self.state["operations"]) if kind == "HEARTBEAT" else told:
            await self.tell(each)  # at each heartbeat again, until it is acknowledged

    async def report(self):
        """Everything there is. With very much to say, in pages (`more`)."""
        known = self.state["operations"].items()
        known = [{**v, "uuid": {"value": k}, "latest_status": self.status_of(k)} for k, v in known]
        totals = [{**json.loads(k), "scalar": {"value": v / 1000}} for k, v in self.state["totals"].items()]
        state = {"resource_version_uuid": self.version, "profiles": [PROFILE]}
        await self.call("UPDATE_STATE", {**state, "resources": totals, "operations": known})

    def status_of(self, operation):
        unknown = {"status": {"state": "OPERATION_DROPPED", "message": "this operation never came here"}}
        kept = {"status": {"state": "OPERATION_PENDING"}, **self.state["operations"].get(operation, unknown)}
        return {**kept["status"], "resource_provider_id": self.state["id"]}

    async def tell(self, operation):
        kept, status = self.state["operations"].get(operation, {}), self.status_of(operation)
        whose = {"framework_id": kept["framework_id"]} if "framework_id" in kept else {}
        update = {"operation_uuid": {"value": operation}, "status": status, "latest_status": status}
        await self.call("UPDATE_OPERATION_STATUS", {**update, **whose})

    async def call(self, kind, content):
        """Say something. What does not arrive is said again in the next session."""
        body = {"type": kind, "resource_provider_id": self.state["id"], kind.lower(): content}
        own = {"provider_id": self.state["id"]}  # kept nowhere else, as it may change
        body = json.loads(json.dumps(body), object_hook=lambda o: {**o, **own} if "scalar" in o else o)
        async with self.http.post(API, json=body, headers={"Mesos-Stream-Id": self.stream}) as answer:
            if answer.status != 202:
                print(kind, answer.status, await answer.text(), flush=True)

    async def session(self):
        known = {"id": self.state["id"]} if self.state["id"] else {}
        call = {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": {**INFO, **known}}}
        async with self.http.post(API, json=call) as stream:
            if stream.status != 200:
                print("SUBSCRIBE", stream.status, await stream.text(), flush=True)
                why = stream.headers.get("Orlop-Refusal")
                if why == "UNKNOWN_ID":  # the agent lost its database
                    self.state["id"] = None  # what is here is kept, under a new id
                return sys.exit(1) if why == "REMOVED" else None
            self.stream = stream.headers["Mesos-Stream-Id"]
            while True:
                async with asyncio.timeout(3 * self.heartbeat):  # three missed: nobody is there any more
                    length = await stream.content.readuntil(b"\n")
                    event = json.loads(await stream.content.readexactly(int(length)))
                await self.handle(event["type"], event.get(event["type"].lower(), {}))

    async def run(self):
        (HOME / "disks").mkdir(parents=True, exist_ok=True)
        for operation in [each for each, kept in self.state["operations"].items() if "status" not in kept]:
            self.perform(operation)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as self.http:
            while True:
                try:
                    await self.session()
                except (aiohttp.ClientError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
                    print("the session ended:", repr(error), flush=True)
                await asyncio.sleep(1)


asyncio.run(Provider().run())
