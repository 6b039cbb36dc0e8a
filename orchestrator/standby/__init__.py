"""An orchestrator that does not lead: it follows the one that does, and answers what it can by itself."""
