"""Work that hangs: it holds up nobody else, is not begun twice, and does not keep the process from ending."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from provider.local_storage import host_threads
from provider.local_storage.host_threads import HostHangs, HostThreads


async def test_work_is_done_in_a_thread_and_its_error_is_its_callers():
    threads = HostThreads()
    assert await threads.run("a", lambda: threading.current_thread().name) == "host: a"
    with pytest.raises(OSError, match="no such luck"):
        await threads.run("b", lambda: (_ for _ in ()).throw(OSError("no such luck")))


async def test_work_that_hangs_is_given_up_and_a_repeat_waits_for_the_same():
    threads, gate, begun = HostThreads(), threading.Event(), []

    def work():
        begun.append(1)
        gate.wait(10)
        return "done"

    with pytest.raises(HostHangs, match="a dead mount"):
        await threads.run("a dead mount", work, 0.01)
    with pytest.raises(TimeoutError):
        await threads.run("a dead mount", work, 0.01)
    assert await threads.run("another", lambda: 1) == 1
    gate.set()
    assert await threads.run("a dead mount", work, 5) == "done" and len(begun) == 1


async def test_work_that_hangs_takes_nobodys_place_for_long(monkeypatch):
    monkeypatch.setattr(host_threads, "HUNG_SECONDS", 0.05)
    threads, gate = HostThreads(max_busy=2, max_hung=3), threading.Event()
    for number in range(3):
        with pytest.raises(HostHangs):
            await threads.run(f"hangs {number}", lambda: gate.wait(10), 0.1)
    assert threads.hung == 3
    with pytest.raises(HostHangs, match="3 calls hang"):
        await threads.run("one more", lambda: 1)
    gate.set()
    await asyncio.sleep(0.1)
    assert threads.hung == 0 and await threads.run("one more", lambda: 1) == 1


def test_a_process_ends_while_work_hangs():
    script = (
        "import asyncio, threading\n"
        "from provider.local_storage.host_threads import HostHangs, HostThreads\n"
        "async def main():\n"
        "    try:\n"
        "        await HostThreads().run('dead', threading.Event().wait, 0.05)\n"
        "    except HostHangs:\n"
        "        print('given up')\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert ran.stdout == "given up\n"
