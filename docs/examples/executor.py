"""A custom executor in plain HTTP and JSON: it runs the `data` of each task as a shell command.

The agent starts it, as a scheduler's ExecutorInfo says (`python3 executor.py`), and tells it by its
environment where to subscribe. It needs aiohttp and the standard library, and no package of Orlop's.
When it is killed its tasks fail with it; when the agent is killed both go on, and find each other again.
"""

import asyncio
import base64
import json
import os
import signal

import aiohttp

API = f"http://{os.environ['MESOS_AGENT_ENDPOINT']}/api/v1/executor"
ME = {
    "framework_id": {"value": os.environ["MESOS_FRAMEWORK_ID"]},
    "executor_id": {"value": os.environ["MESOS_EXECUTOR_ID"]},
}
PATIENCE = float(os.environ.get("MESOS_RECOVERY_TIMEOUT", "900secs").removesuffix("secs"))


class Executor:
    def __init__(self):
        self.tasks, self.updates = {}, {}  # what the agent may not know that it was given, and has said
        self.running = {}  # processes by task id
        self.names = set()  # of all tasks that it was ever given: none is begun twice
        self.jobs, self.subscribed = set(), asyncio.Event()

    async def call(self, kind, content):
        """Say something. An update that does not arrive is said again with the next subscription."""
        async with self.http.post(API, json={**ME, "type": kind, kind.lower(): content}) as answer:
            if answer.status != 202:
                print(kind, answer.status, await answer.text(), flush=True)
            return answer.status

    async def update(self, task_id, state, message=""):
        uuid = base64.b64encode(os.urandom(16)).decode()  # another one for each update
        status = {"task_id": {"value": task_id}, "state": state, "uuid": uuid, "message": message}
        self.updates[uuid] = {"status": {**status, "source": "SOURCE_EXECUTOR"}}
        print(task_id, state, message, flush=True)
        while uuid in self.updates and self.subscribed.is_set():
            try:
                if await self.call("UPDATE", self.updates[uuid]) != 503:  # too many are on their way
                    return
                await asyncio.sleep(1)
            except (aiohttp.ClientError, TimeoutError):
                return  # the stream has ended as well

    async def run(self, task):
        task_id = task["task_id"]["value"]
        command = base64.b64decode(task.get("data", "")).decode()
        process = await asyncio.create_subprocess_shell(command, start_new_session=True)
        self.running[task_id] = process
        await self.update(task_id, "TASK_RUNNING")
        status = await process.wait()
        del self.running[task_id]
        if status < 0:
            await self.update(task_id, "TASK_KILLED", f"ended by {signal.Signals(-status).name}")
        else:
            await self.update(task_id, "TASK_FAILED" if status else "TASK_FINISHED", f"exited with {status}")

    def launch(self, tasks):
        for task in tasks:
            if task["task_id"]["value"] not in self.names:
                self.names.add(task["task_id"]["value"])
                self.tasks[task["task_id"]["value"]] = task
                self.begin(self.run(task))

    def kill(self, task_id):
        if task_id in self.running:
            os.killpg(self.running[task_id].pid, signal.SIGTERM)

    def handle(self, kind, content):
        """One event. Types that are unknown here are left alone: there may be new ones."""
        if kind == "SUBSCRIBED":
            self.subscribed.set()
            print("subscribed with", content["agent_info"]["hostname"], flush=True)
        elif kind in ("LAUNCH", "LAUNCH_GROUP"):
            self.launch(content["task_group"]["tasks"] if kind == "LAUNCH_GROUP" else [content["task"]])
        elif kind == "KILL":
            self.kill(content["task_id"]["value"])
        elif kind == "ACKNOWLEDGED":
            self.updates.pop(content["uuid"], None)
            self.tasks.pop(content["task_id"]["value"], None)
        elif kind == "MESSAGE":  # whatever the scheduler says is said back to it
            self.begin(self.call("MESSAGE", {"data": content["data"]}))
        elif kind == "SHUTDOWN":
            for task_id in list(self.running):
                self.kill(task_id)
            self.begin(self.end())

    async def end(self):
        """Once its tasks have ended and been told; the agent kills it if that takes too long."""
        while self.running or self.updates:
            await asyncio.wait(self.jobs, timeout=0.05)
        os._exit(0)

    def begin(self, work):
        job = asyncio.ensure_future(work)
        self.jobs.add(job)
        job.add_done_callback(self.jobs.discard)

    async def session(self):
        known = {"unacknowledged_tasks": list(self.tasks.values())}
        known["unacknowledged_updates"] = list(self.updates.values())
        async with self.http.post(API, json={**ME, "type": "SUBSCRIBE", "subscribe": known}) as stream:
            if stream.status != 200:
                print("SUBSCRIBE", stream.status, await stream.text(), flush=True)
                return
            while True:
                length = await stream.content.readuntil(b"\n")
                event = json.loads(await stream.content.readexactly(int(length)))
                self.handle(event["type"], event.get(event["type"].lower(), {}))
                self.heard = asyncio.get_running_loop().time()

    async def serve(self):
        self.heard = asyncio.get_running_loop().time()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        async with aiohttp.ClientSession(timeout=timeout) as self.http:
            while asyncio.get_running_loop().time() < self.heard + PATIENCE:
                try:
                    await self.session()
                except (aiohttp.ClientError, asyncio.IncompleteReadError, OSError, ValueError) as error:
                    print("the session ended:", repr(error), flush=True)
                if self.subscribed.is_set():  # the time in which the agent has to come back begins here
                    self.heard = asyncio.get_running_loop().time()
                self.subscribed.clear()
                await asyncio.sleep(0.5)


asyncio.run(Executor().serve())
