"""The version-0 pages of the orchestrator: what dashboards and older tools read by GET."""
