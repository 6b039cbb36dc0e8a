"""The HTTP edges of an orchestrator, built from its rooms. It only puts together."""

from __future__ import annotations

from api.model.clock import Clock
from api.model.ids import IdSource
from api.model.process import Process
from api.wire.content import JSON
from orchestrator.accept import Acceptance
from orchestrator.adoptions import Adoptions
from orchestrator.agent_calls import AgentCalls
from orchestrator.allocator import Allocator
from orchestrator.answers import Answers
from orchestrator.draining import Draining
from orchestrator.events import EventStream
from orchestrator.executors import Executors
from orchestrator.expansion import Expansion
from orchestrator.explanation_calls import ExplanationCalls
from orchestrator.explanations import Explanations
from orchestrator.following.calls import FollowCalls, FollowMetrics
from orchestrator.following.documents import Documents
from orchestrator.following.followers import Followers
from orchestrator.frameworks import Frameworks
from orchestrator.http import HttpLimits, HttpServer
from orchestrator.interventions import Interventions
from orchestrator.inverse_offers import InverseOffers
from orchestrator.journal import Journal
from orchestrator.kinds import Kinds
from orchestrator.ledger import Ledger
from orchestrator.machines import Machines
from orchestrator.maintenance_calls import MaintenanceCalls
from orchestrator.metrics import Metrics
from orchestrator.offers import Offers
from orchestrator.operation_history import OperationHistory
from orchestrator.operations import Operations
from orchestrator.operator_api import OperatorApi
from orchestrator.pages.daemon_calls import DaemonCalls
from orchestrator.pages.edge import PageEdge
from orchestrator.pages.mesos_metrics import MesosMetrics
from orchestrator.pages.pages import PageRooms, Pages
from orchestrator.pages.snapshots import Snapshots
from orchestrator.provisioning import Provisioning
from orchestrator.quota import Quotas
from orchestrator.quota_metrics import QuotaMetrics
from orchestrator.registry_calls import RegistryCalls, RegistryMetrics
from orchestrator.reservation_calls import ReservationCalls
from orchestrator.reservations import Reservations
from orchestrator.restoration import Restoration
from orchestrator.role_calls import RoleCalls
from orchestrator.roles_view import RolesView
from orchestrator.scheduler_api import SchedulerApi
from orchestrator.sessions import FrameworkSessions
from orchestrator.snapshots import StateSnapshots
from orchestrator.staleness import Staleness
from orchestrator.standings import Standings
from orchestrator.state import ClusterState
from orchestrator.state_calls import StateCalls
from orchestrator.state_view import StateView
from orchestrator.streams import Streams
from orchestrator.task_calls import TaskCalls
from orchestrator.tasks import Tasks
from orchestrator.version import Identity
from orchestrator.weights import Weights


def build_http_server(
    *,
    state: ClusterState,
    sessions: FrameworkSessions,
    ledger: Ledger,
    journal: Journal,
    allocator: Allocator,
    offers: Offers,
    operations: Operations,
    tasks: Tasks,
    executors: Executors,
    acceptance: Acceptance,
    frameworks: Frameworks,
    provisioning: Provisioning,
    adoptions: Adoptions,
    expansion: Expansion,
    reservations: Reservations,
    quotas: Quotas,
    weights: Weights,
    standings: Standings,
    restoration: Restoration,
    interventions: Interventions,
    machines: Machines,
    draining: Draining,
    inverse_offers: InverseOffers,
    clock: Clock,
    ids: IdSource,
    heartbeat_interval: float,
    product_version: str,
    limits: HttpLimits | None = None,
    identity: Identity,
    process: Process,
    epoch: int = 0,
) -> HttpServer:
    """The server of both APIs; `heartbeat_interval` in seconds, of every stream. `process`: the daemon's;
    `epoch`: of this leadership.

    Build it before anything changes: what it shows, it has been told of.
    """
    streams = Streams()
    kinds = Kinds(state, operations, offers, provisioning, standings, inverse_offers)
    staleness = Staleness(kinds, state, ledger, offers, provisioning, inverse_offers)
    view = StateView(state, offers, provisioning, allocator, standings, kinds, staleness)
    snapshots = StateSnapshots(view)
    roles = RolesView(state, allocator, offers, operations, provisioning, quotas, weights)
    events = EventStream(state, view, snapshots, journal, streams, heartbeat_interval=heartbeat_interval)
    scheduler_api = SchedulerApi(
        state,
        sessions,
        frameworks,
        acceptance,
        offers,
        inverse_offers,
        operations,
        tasks,
        executors,
        standings,
        ledger,
        journal,
        streams,
        clock,
        ids,
        heartbeat_interval=heartbeat_interval,
    )
    documents = Documents(lambda call: operator_api.answer(call, None, JSON), clock.monotonic)
    followers = Followers(
        kinds.by_name, documents, journal, ids, epoch, clock.monotonic, lambda: streams.is_closing
    )
    metrics = Metrics(
        state,
        ledger,
        offers,
        provisioning,
        allocator,
        streams,
        further=(
            QuotaMetrics(quotas),
            FollowMetrics(followers),
            RegistryMetrics(restoration, provisioning.volumes, journal),
        ),
    )
    mesos_metrics = MesosMetrics(
        state, ledger, offers, allocator, quotas, lambda: metrics.taken(scheduler_api.name), process, clock
    )
    operator_api = OperatorApi(
        state,
        view,
        StateCalls(view, snapshots, events, journal),
        frameworks,
        provisioning,
        adoptions,
        expansion,
        interventions,
        journal,
        offers,
        restoration,
        clock,
        standbys=followers.standbys,
        identity=identity,
        product_version=product_version,
        further={
            **MaintenanceCalls(machines, journal).handlers(),
            **ReservationCalls(reservations).handlers(),
            **TaskCalls(state, tasks, journal).handlers(),
            **AgentCalls(draining).handlers(),
            **ExplanationCalls(Explanations(state, allocator, offers, clock), journal).handlers(),
            **RoleCalls(quotas, weights, roles, journal).handlers(),
            **DaemonCalls(process, mesos_metrics).handlers(),
            **FollowCalls(followers).handlers(),
            **OperationHistory(ledger, standings, journal).handlers(),
            **RegistryCalls(state, provisioning.volumes, restoration, journal).handlers(),
        },
    )
    pages = Pages(
        PageRooms(
            Snapshots(state, offers, operations),
            mesos_metrics,
            roles,
            quotas,
            weights,
            journal,
            identity,
            process,
            clock,
            product_version,
        )
    )
    limits = limits or HttpLimits()
    answers = Answers(limits.unread_seconds)
    return HttpServer(
        {"/api/v1/scheduler": scheduler_api, "/api/v1": operator_api},
        streams,
        metrics,
        limits,
        PageEdge(pages, metrics, answers, product_version),
        answers,
    )
