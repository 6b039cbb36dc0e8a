"""Tasks: each from its description to its last trace."""
