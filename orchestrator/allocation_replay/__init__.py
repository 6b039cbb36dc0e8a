"""Allocation scenarios, told step by step and run on the allocator under a virtual clock. Pure."""
