"""Disks of the host that an operator gives to the agent: which become pools, and that they come and go."""
