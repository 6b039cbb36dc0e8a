"""The version-0 pages of an agent: what dashboards and older tools read by GET."""
