"""An agent's operator API: the files of sandboxes, its providers. Its containers are `client.containers`'.

It holds no state but connections. Every method raises Unreachable or Refused (client.errors).
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Final

from msgspec import UNSET

from api.wire import codec
from api.wire.errors import WireError
from api.wire.v1 import agent, master, mesos
from client.errors import Refused
from client.transport import CALL_SECONDS, Transport

PATH: Final = "/api/v1"
MAX_READ_BYTES: Final = 1024 * 1024
"""What one READ_FILE asks for at most; longer files take several."""
PRUNE_SECONDS: Final = 3_600.0
"""For images to be removed; then the agent goes on with it, and nobody is told how it went."""

T = agent.CallType


class AgentClient:
    """For tools that look into one agent. Use it as an asynchronous context manager, or call `close`."""

    def __init__(self, url: str) -> None:
        self._transport = Transport(url, "--agent-url")

    async def __aenter__(self) -> AgentClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def call(self, call: agent.Call, seconds: float = CALL_SECONDS) -> agent.Response:
        """The answer to any call of the agent's operator API, within so many seconds."""
        answer = await self._transport.post(PATH, codec.encode(call), seconds=seconds)
        if not answer.body.strip():
            return agent.Response()
        try:
            return codec.decode(agent.Response, answer.body)
        except WireError as error:
            raise Refused(200, f"the answer cannot be read ({error}): is this an agent?") from error

    async def read_file(self, path: str, offset: int, length: int = MAX_READ_BYTES) -> tuple[bytes, int]:
        """Up to `length` bytes from `offset`, and the file's size now. Refused (404): no such file yet."""
        wanted = agent.CallReadFile(path=path, offset=offset, length=length)
        response = await self.call(agent.Call(type=T.READ_FILE, read_file=wanted))
        if response.read_file is UNSET:
            raise Refused(200, "the answer lacks read_file: is this an agent?")
        return response.read_file.data, response.read_file.size

    async def list_files(self, path: str) -> list[mesos.FileInfo]:
        wanted = agent.CallListFiles(path=path)
        response = await self.call(agent.Call(type=T.LIST_FILES, list_files=wanted))
        return [] if response.list_files is UNSET else response.list_files.file_infos

    async def kill_container(self, container_id: str) -> None:
        """End a container: SIGTERM, and SIGKILL after its grace period. Refused (404): no such container."""
        wanted = agent.CallKillContainer(container_id=mesos.ContainerID(value=container_id))
        await self.call(agent.Call(type=T.KILL_CONTAINER, kill_container=wanted))

    async def isolation(self) -> agent.ResponseIsolation | None:
        """What the agent enforces; None when it does not say."""
        response = await self.call(agent.Call(type=T.GET_AGENT))
        found = response.get_agent
        return None if found is UNSET or found.isolation is UNSET else found.isolation

    async def resource_providers(self) -> list[agent.ResponseGetResourceProvidersResourceProvider]:
        """The providers that are admitted there, here or not."""
        response = await self.call(agent.Call(type=T.GET_RESOURCE_PROVIDERS))
        found = response.get_resource_providers
        return [] if found is UNSET else found.resource_providers

    async def mark_provider_gone(self, provider_id: str) -> None:
        """Remove a provider for good. Refused (404, 500) with the reason: it is unknown, or still in use."""
        wanted = agent.CallMarkResourceProviderGone(
            resource_provider_id=mesos.ResourceProviderID(value=provider_id)
        )
        await self.call(agent.Call(type=T.MARK_RESOURCE_PROVIDER_GONE, mark_resource_provider_gone=wanted))

    async def reconfigure(self, *, dry_run: bool = False) -> agent.ResponseReconfigure:
        """Have it read its configuration again and apply it. Refused (409) with all that is in the way,
        (400) when it cannot be read; nothing is applied then. A dry run applies nothing, and says all."""
        wanted = agent.CallReconfigure(dry_run=dry_run)
        response = await self.call(agent.Call(type=T.RECONFIGURE, reconfigure=wanted))
        if response.reconfigure is UNSET:
            raise Refused(200, "the answer lacks reconfigure: is this an agent?")
        return response.reconfigure

    async def images(self) -> agent.ResponseGetImages:
        """The images on its host, the disk that they are on, and why which of them stay."""
        response = await self.call(agent.Call(type=T.GET_IMAGES))
        if response.get_images is UNSET:
            raise Refused(200, "the answer lacks get_images: is this an agent?")
        return response.get_images

    async def prune_images(
        self, excluded: Sequence[str] = (), *, dry_run: bool = False, everything: bool = False
    ) -> agent.ResponsePruneImages:
        """Remove the images that nothing uses, also those that the agent did not pull with `everything`; with
        `dry_run` say what would go. Takes as long as the removals do; a repeat goes on with the rest."""
        wanted = agent.CallPruneImages(
            excluded_images=[
                mesos.Image(type=mesos.ImageType.DOCKER, docker=mesos.ImageDocker(name=name))
                for name in excluded
            ],
            dry_run=dry_run,
            report=True,
            all=everything,
        )
        call = agent.Call(type=T.PRUNE_IMAGES, prune_images=wanted)
        response = await self.call(call, PRUNE_SECONDS)
        if response.prune_images is UNSET:
            raise Refused(200, "the answer lacks prune_images: is this an agent?")
        return response.prune_images

    async def devices(self) -> agent.ResponseGetDevices:
        """The block devices of its host, looked at now, and what it does with each."""
        response = await self.call(agent.Call(type=T.GET_DEVICES))
        return agent.ResponseGetDevices() if response.get_devices is UNSET else response.get_devices

    async def provider_configs(self) -> list[agent.ResponseGetResourceProviderConfigsConfig]:
        """The configurations of the providers that it runs, and of files that it cannot use."""
        response = await self.call(agent.Call(type=T.GET_RESOURCE_PROVIDER_CONFIGS))
        found = response.get_resource_provider_configs
        return [] if found is UNSET else found.configs

    async def add_provider_config(self, info: mesos.ResourceProviderInfo) -> None:
        """Run a further plugin. Refused: 400 it is wrong, 409 there is another of that type and name."""
        wanted = agent.CallAddResourceProviderConfig(info=info)
        await self.call(agent.Call(type=T.ADD_RESOURCE_PROVIDER_CONFIG, add_resource_provider_config=wanted))

    async def update_provider_config(self, info: mesos.ResourceProviderInfo) -> None:
        """Run a plugin otherwise. Refused: 400 it is wrong, 409 there is none, or too much would change."""
        wanted = agent.CallUpdateResourceProviderConfig(info=info)
        await self.call(
            agent.Call(type=T.UPDATE_RESOURCE_PROVIDER_CONFIG, update_resource_provider_config=wanted)
        )

    async def remove_provider_config(self, type_: str, name: str) -> None:
        """End a plugin, and forget its configuration; one that is not there is fine."""
        wanted = agent.CallRemoveResourceProviderConfig(type=type_, name=name)
        await self.call(
            agent.Call(type=T.REMOVE_RESOURCE_PROVIDER_CONFIG, remove_resource_provider_config=wanted)
        )


def address(of: master.ResponseGetAgentsAgent) -> str:
    """The URL of an agent's HTTP API, from what the orchestrator knows: its `pid`, else host and port."""
    if of.pid is not UNSET and "@" in of.pid:
        return f"http://{of.pid.rpartition('@')[2]}"
    return f"http://{of.agent_info.hostname}:{of.agent_info.port}"
