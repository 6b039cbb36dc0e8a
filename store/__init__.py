"""Durable state: one writer that commits in groups, over SQLAlchemy Core.

Knows nothing of what is stored: each owner brings its tables and its changes.
"""
