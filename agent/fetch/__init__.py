"""Files that a command asks for, brought into its sandbox before it starts."""
