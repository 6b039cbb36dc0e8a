"""The older, version-0 documents of the v1 messages: what dashboards and tools read by GET."""
