"""The resource providers of this agent: those of the directory of configurations, the built-in one, and those
of disks that come and go, which somebody else has run and end.

Which there are is what the directory says, at the start and whenever it is told to look again, and what
ADD_, UPDATE_ and REMOVE_RESOURCE_PROVIDER_CONFIG make of it meanwhile. What is accepted is durable before
anything is started. It must not know how a provider is made or what a plugin does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.providers.config import InvalidConfig, Key, fixed_differences, key_of
from agent.providers.config_files import ConfigDirectory, ConfigFile, judge
from agent.providers.ended_plugins import end_all_but, end_of
from agent.providers.keeper import Build, KeeperState, ProviderKeeper
from api.model.errors import OperatorNeeded
from api.wire.v1 import mesos
from provider.plugins.containers import ContainerFailed, EndedContainers

if TYPE_CHECKING:
    import random  # noqa: TID251 - its type only

log = logging.getLogger(__name__)

MAX_PROVIDERS = 50
"""Providers that run in one agent; another one is refused."""

REMOVING = "REMOVING"
INVALID = "INVALID"
"""States of a configuration besides those of its keeper: its provider is being ended; a file is no good."""


LEFT = (
    "this agent was removed for good, and its plugins were ended: stop it, and start one with an empty work "
    "directory"
)


class ConfigConflict(Exception):
    """There is another configuration than the call takes for granted; the message says what to call."""


@dataclass(slots=True)
class _Entry:
    keeper: ProviderKeeper
    path: Path | None
    """Its file; None for the built-in one."""


@dataclass(frozen=True, slots=True)
class ConfigState:
    """A configuration and how its provider is; without `info` a file that cannot be used, and why."""

    info: mesos.ResourceProviderInfo | None
    file: str
    state: str
    message: str


class ProviderSet:
    """A `Service` of the agent. `built_in`: the provider that flags and not a file configure, if any.
    `forget` puts aside what a provider knows, so that the next of that name is another one; raises OSError.
    `elsewhere`: names of providers that `run` will be asked for: their plugins' containers are nobody's
    leftovers.
    """

    def __init__(
        self,
        directory: ConfigDirectory,
        build: Build,
        containers: EndedContainers,
        rng: random.Random,
        forget: Callable[[mesos.ResourceProviderInfo], None],
        built_in: mesos.ResourceProviderInfo | None = None,
        elsewhere: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._directory = directory
        self._build = build
        self._containers = containers
        self._rng = rng
        self._forget = forget
        self._built_in = built_in
        self._elsewhere = elsewhere
        self._entries: dict[Key, _Entry] = {}
        self._problems: dict[Path, str] = {}
        self._turn = asyncio.Lock()
        """Held while a configuration is judged and written. Not while a plugin ends, which may take long."""
        self._ending: set[Key] = set()
        self._left = False
        self._jobs: set[asyncio.Task[None]] = set()

    # life

    async def start(self) -> None:
        """Start all there is. Whatever is wrong with a provider or a file is told, and stops nothing else.

        Raises OperatorNeeded when the flags that configure the built-in provider cannot work.
        """
        async with self._turn:
            if self._built_in is not None:
                entry = await self._begin(self._built_in, None)
                if isinstance(entry.keeper.error, OperatorNeeded):
                    raise entry.keeper.error
            for key, file in self._read().items():
                await self._take(key, file)
        if not self._problems:
            self._spawn(self._end_leftovers())

    async def stop(self) -> None:
        """Stop all providers; their plugins go on running."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await asyncio.gather(*(entry.keeper.stop() for entry in self._entries.values()))

    async def shut_down(self) -> None:
        """Stop all providers and end their plugins, for good: none is started any more. Of what cannot be
        ended the log tells."""
        self._left = True
        await self.stop()
        for _, name in sorted(self._entries):
            try:
                await end_of(self._containers, name)
            except ContainerFailed as error:
                log.error("the plugin of provider %s is not ended: %s", name, error)

    def states(self) -> list[ConfigState]:
        """All configurations by name, then the files that cannot be used."""
        found = [self._state_of(key, entry) for key, entry in sorted(self._entries.items())]
        used = {entry.path for entry in self._entries.values()}
        return found + [
            ConfigState(None, str(path), INVALID, problem)
            for path, problem in sorted(self._problems.items())
            if path not in used
        ]

    def _state_of(self, key: Key, entry: _Entry) -> ConfigState:
        keeper = entry.keeper
        state, message = keeper.state, keeper.message
        if keeper.removed is not None:
            state, message = (
                KeeperState.STOPPED,
                f"{keeper.removed}: remove its configuration, and add it again for a new provider",
            )
        return ConfigState(
            keeper.info,
            "" if entry.path is None else str(entry.path),
            REMOVING if key in self._ending else state.value,
            message if entry.path is None else self._problems.get(entry.path, message),
        )

    # what operators ask

    async def add(self, info: mesos.ResourceProviderInfo) -> None:
        """Take a new configuration and start its provider. Nothing happens when there is the same already.

        Raises InvalidConfig, ConfigConflict, and OSError when it cannot be written.
        """
        judge(info)
        key = key_of(info)
        async with self._turn:
            self._refuse_anew(key)
            known = self._known(key)
            if known is not None and known.info != info:
                raise ConfigConflict(
                    f"provider {key[1]} is configured otherwise: change it by UPDATE_RESOURCE_PROVIDER_CONFIG"
                )
            if (entry := self._entries.get(key)) is not None:
                await entry.keeper.start()  # a removal that failed had stopped it
                return
            if len(self._entries) >= MAX_PROVIDERS:
                raise ConfigConflict(
                    f"this agent runs {MAX_PROVIDERS} providers, its limit: remove one first"
                )
            path = self._directory.write(info) if known is None else known.path
            self._problems.pop(path, None)
            await self._begin(info, path)

    async def update(self, info: mesos.ResourceProviderInfo) -> None:
        """Change how a provider's plugin is run. Nothing happens when nothing is changed.

        Raises InvalidConfig, ConfigConflict, and OSError when it cannot be written.
        """
        judge(info)
        key = key_of(info)
        async with self._turn:
            self._refuse_anew(key)
            entry = self._entries.get(key)
            if entry is None:
                raise ConfigConflict(
                    f"there is no provider {key[1]} to update: add it by ADD_RESOURCE_PROVIDER_CONFIG"
                )
            if entry.keeper.info == info and entry.path not in self._problems:
                return
            _refuse_other(entry.keeper.info, info)
            assert entry.path is not None, "the built-in one's name is none that judge lets pass"
            self._directory.write(info, entry.path)
            self._problems.pop(entry.path, None)
            await entry.keeper.start()  # a removal that failed had stopped it
        await entry.keeper.reconfigure(info)

    async def remove(self, type_: str, name: str) -> None:
        """End a provider and its plugin's containers, then forget its configuration. Nothing happens when
        there is none. What it made stays: volumes, mounts, and what is known of them, unless it was given up
        for good (MARK_RESOURCE_PROVIDER_GONE).

        Raises InvalidConfig for the built-in one, ContainerFailed and OSError: call again.
        """
        key = (type_, name)
        if self._built_in is not None and key == key_of(self._built_in):
            raise InvalidConfig("name", f"{name} is built in: start the agent with --no-local-disk instead")
        async with self._turn:
            self._refuse_ending(key)
            known = self._known(key)
            if known is None:
                return
            self._ending.add(key)
        try:
            entry = self._entries.get(key)
            is_gone = entry is not None and entry.keeper.removed is not None
            if entry is not None:
                await entry.keeper.stop()
            await end_of(self._containers, name)
            if is_gone:
                self._forget(known.info)
            self._directory.remove(known.path)
            self._entries.pop(key, None)
            self._problems.pop(known.path, None)
        finally:
            self._ending.discard(key)

    # providers of disks that come and go

    async def run(self, info: mesos.ResourceProviderInfo) -> None:
        """Have this provider run like that from now on; it may run already. No file says so, and it is gone
        with the agent: whoever asks does so again. Raises ConfigConflict."""
        key = key_of(info)
        async with self._turn:
            self._refuse_anew(key)
            entry = self._entries.get(key)
            if entry is None:
                if len(self._entries) >= MAX_PROVIDERS:
                    raise ConfigConflict(f"this agent runs {MAX_PROVIDERS} providers, its limit")
                entry = _Entry(ProviderKeeper(info, self._build, self._rng), None)
                self._entries[key] = entry
        if entry.keeper.info != info:
            await entry.keeper.reconfigure(info)
        await entry.keeper.start()

    async def end(self, type_: str, name: str) -> None:
        """End what `run` began, and its plugin's containers; what it knows stays for the next time. Nothing
        happens when it does not run. Raises ContainerFailed, ConfigConflict: call again."""
        key = (type_, name)
        async with self._turn:
            self._refuse_ending(key)
            self._ending.add(key)
        try:
            entry = self._entries.get(key)
            if entry is not None:
                await entry.keeper.stop()
            await end_of(self._containers, name)
            self._entries.pop(key, None)
        finally:
            self._ending.discard(key)

    def state(self, type_: str, name: str) -> ConfigState | None:
        """How one of them stands; None when it does not run."""
        entry = self._entries.get((type_, name))
        return None if entry is None else self._state_of((type_, name), entry)

    async def reread(self) -> None:
        """Make what runs what the directory says now, and look at the profiles."""
        if self._left:
            log.warning("provider configurations are not read again: %s", LEFT)
            return
        async with self._turn:
            found = self._read()
            missing = {
                key: entry
                for key, entry in self._entries.items()
                if entry.path is not None and key not in found and entry.path not in self._problems
            }
            for key, file in found.items():
                await self._take(key, file)
        for key in missing:
            log.info("provider %s has no file any more: it is removed", key[1])
            try:
                await self.remove(*key)
            except (ContainerFailed, ConfigConflict, OSError) as error:
                log.error("provider %s cannot be removed: %s", key[1], error)
        await asyncio.gather(*(entry.keeper.reload_profiles() for entry in self._entries.values()))

    # within

    async def _begin(self, info: mesos.ResourceProviderInfo, path: Path | None) -> _Entry:
        entry = _Entry(ProviderKeeper(info, self._build, self._rng), path)
        self._entries[key_of(info)] = entry
        await entry.keeper.start()
        return entry

    async def _take(self, key: Key, file: ConfigFile) -> None:
        """A file that was read again."""
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) < MAX_PROVIDERS:
                await self._begin(file.info, file.path)
            else:
                self._problem(file.path, f"this agent runs {MAX_PROVIDERS} providers, its limit")
            return
        entry.path = file.path
        if entry.keeper.info == file.info:
            return
        try:
            _refuse_other(entry.keeper.info, file.info)
        except ConfigConflict as conflict:
            self._problem(file.path, str(conflict))
            return
        self._spawn(self._reconfigure(entry.keeper, file.info))

    def _read(self) -> Mapping[Key, ConfigFile]:
        """The good files. What is wrong with the others is kept, and logged."""
        try:
            contents = self._directory.read()
        except OSError as error:
            self._problems = {self._directory.path: str(error)}
            log.error("the provider configurations cannot be read: %s", error)
            return {
                key: ConfigFile(entry.path, entry.keeper.info)
                for key, entry in self._entries.items()
                if entry.path is not None
            }
        self._problems = {}
        for path, problem in contents.problems.items():
            self._problem(path, problem)
        return contents.files

    def _problem(self, path: Path, problem: str) -> None:
        self._problems[path] = problem
        log.error("provider configuration %s is not used: %s", path, problem)

    def _known(self, key: Key) -> ConfigFile | None:
        """The configuration that is in force, or else one whose file was put there since the last look."""
        entry = self._entries.get(key)
        if entry is not None and entry.path is not None:
            return ConfigFile(entry.path, entry.keeper.info)
        return self._directory.read().files.get(key)

    def _refuse_ending(self, key: Key) -> None:
        if key in self._ending:
            raise ConfigConflict(f"provider {key[1]} is being removed just now: try again when it is gone")

    def _refuse_anew(self, key: Key) -> None:
        if self._left:
            raise ConfigConflict(f"provider {key[1]} is not run: {LEFT}")
        self._refuse_ending(key)

    async def _end_leftovers(self) -> None:
        """Containers of plugins that are configured no more, for example since a file was removed while no
        agent ran. Not as long as some file cannot be read: they may be its plugin's."""
        try:
            await end_all_but(
                self._containers, lambda: (*(name for _, name in self._entries), *self._elsewhere())
            )
        except ContainerFailed as error:
            log.error("a plugin container of an earlier configuration is left: %s", error)

    async def _reconfigure(self, keeper: ProviderKeeper, info: mesos.ResourceProviderInfo) -> None:
        try:
            await keeper.reconfigure(info)
        except Exception:
            log.exception("provider %s is not run as its file says now", info.name)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)


def _refuse_other(old: mesos.ResourceProviderInfo, new: mesos.ResourceProviderInfo) -> None:
    """Raises ConfigConflict when more changes than how the plugin is run."""
    fixed = fixed_differences(old, new)
    if fixed:
        raise ConfigConflict(
            f"{', '.join(fixed)} cannot change while there may be volumes: "
            "remove the provider and add it anew under another name"
        )
