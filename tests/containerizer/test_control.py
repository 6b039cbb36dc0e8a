"""What is asked of a shim: no cut and no nonsense in its fifo ends it, and nothing is lost in silence."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.shim import records
from agent.containerizer.shim.control import Requests
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import until

PIPE_BYTES = 65536
on_process = pytest.mark.parametrize("host", ["process"], indirect=True)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe2(os.O_NONBLOCK)
    yield ends
    for end in ends:
        os.close(end)


@given(cuts=st.lists(st.integers(0, 42), max_size=6))
def test_requests_are_the_same_wherever_they_are_cut(cuts: list[int]) -> None:
    text = b"signal 10\nterm 2.5\neof\nterm 0\nwindow 24 80\n"
    places = [0, *sorted(cuts), len(text)]
    requests, found = Requests(), []
    reading, writing = os.pipe2(os.O_NONBLOCK)
    for begin, end in itertools.pairwise(places):
        os.write(writing, text[begin:end])
        found += requests.read(reading)
    os.close(reading)
    os.close(writing)
    assert found == [
        ("signal", 10, 0.0),
        ("term", 2.5, 0.0),
        ("eof", 0.0, 0.0),
        ("term", 0.0, 0.0),
        ("window", 24, 80),
    ]


def test_lines_that_cannot_be_read_are_passed_over(pipe: tuple[int, int]) -> None:
    requests = Requests()
    os.write(pipe[1], b"signal\nsignal x\nsignal 999\nterm\nterm nan\nterm -1\n\xff\n\nfly 1\nsignal 15\n")
    os.write(pipe[1], b"window\nwindow 1\nwindow 1 2 3\nwindow -1 2\nwindow 1 70000\n")
    assert requests.read(pipe[0]) == [("signal", 15, 0.0)]


def test_rest_that_never_ends_is_let_go(pipe: tuple[int, int]) -> None:
    requests = Requests()
    os.write(pipe[1], b"x" * 8192)
    assert requests.read(pipe[0]) + requests.read(pipe[0]) == []
    os.write(pipe[1], b"eof\n")
    assert requests.read(pipe[0]) == [("eof", 0.0, 0.0)]


@pytest.mark.needs("root", "mount")
@on_process
async def test_container_outlives_requests_that_come_cut_or_make_no_sense(host: Host) -> None:
    script = "trap 'exit 4' USR1; touch ready; while :; do sleep 0.05; done"
    await host.containerizer.launch(host.spec("goes-on", script))
    await until(host.sandbox("goes-on") / "ready")
    for piece in (b"signal x\nterm\nsignal 99\nsignal 1", b"0\n"):
        with _fifo(host, "goes-on").open("wb", buffering=0) as control:
            control.write(piece)
        await asyncio.sleep(0.2)  # for the shim to read what it has been sent so far
    assert (await host.containerizer.wait("goes-on")).status == 4


@pytest.mark.needs("root", "mount")
@on_process
async def test_kill_that_the_shim_cannot_be_told_is_to_be_asked_again(host: Host) -> None:
    state = await host.containerizer.launch(host.spec("deaf", "sleep 60"))
    shim = records.parent_of(state.pid or 0)
    assert shim is not None
    os.kill(shim, signal.SIGSTOP)
    try:
        fd = os.open(_fifo(host, "deaf"), os.O_WRONLY | os.O_NONBLOCK)
        assert os.write(fd, b"\n" * PIPE_BYTES) == PIPE_BYTES
        os.close(fd)
        with pytest.raises(ContainerizerError) as refused:
            await host.containerizer.kill("deaf", grace_period=0)
        assert refused.value.who is Who.RETRY
    finally:
        os.kill(shim, signal.SIGCONT)
    while True:
        try:
            await host.containerizer.kill("deaf", grace_period=0)
            break
        except ContainerizerError as error:
            assert error.who is Who.RETRY
    await host.containerizer.wait("deaf")


@pytest.mark.needs("root", "mount")
@on_process
async def test_grace_longer_than_the_kernel_counts_is_no_end_of_the_shim(host: Host) -> None:
    script = "trap 'exit 6' TERM; touch ready; while :; do sleep 0.05; done"
    await host.containerizer.launch(host.spec("patient", script))
    await until(host.sandbox("patient") / "ready")
    await host.containerizer.kill("patient", grace_period=1e8)
    assert (await host.containerizer.wait("patient")).status == 6


def _fifo(host: Host, container_id: str) -> Path:
    (found,) = (host.work_dir / "containers").glob(f"*/{container_id}/{records.CONTROL}")
    return found
