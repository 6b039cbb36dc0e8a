"""Executors: custom ones over HTTP, and the one that the agent plays itself."""
