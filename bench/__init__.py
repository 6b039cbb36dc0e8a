"""Measurements of the whole product and of single rooms. Nothing here asserts on time."""
