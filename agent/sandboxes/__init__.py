"""Where containers work, what that takes of the disk, and who may read it."""
