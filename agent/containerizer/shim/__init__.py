"""The small process that holds one container of the process containerizer.

It outlives the agent, so everything here is written for few megabytes: these modules import
only what the interpreter has already loaded, `ctypes`, `select` and `fcntl`. No json, no
signal, no subprocess, nothing of the rest of the project.
"""
