"""What this host has, what its operator says of it, and what of that may change."""
