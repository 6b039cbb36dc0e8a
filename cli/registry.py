"""`orlop registry …`: the registry looked at, copied, put back, and given up for a new one.

Works on the database itself, on a host with its work directory or its URL; `differences` asks the
orchestrator. What is copied and how is in `registry_files`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from msgspec import UNSET
from sqlalchemy import URL

from api.model.clock import SystemClock
from cli.daemon_settings import OrchestratorSettings
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import age, print_fields, print_json, print_table, text
from cli.registry_files import Findings, back_up, examine, keep_aside, put_back
from cli.registry_marker import Marked, Marker
from cli.registry_place import database_of, registry_of
from cli.work_dir import locked, registry_locked
from client.operator import OperatorClient
from orchestrator.schema import SCHEMA_VERSION
from store.port import StoreError
from store.registry import is_shared, sqlite_url

T = TypeVar("T")
WHO = "orchestrator"


def check(settings: OrchestratorSettings, file: Path | None, output: Output) -> None:
    """Look at the registry, or at a backup, and say what is wrong. Raises CommandFailed when something is."""
    url = registry_of(settings) if file is None else sqlite_url(file)
    findings = _told(lambda: examine(url))
    if output is Output.JSON:
        print_json({"registry": str(url), **asdict(findings)})
    else:
        _print(url, findings)
    if findings.schema is not None and findings.schema != SCHEMA_VERSION:
        raise CommandFailed(f"{url} cannot be used: {findings.faults[-1]}")
    if findings.faults:
        ways = "restore a backup (`orlop registry restore FILE`)" if file is None else "take another one"
        raise CommandFailed(f"{url} is damaged: {'; '.join(findings.faults[:3])}: {ways}")


def backup(settings: OrchestratorSettings, file: Path, output: Output) -> None:
    """Copy the registry into a new file, also while it is in use. Raises CommandFailed."""
    url = registry_of(settings)
    release = metadata.version("orlop")
    findings = _told(lambda: back_up(url, file.absolute(), SystemClock().now(), release))
    if output is Output.JSON:
        print_json({"backup": str(file), **asdict(findings)})
    else:
        rows = sum(findings.rows.values()) - 1
        print(f"{file}: a verified backup of cluster {findings.cluster}, {rows} rows, epoch {findings.epoch}")


def restore(settings: OrchestratorSettings, file: Path, output: Output) -> None:
    """Put a backup in the place of the registry, which is kept aside. Raises CommandFailed."""
    url, work_dir = registry_of(settings), settings.work_dir.absolute()
    findings = _told(lambda: examine(sqlite_url(file.absolute())))
    if findings.faults:
        raise CommandFailed(f"{file} cannot be restored: {findings.faults[0]}: take another backup")
    if findings.cluster is None:
        raise CommandFailed(f"{file} cannot be restored: it belongs to no cluster: take another backup")
    with locked(work_dir, WHO), registry_locked(database_of(url)):
        marker = Marker(work_dir, str(url), database_of(url))
        marked = _told(marker.read)
        if marked is not None and marked.cluster != findings.cluster:
            raise CommandFailed(
                f"{file} is of cluster {findings.cluster}, and {work_dir} belongs to cluster "
                f"{marked.cluster}: take one of its backups, another --work-dir, or have it forget its "
                "cluster first (`orlop registry new`)"
            )
        aside, now = _aside(url, work_dir), SystemClock().now()
        above = 0 if marked is None else marked.epoch
        cluster = findings.cluster
        if marked is None:  # were this to end in the middle, the next start would begin a new cluster
            _told(lambda: marker.write(Marked(cluster)))
        try:
            epoch = _told(lambda: put_back(file.absolute(), url, aside, now, above))
        except CommandFailed:
            if marked is None:
                marker.forget()
            raise
        _told(lambda: marker.write(Marked(cluster, epoch)))
    kept = aside if aside.exists() else None
    if output is Output.JSON:
        print_json({"registry": str(url), "epoch": epoch, "kept": None if kept is None else str(kept)})
        return
    print(f"{url}: restored from {file}" + ("" if kept is None else f"; what was there is kept as {kept}"))
    print("Start the orchestrator; then see what differs: orlop registry differences")


def new(settings: OrchestratorSettings, output: Output, *, keep: bool) -> None:
    """The next start in the work directory begins a new cluster; with `keep`, it takes the registry that is
    named for its own. Raises CommandFailed."""
    url, work_dir = registry_of(settings), settings.work_dir.absolute()
    with locked(work_dir, WHO), registry_locked(database_of(url)):
        marker = Marker(work_dir, str(url), database_of(url))
        kept = None
        database = database_of(url)
        if database is not None and not keep and database.exists():
            kept = aside = _aside(url, work_dir)
            try:
                _told(lambda: keep_aside(database, aside))
            except OSError as error:
                raise CommandFailed(f"cannot keep {database} as {kept}: {error.strerror}") from error
        marker.forget()
    if output is Output.JSON:
        print_json({"registry": str(url), "kept": None if kept is None else str(kept)})
        return
    print(f"{work_dir} belongs to no cluster" + ("" if kept is None else f"; its registry is kept as {kept}"))
    if is_shared(url) and not keep:
        print(f"{url} is as it was: name an empty database for a new cluster, or the registry is taken over")


async def differences(url: str, output: Output, *, settle: bool) -> None:
    """Show what was found since the registry was restored; with `settle`, forget it. Raises ClientError."""
    async with OperatorClient(url) as client:
        if settle:
            await client.settle_registry_differences()
        answer = await client.registry_differences()
    if output is Output.JSON:
        print_json(answer)
        return
    now = SystemClock().now()
    rows = ((text(each.kind), age(each.found, now), text(each.message)) for each in answer.differences)
    print_table(("KIND", "FOUND", "MESSAGE"), rows, "Nothing is known to differ.")
    restoration = answer.restoration
    if restoration is UNSET:
        return
    print(
        f"\nThe backup is of {_moment(restoration.taken)}, and was restored {_moment(restoration.restored)}."
    )
    print("When nothing is left to look at: orlop registry differences --settle")


def _aside(url: URL, work_dir: Path) -> Path:
    """What is kept of the registry that there is."""
    moment = datetime.datetime.fromtimestamp(SystemClock().now(), datetime.UTC).strftime("%Y%m%dT%H%M%S")
    database = database_of(url)
    place = work_dir / "registry.db" if database is None else database.absolute()
    aside, nth = place.with_name(f"{place.name}.before-{moment}"), 1
    while aside.exists():
        nth += 1
        aside = place.with_name(f"{place.name}.before-{moment}-{nth}")
    return aside


def _told(act: Callable[[], T]) -> T:
    """What `act` returns. Raises CommandFailed with the reason why it could not."""
    try:
        return act()
    except StoreError as error:
        raise CommandFailed(str(error)) from error


def _print(url: URL, findings: Findings) -> None:
    taken = "" if findings.taken is None else _moment(findings.taken)
    rows = ", ".join(f"{count} {name}" for name, count in sorted(findings.rows.items()) if count)
    print_fields(
        (
            ("registry", str(url)),
            ("cluster", findings.cluster or "none yet"),
            ("schema", "" if findings.schema is None else str(findings.schema)),
            ("epoch", str(findings.epoch)),
            *([("backup of", taken)] if taken else []),
            ("rows", rows or "none"),
            ("state", "; ".join(findings.faults) or "sound"),
        )
    )


def _moment(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")
