"""Addresses (URLs) as everybody may see them: in flags, in state, in the log. Pure."""

from __future__ import annotations

import re
from typing import Final

_WHO: Final = re.compile(r"(?<=://)[^/?#\s]*@")
"""Who asks, and the password, which may hold another @."""

_QUERY: Final = re.compile(r"""(://[^\s?#"']*)\?[^\s#"')]*""")
"""What is asked for; signed addresses have their signature there."""


def without_secrets(text: str) -> str:
    """The text, in which no address has a user, a password or a query any more."""
    return _QUERY.sub(r"\1", _WHO.sub("", text))
