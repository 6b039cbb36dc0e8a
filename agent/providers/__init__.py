"""Resource providers and plugins that this agent hosts, and its edge for those that others run."""
