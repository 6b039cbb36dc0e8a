"""Tasks as schedulers meet them, on a real agent: checks, time, limits, networks, groups, honest ends."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from e2e.harness.cluster import DaemonCluster, DevCluster
from e2e.harness.daemon import until
from e2e.harness.http import request
from e2e.harness.tasks import TaskFramework, framework, shell

SOON = {"delay_seconds": 0, "interval_seconds": 0.2, "timeout_seconds": 5, "grace_period_seconds": 0}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def slow_server(seconds: float) -> Iterator[str]:
    """A web server that takes its time for an answer; the address of a file there."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"at last")

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/slow.txt"
        finally:
            server.shutdown()
            thread.join()


def command_check(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "COMMAND", "command": shell(text), **SOON, **fields}


def test_a_command_in_the_tasks_container_decides_of_its_health(tasks: TaskFramework) -> None:
    # It becomes ill by being looked at, however long it takes until somebody looks.
    ill_later = "echo >> looks; test $(wc -l < looks) -le 3 || { echo ill >&2; exit 4; }"
    check = command_check(ill_later, consecutive_failures=5)
    tasks.launch("health", command=shell("sleep 300"), health_check=check)
    assert "healthy" not in tasks.running("health")
    told = tasks.until("health", lambda status: "healthy" in status)
    assert (told["healthy"], told["reason"]) == (True, "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED")
    ill = tasks.until("health", lambda status: status.get("healthy") is False)
    assert ill["message"] == "unhealthy, failure 1 of 5: its command exited with status 4: ill"
    end = tasks.the_end("health")
    assert (end["state"], end["healthy"]) == ("TASK_KILLED", False)


def test_http_and_tcp_are_asked_at_the_tasks_port(tasks: TaskFramework) -> None:
    port = free_port()
    serve = "sleep 1; exec python3 -m http.server --bind 127.0.0.1 $PORT"
    variable = {"variables": [{"name": "PORT", "value": str(port)}]}
    tasks.launch(
        "web",
        command=shell(serve, environment=variable),
        health_check={
            "type": "HTTP",
            "http": {"port": port, "path": "/"},
            **SOON,
            "grace_period_seconds": 30,
        },
        check={"type": "TCP", "tcp": {"port": port}, "delay_seconds": 0, "interval_seconds": 0.2},
    )
    assert tasks.running("web")["check_status"] == {"type": "TCP", "tcp": {}}
    tasks.until("web", lambda status: status["check_status"]["tcp"].get("succeeded") is False)
    tasks.until("web", lambda status: status["check_status"]["tcp"].get("succeeded") is True)
    healthy = tasks.until("web", lambda status: status.get("healthy") is True)
    assert "was answered with 200" in healthy["message"]
    tasks.kill("web")
    assert tasks.the_end("web")["state"] == "TASK_KILLED"


def test_what_a_check_finds_is_told(tasks: TaskFramework) -> None:
    check = {"type": "COMMAND", "command": {"command": shell("exit 42")}, "delay_seconds": 0}
    tasks.launch("check", command=shell("sleep 300"), check=check)
    found = tasks.until("check", lambda status: status["check_status"]["command"].get("exit_code"))
    assert found["check_status"]["command"]["exit_code"] == 42
    assert found["reason"] == "REASON_TASK_CHECK_STATUS_UPDATED"


def test_a_check_that_hangs_does_not_hold_up_its_tasks_end(tasks: TaskFramework) -> None:
    hangs = command_check("trap '' TERM; sleep 300", timeout_seconds=100)
    tasks.launch("hangs", command=shell("sleep 2; exit 7"), health_check=hangs)
    tasks.running("hangs")
    began = time.monotonic()
    end = tasks.the_end("hangs")
    assert (end["state"], end["message"]) == ("TASK_FAILED", "the command exited with status 7")
    assert time.monotonic() - began < 10


def test_a_task_that_takes_too_long_fails(tasks: TaskFramework) -> None:
    tasks.launch("late", command=shell("sleep 300"), max_completion_time={"nanoseconds": 1_000_000_000})
    end = tasks.the_end("late")
    assert (end["state"], end["reason"]) == ("TASK_FAILED", "REASON_MAX_COMPLETION_TIME_REACHED")
    assert "max_completion_time of 1 s" in end["message"]


def test_a_command_that_is_not_there_is_told_apart_from_one_that_may_not_run(tasks: TaskFramework) -> None:
    for name, program, words in (
        ("gone", "/no/such/program", "no such"),
        ("text", "/etc/passwd", "ermission"),
    ):
        tasks.launch(name, command={"shell": False, "value": program, "arguments": [program]})
        end = tasks.the_end(name)
        assert (end["state"], end["reason"]) == ("TASK_FAILED", "REASON_COMMAND_EXECUTOR_FAILED"), end
        assert end["message"].startswith("the command cannot be run: ")
        assert words.lower() in end["message"].lower()
    tasks.launch("shell", command=shell("no-such-command-at-all"))
    assert "exited with status 127: it found no such command" in tasks.the_end("shell")["message"]


def test_memory_beyond_the_limit_is_named_as_the_cause(tasks: TaskFramework) -> None:
    hungry = "exec python3 -c 'x = bytearray(300 << 20); import time; time.sleep(9)'"
    tasks.launch("hungry", command=shell(hungry))
    end = tasks.the_end("hungry")
    assert (end["state"], end["reason"]) == ("TASK_FAILED", "REASON_CONTAINER_LIMITATION_MEMORY")


def test_an_inline_secret_is_seen_by_the_command_alone(dev: DevCluster, tasks: TaskFramework) -> None:
    secret = {"type": "VALUE", "value": {"data": "aHVudGVyMg=="}}
    variables = [{"name": "TOKEN", "type": "SECRET", "secret": secret}]
    script = 'test "$TOKEN" = hunter2 && sleep 1'
    tasks.launch("secret", command=shell(script, environment={"variables": variables}))
    tasks.running("secret")
    state = dev.post({"type": "GET_STATE"})
    assert "aHVudGVyMg" not in str(state)
    assert "hunter2" not in str(state)
    assert tasks.the_end("secret")["state"] == "TASK_FINISHED"
    logs = [path for path in dev.work_dir.rglob("*.log*") if path.is_file()]
    assert not [path for path in logs if b"hunter2" in path.read_bytes()]


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "a volume that leads out": (
        {"container": {"type": "MESOS", "volumes": [{"container_path": "../x", "mode": "RW"}]}},
        "'..'",
    ),
    "a sandbox path that leads out": (
        {
            "container": {
                "type": "MESOS",
                "volumes": [
                    {
                        "container_path": "x",
                        "mode": "RW",
                        "source": {
                            "type": "SANDBOX_PATH",
                            "sandbox_path": {"type": "SELF", "path": "a/../../b"},
                        },
                    }
                ],
            }
        },
        "below the sandbox",
    ),
    "a limit below what is asked": ({"limits": {"mem": {"value": 1}}}, "less than"),
    "no limit at all": ({"limits": {"mem": {"value": 0}}}, "above 0"),
    "a limit of nothing known": ({"limits": {"gpus": {"value": 1}}}, "gpus"),
    "a port that is none": (
        {"health_check": {"type": "TCP", "tcp": {"port": 70_000}}},
        "70000",
    ),
    "a name of a variable that is none": (
        {"command": shell("x", environment={"variables": [{"name": "A=B", "value": "c"}]})},
        "",
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_can_never_run_is_an_error_and_leaves_nothing(tasks: TaskFramework, case: str) -> None:
    fields, words = IMPOSSIBLE[case]
    tasks.launch("never", **{"command": shell("true"), **fields})
    end = tasks.the_end("never")
    assert (end["state"], end["reason"]) == ("TASK_ERROR", "REASON_TASK_INVALID"), end
    assert words in end["message"]


def test_processes_beyond_the_limit_are_not_started(tasks: TaskFramework) -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 5 & done; wait"
    tasks.launch("forks", command=shell(script), limits={"pids": {"value": 8}})
    assert tasks.the_end("forks")["state"] == "TASK_FAILED"


def test_more_than_was_asked_for_may_be_used_up_to_the_limit(tasks: TaskFramework) -> None:
    hungry = "exec python3 -c 'x = bytearray(128 << 20)'"
    tasks.launch(
        "bursts", command=shell(hungry), limits={"mem": {"value": 512}, "cpus": {"value": "Infinity"}}
    )
    assert tasks.the_end("bursts")["state"] == "TASK_FINISHED"


def ports(first: int) -> dict[str, Any]:
    return {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": first, "end": first}]}}


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_a_network_of_its_own_is_reached_by_its_address_and_by_mapped_ports(
    dev: DevCluster, tasks: TaskFramework
) -> None:
    mapped = {"host_port": 31_777, "container_port": 8000}
    tasks.launch(
        "bridged",
        [ports(31_777)],
        command=shell("exec python3 -m http.server 8000"),
        container={"type": "MESOS", "network_infos": [{"port_mappings": [mapped]}]},
        health_check={"type": "HTTP", "http": {"port": 8000}, **SOON, "grace_period_seconds": 60},
    )
    if dev.containerizer == "process":
        end = tasks.the_end("bridged")
        assert end["state"] == "TASK_FAILED"
        assert "podman" in end["message"]
        return
    (network,) = tasks.running("bridged")["container_status"]["network_infos"]
    assert network["port_mappings"] == [mapped]
    assert network["ip_addresses"][0]["ip_address"] != "127.0.0.1"
    tasks.until("bridged", lambda status: status.get("healthy") is True)
    assert answers(31_777)
    assert not answers(8000), "the port of the container is not the host's"


def test_tasks_of_a_group_are_asked_at_the_address_of_their_group(
    dev: DevCluster, tasks: TaskFramework
) -> None:
    bridged = {"type": "MESOS", "network_infos": [{"name": "podman"}]}
    check = {"type": "HTTP", "http": {"port": 8000}, **SOON, "grace_period_seconds": 60}
    tasks.launch_group({"serves": "exec python3 -m http.server 8000"}, bridged, health_check=check)
    if dev.containerizer == "process":
        end = tasks.the_end("serves")
        assert end["state"] == "TASK_FAILED"
        assert "podman" in end["message"]
        return
    (network,) = tasks.running("serves")["container_status"]["network_infos"]
    assert network["ip_addresses"][0]["ip_address"] != "127.0.0.1"
    assert tasks.until("serves", lambda status: status.get("healthy") is True)
    assert not answers(8000)


def test_a_port_that_was_not_offered_is_not_mapped(tasks: TaskFramework) -> None:
    mapped = {"host_port": 31_778, "container_port": 8000}
    tasks.launch(
        "greedy",
        command=shell("sleep 9"),
        container={"type": "MESOS", "network_infos": [{"port_mappings": [mapped]}]},
    )
    end = tasks.the_end("greedy")
    assert end["state"] == "TASK_ERROR"
    assert "not among the task's ports" in end["message"]


def test_tasks_of_a_group_have_checks_of_their_own(tasks: TaskFramework) -> None:
    check = command_check("test -e here", grace_period_seconds=30)
    commands = {"sees": "touch here; sleep 300", "looks": "touch here; sleep 300"}
    tasks.launch_group(commands, health_check=check)
    for name in commands:
        tasks.until(name, lambda status: status.get("healthy") is True)
    tasks.kill("sees")
    for name in commands:
        assert tasks.the_end(name)["state"] == "TASK_KILLED"


def test_what_takes_long_is_told_before_the_task_runs(tasks: TaskFramework) -> None:
    with slow_server(seconds=2.5) as uri:
        tasks.launch("slow", command=shell("cat slow.txt", uris=[{"value": uri}]))
        assert tasks.the_end("slow")["state"] == "TASK_FINISHED"
    first = tasks.told["slow"][0]
    assert (first["state"], "uuid" in first) == ("TASK_STAGING", False), first
    assert "fetching" in first["message"]
    assert tasks.states("slow") == ["TASK_RUNNING", "TASK_FINISHED"]


def test_checks_and_time_go_on_after_the_agent_was_killed(daemons: DaemonCluster) -> None:
    before = daemons.census()
    with framework(daemons) as tasks:
        check = command_check("test ! -e ill", consecutive_failures=2)
        hangs = command_check("trap '' TERM; touch asked; sleep 300", timeout_seconds=100)
        tasks.launch("asked", command=shell("sleep 300"), health_check=hangs)
        tasks.launch("checked", command=shell("sleep 300"), health_check=check)
        tasks.launch("timed", command=shell("sleep 300"), max_completion_time={"nanoseconds": 6_000_000_000})
        tasks.until("checked", lambda status: status.get("healthy") is True)
        began = tasks.running("timed")["timestamp"]
        until(lambda: [*daemons.work_dir.glob("**/sandboxes/*/asked/*/asked")], 20, "the check hangs")
        daemons.agent.kill()
        (sandbox,) = daemons.work_dir.glob("**/sandboxes/*/checked/*")
        (sandbox / "ill").touch()
        daemons.agent.start()
        daemons.wait_ready()
        back = time.time() - began
        end = tasks.the_end("checked")
        assert (end["state"], end["healthy"]) == ("TASK_KILLED", False)
        late = tasks.the_end("timed")
        assert late["reason"] == "REASON_MAX_COMPLETION_TIME_REACHED"
        assert 5.5 < late["timestamp"] - began < max(6.0, back) + 2.5, "six seconds from its start"
        tasks.kill("asked")
        assert tasks.the_end("asked")["state"] == "TASK_KILLED"
    daemons.settles_as(before)


def page(address: str, path: str) -> Any:
    """A version-0 page, as a tool that knows only those reads it."""
    answer = request(address, "GET", path)
    assert answer.status == 200, f"{path}: {answer.status} {answer.text}"
    return answer.json


def test_a_tool_of_version_0_finds_a_task_and_reads_what_it_printed(
    dev: DevCluster, tasks: TaskFramework
) -> None:
    tasks.launch("talker", command=shell("echo hello; sleep 300"))
    tasks.running("talker")
    (shown,) = page(dev.address, "/master/tasks?order=asc&limit=-1&task_id=talker")["tasks"]
    assert shown["state"] == "TASK_RUNNING"
    agents = page(dev.address, f"/slaves?slave_id={shown['slave_id']}")["slaves"]
    agent = agents[0]["pid"].removeprefix("slave(1)@")
    executors = {
        each["id"]: each
        for each in page(agent, "/slave(1)/state.json")["frameworks"][0]["executors"]
        if any(task["id"] == "talker" for task in each["tasks"])
    }
    directory = executors["talker"]["directory"]
    read = f"/files/read.json?path={quote(f'{directory}/stdout')}"
    until(lambda: page(agent, f"{read}&offset=0")["data"] == "hello\n", 30, "the output can be read")
    assert page(agent, read) == {"offset": 6, "data": ""}
    listed = [entry["path"] for entry in page(agent, f"/files/browse?path={quote(directory)}")]
    assert f"{directory}/stdout" in listed
    used = {each["executor_id"] for each in page(agent, "/monitor/statistics")}
    assert "talker" in used
    here, there = page(dev.address, "/metrics/snapshot"), page(agent, "/metrics/snapshot")
    assert (here["master/tasks_running"], there["slave/tasks_running"]) == (1.0, 1.0)
    assert (here["master/elected"], there["slave/registered"]) == (1.0, 1.0)
    assert page(dev.address, "/state")["leader"] == f"master@{dev.address}"
    tasks.kill("talker")
    assert tasks.the_end("talker")["state"] == "TASK_KILLED"
