"""A second built-in CSI plugin: one disk, as it is, as one raw block volume that was there already.

It makes and deletes nothing, and never writes to the disk. It takes its gRPC server, its checks of requests
and its mounts from `local_disk`, and must not know profiles, offers or operations.
"""
