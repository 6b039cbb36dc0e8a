"""The leader's side of standbys: all that is shown, and what changes of it, as they ask for it."""
