"""The cluster of the API's tests, for the library that speaks to it."""

from tests.orchestrator_api.conftest import cluster

__all__ = ["cluster"]
