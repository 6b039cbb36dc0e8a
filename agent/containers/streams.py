"""The streaming calls: ATTACH_CONTAINER_OUTPUT, ATTACH_CONTAINER_INPUT, LAUNCH_NESTED_CONTAINER_SESSION.

The HTTP edge of them. Records are framed by RecordIO and hold ProcessIO messages, or for input whole calls. A
container's end of file is an empty piece of STDIN; a connection that breaks says nothing about its input, but
ends a session. Nothing is kept here but connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import web
from msgspec import UNSET

from agent.containerizer.interface import ContainerInput, Containerizer, Exit
from agent.containers.calls import FAILURES, Answer, ContainerCalls, launch_of, rejection_of
from agent.containers.connection import while_connected
from agent.containers.hosted import HostedContainers
from agent.containers.keeper import OperatorContainers
from agent.containers.output import FollowedFile
from agent.containers.parts import Busy, ContainerRefused, NoSuchContainer
from agent.containers.paths import ContainerPath, as_text, path_of
from agent.http_edge import abort, bound_silence, is_closed
from agent.sandboxes.sandbox import NoSuchFile, Sandboxes
from api.wire.content import MediaType, decode, encode
from api.wire.errors import RecordError, WireError
from api.wire.http_rules import RECORDIO, Accepted, Rejection, content_of
from api.wire.recordio import RecordDecoder, encode_record
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos

log = logging.getLogger(__name__)

C, IO = wire.CallType, wire.ProcessIO
InputType = wire.CallAttachContainerInputType

MAX_STREAMS: Final = 500
"""Open at once; one more is answered 503."""

MAX_RECORD_BYTES: Final = 1024 * 1024
"""Of one record of input; a longer one ends the stream with 400."""

HEARTBEAT_SECONDS: Final = 15.0
"""Between heartbeats of an output stream; the first is sent at once."""

STALLED_SECONDS: Final = 60.0
"""A client that takes nothing of what it is sent for so long is cut off; a session ends with it."""

FIRST_RECORD_SECONDS: Final = 30.0
"""For the first record of input to arrive; then 408: the stream would hold its place for ever."""

FIRST_PAUSE: Final = 0.01
LONGEST_PAUSE: Final = 0.25
"""Seconds between two looks at quiet output, growing by half."""

WAIT_PAUSE: Final = 1.0
"""Seconds between two looks whether the client of a WAIT call is still there."""

STREAMS: Final = (("stdout", wire.ProcessIODataType.STDOUT), ("stderr", wire.ProcessIODataType.STDERR))
STREAMED: Final = frozenset({C.ATTACH_CONTAINER_OUTPUT, C.LAUNCH_NESTED_CONTAINER_SESSION})


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What the streams are made from."""

    containers: OperatorContainers
    hosted: HostedContainers
    containerizer: Containerizer
    calls: ContainerCalls
    sandboxes: Sandboxes


class ContainerStreams:
    """The streams of one agent."""

    def __init__(self, parts: StreamParts, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self._parts = parts
        self._heartbeat = heartbeat_seconds
        self._open = 0
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream, and every WAIT call. Containers go on, but those of sessions."""
        self._closing.set()

    async def wait(self, request: web.BaseRequest, call: wire.Call) -> Answer:
        """Answer a WAIT call, for as long as its client is there.

        When the agent stops the connection is dropped: who was waiting finds the agent away, and asks again.
        """
        try:
            return await while_connected(request, self._closing, self._parts.calls.handle(call), WAIT_PAUSE)
        except ConnectionError as error:
            abort(request)
            return Rejection(503, str(error))  # nobody reads it

    def serves(self, call: wire.Call) -> bool:
        """Whether the answer to the call is a stream of records, and `answer` gives it."""
        return call.type in STREAMED

    async def answer(
        self, request: web.BaseRequest, accepted: Accepted[wire.Call]
    ) -> web.StreamResponse | Rejection:
        """The output of a container, from now on; or of a new one, from its start."""
        try:
            with self._counted():
                if accepted.call.type is C.LAUNCH_NESTED_CONTAINER_SESSION:
                    return await self._session(request, accepted)
                asked = accepted.call.attach_container_output
                assert asked is not UNSET, "validate() comes first"
                follower = self._follower(path_of(asked.container_id), from_end=True)
                return await follower.send(request, accepted)
        except FAILURES as error:
            return rejection_of(error)

    async def take_input(self, request: web.BaseRequest) -> Rejection | None:
        """Hand the records of the request's body to a container. None: all of it was taken."""
        try:
            with self._counted():
                await self._take_input(request)
        except (RecordError, WireError) as error:
            return Rejection(400, f"failed to parse the records of the body: {error}")
        except _WrongRecord as error:
            return error.rejection
        except FAILURES as error:
            return rejection_of(error)
        except ConnectionError:
            return Rejection(503, "the agent stops: not all of the input was taken")  # or nobody reads it
        return None

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        if self._open >= MAX_STREAMS:
            raise Busy(f"{MAX_STREAMS} streams are open, the limit: try again later")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    # output

    async def _session(
        self, request: web.BaseRequest, accepted: Accepted[wire.Call]
    ) -> web.StreamResponse | Rejection:
        """A new nested container, which does not outlive the connection."""
        asked = launch_of(accepted.call)
        path = path_of(asked.container_id)
        try:
            await self._parts.containers.launch(asked, session=True)
        except NoSuchContainer as error:  # its parent
            return Rejection(400, str(error))
        follower = self._follower(path, from_end=False, whole=True)
        try:
            return await follower.send(request, accepted)
        finally:
            if not follower.complete:
                self._parts.containers.give_up(path)

    def _follower(self, path: ContainerPath, *, from_end: bool, whole: bool = False) -> _Follower:
        """With `whole` it is the one reader of output that is paced. Raises NoSuchContainer."""
        parts = self._parts
        directory = parts.hosted.sandbox(path) or parts.containers.sandbox(path)
        if directory is None:
            what = (
                "is a plugin's, which is not shown" if parts.hosted.is_plugins(path) else "is not known here"
            )
            raise NoSuchContainer(f"container {as_text(path)} {what}: see orlop containers")

        def followed(name: str) -> FollowedFile:
            opened = partial(_opened, parts.sandboxes, f"{directory}/{name}")
            older = partial(_opened, parts.sandboxes, f"{directory}/{name}.1") if whole else None
            return FollowedFile(opened, from_end=from_end, older=older)

        files = {kind: followed(name) for name, kind in STREAMS}
        ended = asyncio.ensure_future(parts.calls.exit_of(path))
        return _Follower(files, ended, self._closing, self._heartbeat)

    # input

    async def _take_input(self, request: web.BaseRequest) -> None:
        async with contextlib.aclosing(_records(request, self._closing)) as records:
            asked = await _first(records)
            if asked is None or asked.type is not InputType.CONTAINER_ID or asked.container_id is UNSET:
                raise _WrongRecord(Rejection(400, "expecting a first record of type CONTAINER_ID"))
            path = path_of(asked.container_id)
            target = await self._target(path)
            await self._until_ended(path, _hand_over(request, self._closing, records, target))

    async def _until_ended(self, path: ContainerPath, work: Coroutine[Any, Any, None]) -> None:
        """Do the work. Raises ContainerRefused when the container ends before: nobody reads the rest."""
        ended = asyncio.ensure_future(self._parts.calls.exit_of(path))
        job = asyncio.ensure_future(work)
        try:
            await asyncio.wait((job, ended), return_when=asyncio.FIRST_COMPLETED)
            if not job.done():
                ended.result()
                raise ContainerRefused(f"container {as_text(path)} has ended: it takes no more input")
            job.result()
        finally:
            job.cancel()
            ended.cancel()
            await asyncio.gather(job, ended, return_exceptions=True)

    async def _target(self, path: ContainerPath) -> ContainerInput:
        """The input of the container that the first record names."""
        record = self._parts.containers.find(path)
        run_id = self._parts.hosted.run_id(path) if record is None else record.run_id
        if run_id is None:
            raise NoSuchContainer(f"container {as_text(path)} is not known here: see orlop containers")
        return await self._parts.containerizer.input(run_id)


async def _first(
    records: AsyncIterator[wire.CallAttachContainerInput],
) -> wire.CallAttachContainerInput | None:
    """The record that says whose input it is: until then nothing ends the stream but its client."""
    try:
        async with asyncio.timeout(FIRST_RECORD_SECONDS):
            return await anext(records, None)
    except TimeoutError:
        text = f"no record of type CONTAINER_ID came for {FIRST_RECORD_SECONDS:g} s"
        raise _WrongRecord(Rejection(408, text)) from None


class _Follower:
    """The output of one container on its way to one client."""

    def __init__(
        self,
        files: Mapping[wire.ProcessIODataType, FollowedFile],
        ended: asyncio.Future[Exit],
        closing: asyncio.Event,
        heartbeat_seconds: float,
    ) -> None:
        self._files = files
        self._ended = ended
        self._closing = closing
        self._heartbeat = heartbeat_seconds
        self.complete = False
        """Whether the container has ended, and all that it printed was sent."""

    async def send(self, request: web.BaseRequest, accepted: Accepted[wire.Call]) -> web.StreamResponse:
        """Until the container has ended, the connection is lost or not read, or the agent stops."""
        response = web.StreamResponse(headers=_headers(accepted))
        try:
            await response.prepare(request)
            bound_silence(request.transport, STALLED_SECONDS)
            async for message in self._messages(request):
                async with asyncio.timeout(STALLED_SECONDS):
                    await response.write(encode_record(encode(message, accepted.media_type)))
            if self.complete:
                async with asyncio.timeout(STALLED_SECONDS):
                    await response.write_eof()
        except TimeoutError:
            self.complete = False
            log.warning("a client has read no output for %g s: cut off", STALLED_SECONDS)
            abort(request)
        except ConnectionError:
            self.complete = False
        finally:
            self._ended.cancel()
            await asyncio.gather(self._ended, return_exceptions=True)
            for each in self._files.values():
                each.close()
        return response

    async def _messages(self, request: web.BaseRequest) -> AsyncIterator[wire.ProcessIO]:
        loop = asyncio.get_running_loop()
        next_beat, pause = loop.time(), FIRST_PAUSE
        while not is_closed(request) and not self._closing.is_set():
            if loop.time() >= next_beat:
                yield _heartbeat(self._heartbeat)
                next_beat = loop.time() + self._heartbeat
            over = self._ended.done()  # asked first: what it printed before is in the files
            printed = [(kind, data) for kind, file in self._files.items() if (data := file.read())]
            for kind, data in printed:
                yield IO(type=wire.ProcessIOType.DATA, data=wire.ProcessIOData(type=kind, data=data))
            if printed:
                pause = FIRST_PAUSE
                continue
            if over:
                self.complete = True
                return
            await asyncio.wait((self._ended,), timeout=pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)


class _WrongRecord(Exception):
    """A record of input that cannot be taken."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message)
        self.rejection = rejection


def _headers(accepted: Accepted[wire.Call]) -> dict[str, str]:
    records: MediaType = accepted.media_type
    if accepted.framed:
        return {"Content-Type": RECORDIO, "Message-Content-Type": records}
    return {"Content-Type": records}


def _heartbeat(seconds: float) -> wire.ProcessIO:
    interval = mesos.DurationInfo(nanoseconds=int(seconds * 1e9))
    control = wire.ProcessIOControl(
        type=wire.ProcessIOControlType.HEARTBEAT,
        heartbeat=wire.ProcessIOControlHeartbeat(interval=interval),
    )
    return IO(type=wire.ProcessIOType.CONTROL, control=control)


def _opened(sandboxes: Sandboxes, path: str) -> int | None:
    try:
        return sandboxes.open_file(path)
    except NoSuchFile:
        return None


async def _records(
    request: web.BaseRequest, closing: asyncio.Event
) -> AsyncGenerator[wire.CallAttachContainerInput, None]:
    """The records of the body. Raises ConnectionError when the client goes, or the agent stops."""
    decoder = RecordDecoder(MAX_RECORD_BYTES)
    media_type = content_of(request.headers.get("Message-Content-Type"))
    assert media_type is not None, "check_stream_head comes first"
    while data := await while_connected(request, closing, request.content.readany()):
        for record in decoder.feed(data):
            yield _input_of(decode(wire.Call, record, media_type))
    decoder.finish()


def _input_of(call: wire.Call) -> wire.CallAttachContainerInput:
    if call.type is not C.ATTACH_CONTAINER_INPUT:
        text = f"a body of {RECORDIO} is for ATTACH_CONTAINER_INPUT alone"
        raise _WrongRecord(Rejection(415, text))
    if call.attach_container_input is UNSET:
        raise _WrongRecord(Rejection(400, "expecting 'attach_container_input' to be present"))
    return call.attach_container_input


async def _hand_over(
    request: web.BaseRequest,
    closing: asyncio.Event,
    records: AsyncIterator[wire.CallAttachContainerInput],
    target: ContainerInput,
) -> None:
    """Until the input is closed, or there are no more records."""
    async for asked in records:
        if await while_connected(request, closing, _give(target, asked)):
            return


async def _give(target: ContainerInput, asked: wire.CallAttachContainerInput) -> bool:
    """One piece of input; heartbeats are for the connection alone. True: it was the last, the end of file."""
    if asked.type is not InputType.PROCESS_IO or asked.process_io is UNSET:
        raise _WrongRecord(Rejection(400, "expecting records of type PROCESS_IO after the first"))
    message = asked.process_io
    if message.control is not UNSET and message.control.type is wire.ProcessIOControlType.HEARTBEAT:
        return False
    if message.control is not UNSET and message.control.tty_info is not UNSET:
        size = message.control.tty_info.window_size
        if size is not UNSET:
            await target.resize(size.rows, size.columns)
        return False
    if message.data is UNSET or message.data.type is not wire.ProcessIODataType.STDIN:
        raise _WrongRecord(
            Rejection(400, "expecting 'process_io' to be DATA of STDIN, a HEARTBEAT or TTY_INFO")
        )
    if message.data.data is UNSET or not message.data.data:
        await target.close()
        return True
    await target.write(message.data.data)
    return False
