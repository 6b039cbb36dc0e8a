"""The marker beside a registry: what a work directory knows of the registry that it led with.

A registry that is empty, another cluster's, or older than what was led with here is never begun with
silently: agents would be refused, and what was accepted would be forgotten. A few facts are kept in a file
of the work directory, and compared at each start. Nothing of the registry is kept in it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from api.model.clock import Clock
from api.model.ids import IdSource
from orchestrator import schema
from store.port import Run, Store, StoreError
from store.upsert import upsert

FILE: Final = "registry.json"

WAYS_OUT: Final = (
    "bring it back, put a backup in its place (`orlop registry restore FILE`), or begin a new cluster "
    "(`orlop registry new`), which none of the agents of this one can join with its work directory"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """What the file says.

    cluster: the id of the cluster. epoch: the highest that was led in from here. in_use: it was not closed
    in good order since, so that SQLite's log of the latest writes has to be there.
    """

    cluster: str
    epoch: int = 0
    in_use: bool = False


class Marker:
    """The file. `registry`: where the registry is, for messages; `database`: its file, when it is one."""

    def __init__(self, work_dir: Path, registry: str, database: Path | None) -> None:
        self._path = work_dir / FILE
        self._registry = registry
        self._database = database

    def expect(self) -> None:
        """Before the registry is opened, which would make one that is missing. Raises StoreError."""
        marked = self.read()
        if marked is None or self._database is None:
            return
        if not self._database.exists() or not self._database.stat().st_size:
            state = "empty" if self._database.exists() else "missing"
            raise StoreError(
                f"the registry {self._registry} of cluster {marked.cluster} is {state}: {WAYS_OUT}"
            )
        if marked.in_use and not Path(f"{self._database}-wal").exists():
            raise StoreError(
                f"the log {self._database}-wal is missing, and with it what was written last to the "
                "registry: bring it back, or go on with what there is, as with an old backup "
                f"(`orlop registry restore {self._database}`)"
            )

    async def recognise(self, store: Store, clock: Clock, ids: IdSource) -> None:
        """After it was opened, before anybody leads: it is the one that is known here, and not an older one.
        A new one gets the id of its cluster. Raises StoreError."""
        marked = self.read()
        cluster, epoch = await store.ask(_identity)
        if cluster is None:
            if marked is not None:
                raise StoreError(
                    f"the registry {self._registry} is empty, and not that of cluster {marked.cluster}, "
                    f"which was led from this work directory: {WAYS_OUT}"
                )
            row = {"id": 1, "uuid": str(ids.uuid()), "created": clock.now()}
            await store.write(Run(upsert(schema.cluster), row))
            cluster, epoch = await store.ask(_identity)
            assert cluster is not None
        if marked is not None and marked.cluster != cluster:
            raise StoreError(
                f"the registry {self._registry} is that of cluster {cluster}, and this work directory "
                f"belongs to cluster {marked.cluster}: name that one's registry, another --work-dir, or "
                "have this one forget its cluster (`orlop registry new --keep`)"
            )
        if marked is not None and epoch < marked.epoch:
            raise StoreError(
                f"the registry {self._registry} is an old one: it knows leaders up to epoch {epoch}, and "
                f"epoch {marked.epoch} was led from here: bring back the latest, or go on with this one, as "
                "with an old backup (`orlop registry restore FILE`, FILE being a copy of it)"
            )
        known = marked or Marked(cluster)
        self.write(replace(known, in_use=self._database is not None))

    def leads(self, epoch: int) -> None:
        """This process leads in `epoch`, which the registry has."""
        marked = self.read()
        if marked is not None and marked.epoch < epoch:
            self.write(replace(marked, epoch=epoch))

    def closed(self) -> None:
        """The registry is about to be closed in good order: nothing is written any more."""
        marked = self.read()
        if marked is not None:
            self.write(replace(marked, in_use=False))

    def forget(self) -> None:
        """The next registry that is opened is another cluster's, or a new one."""
        self._path.unlink(missing_ok=True)

    def read(self) -> Marked | None:
        """What is known; None when nothing is. Raises StoreError."""
        try:
            document = json.loads(self._path.read_text())
            return Marked(str(document["cluster"]), int(document["epoch"]), bool(document["in_use"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"cannot read {self._path}: {error.strerror}: mend the disk") from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self._path} cannot be read ({error}): it only guards against another registry than the "
                "one that was there; if `orlop registry check` shows the right one, remove the file"
            ) from error

    def write(self, marked: Marked) -> None:
        """Durable when this returns. Raises StoreError."""
        new = self._path.with_suffix(".new")
        try:
            with new.open("w") as file:
                json.dump(asdict(marked), file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreError(
                f"cannot write {self._path}: {error.strerror}: make room, or make it writable"
            ) from error


def _identity(connection: Connection) -> tuple[str | None, int]:
    """The cluster's id, None in a new registry; and the last epoch of leadership, 0 for none."""
    cluster = connection.execute(select(schema.cluster.c.uuid)).scalar()
    epoch = connection.execute(select(schema.lease.c.epoch)).scalar()
    return cluster, 0 if epoch is None else int(epoch)
