"""The built-in CSI plugin: volumes on a local disk, for any CSI client.

Stand-alone: it imports nothing of Orlop but csi_spec, and must not know profiles, offers or operations.
`server.serve` runs it; `options` says with what. README.md beside this says what users see.
"""
