"""Role names and the tree they form: "eng/storage" stands below "eng".

Pure text rules. Who may use a role, and how much, is decided elsewhere.
"""

from __future__ import annotations

from functools import lru_cache

from api.model.errors import InvalidRequest

UNRESERVED = "*"  # the role of what nobody has reserved

# A longer name is refused: names are repeated in every resource, offer and event.
MAX_ROLE_LENGTH = 512


# Names that were found right: the same few come again and again, in every resource.
VALIDATED_LIMIT = 4_096


class InvalidRole(InvalidRequest, ValueError):
    """The text is no role name; the message says which rule it breaks."""


@lru_cache(maxsize=VALIDATED_LIMIT)
def validate_role(role: str) -> None:
    """Accept "*" and paths of names joined by "/".

    Raises InvalidRole (the caller changes the name) for an empty name, a leading or trailing or
    doubled "/", and for a component that is ".", ".." or "*", starts with "-" or contains
    whitespace or a control character.
    """
    if role == UNRESERVED:
        return
    if not role:
        raise InvalidRole('the role is empty: give a name, or "*" for what is unreserved')
    if len(role) > MAX_ROLE_LENGTH:
        raise InvalidRole(f"role {role[:40]!r}... has {len(role)} characters; at most {MAX_ROLE_LENGTH} fit")
    for component in role.split("/"):
        _validate_component(role, component)


def _validate_component(role: str, component: str) -> None:
    if not component:
        raise InvalidRole(f"role {role!r} has an empty component: remove the leading, trailing or double '/'")
    if component in (".", "..", UNRESERVED):
        raise InvalidRole(f"role {role!r} uses {component!r} as a component: choose another name")
    if component.startswith("-"):
        raise InvalidRole(f"role {role!r} has a component that starts with '-': choose another name")
    if any(character.isspace() or not character.isprintable() for character in component):
        raise InvalidRole(f"role {role!r} contains whitespace or control characters: remove them")


def ancestors(role: str) -> tuple[str, ...]:
    """The roles above `role`, the nearest first: "a/b/c" has ("a/b", "a"). "*" and "a" have none."""
    found = []
    cut = role.rfind("/")
    while cut != -1:
        role = role[:cut]
        found.append(role)
        cut = role.rfind("/")
    return tuple(found)


def is_under(role: str, above: str) -> bool:
    """Whether `role` is `above` or stands anywhere below it. "*" stands below nothing but itself."""
    return role == above or role.startswith(above + "/")


def is_strictly_under(role: str, above: str) -> bool:
    """Whether `role` stands below `above`, and is not the same."""
    return role.startswith(above + "/")
