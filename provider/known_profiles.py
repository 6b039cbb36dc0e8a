"""The profiles that a provider knows, and which of them can be asked for now.

What a profile means to the plugin is fixed, durably, from the first time that it is seen: volumes made
under its name would lie otherwise. A later document that gives a known name another meaning is refused for
that name alone; the old meaning stays in force. One that leaves a name out takes it out of force, and its
volumes stay. Pure. It must not: read documents, or know the plugin.
"""

from __future__ import annotations

from collections.abc import Mapping

from provider.records import Change, Checkpoint, Profile, SaveProfile, SaveProfilesInForce

MAX_KNOWN = 4096
"""Profiles that are remembered, in force or not. A new name beyond it is refused, by name."""


class KnownProfiles:
    """Known profiles by name. `in_force`: those that can be asked for."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.known = {profile.name: profile for profile in checkpoint.profiles}
        names = [name for name in checkpoint.profiles_in_force if name in self.known]
        self.in_force: Mapping[str, Profile] = {name: self.known[name] for name in names}
        self.problems: dict[str, str] = {}
        """Names whose new meaning was refused, or that could not be taken, and what to do."""

    @property
    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        """Where secrets are, by profile: file by key. Volumes of one that was left out still need its own."""
        return {name: profile.secrets for name, profile in self.known.items() if profile.secrets}

    def take(self, wanted: Mapping[str, Profile]) -> list[Change]:
        """These are to be in force from now on; what has to be persisted for that."""
        changes: list[Change] = []
        self.problems = {}
        for name, profile in sorted(wanted.items()):
            taken = self._reconciled(profile)
            if taken is not None and taken != self.known.get(name):
                self.known[name] = taken
                changes.append(SaveProfile(taken))
        before = tuple(self.in_force)
        self.in_force = {name: self.known[name] for name in sorted(wanted) if name in self.known}
        if tuple(self.in_force) != before:
            changes.append(SaveProfilesInForce(tuple(self.in_force)))
        return changes

    def _reconciled(self, wanted: Profile) -> Profile | None:
        """The profile as it can be taken; None when it cannot."""
        known = self.known.get(wanted.name)
        if known is None:
            if len(self.known) < MAX_KNOWN:
                return wanted
            self.problems[wanted.name] = (
                f"{MAX_KNOWN} profiles were known here already: use a name that is known"
            )
            return None
        if known.means_the_same(wanted):
            return wanted
        self.problems[wanted.name] = (
            f"profile {wanted.name!r} is written with other properties than it has been known by, which stay "
            "in force: restore them, and give the new properties a new name"
        )
        return known
