"""How the tables of served fields are written: what happens to each field of a message.

Data types only. The tables are `served_vocabulary` (mesos), `served_streams` (scheduler, resource_provider)
and `served_operator` (master). A message that only fields not served can reach is in none of them. Whoever
makes a field work moves it to `served`; a test holds the tables complete.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.wire.message import Message


@dataclass(frozen=True, slots=True)
class Fields:
    """What happens to a message's fields; names are separated by spaces.

    served: read and acted on, or filled in by this server.
    ignored: why -> names. Accepted without effect; in answers and events, never filled in.
    refused: why -> names. A call that sets one is answered with an error, so that nobody waits for an effect.
    """

    served: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every field that is spoken of, as often as it is."""
        return " ".join((self.served, *self.ignored.values(), *self.refused.values())).split()

    def served_names(self) -> list[str]:
        return self.served.split()

    def refusal(self, name: str) -> str | None:
        """Why the field is refused; None when it is not."""
        return next((why for why, names in self.refused.items() if name in names.split()), None)


Table = Mapping[type[Message], Fields]
