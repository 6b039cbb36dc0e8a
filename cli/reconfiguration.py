"""`orlop agents reconfigure`: what would become, or became, of an agent's configuration.

What may change is the agent's to say; here it is asked and shown.
"""

from __future__ import annotations

from api.wire.v1 import agent as wire
from cli.agent_choice import Place, one_agent
from cli.failures import FAILED
from cli.options import Output
from cli.output import print_json, print_table, text
from client.agent import AgentClient


async def reconfigure(url: str, output: Output, agent_url: str, agent: str, *, dry_run: bool) -> int:
    """The exit status: FAILED for a dry run that says that it would be refused. Raises ClientError."""
    chosen = await one_agent(Place(url, agent_url, agent))
    async with AgentClient(chosen.url) as client:
        answer = await client.reconfigure(dry_run=dry_run)
    if output is Output.JSON:
        print_json(answer)
    else:
        _print(answer)
    return FAILED if answer.refusal else 0


def _print(answer: wire.ResponseReconfigure) -> None:
    if not answer.changes:
        print("Nothing is configured otherwise than the agent runs.")
    else:
        rows = [(each.what, text(each.old), text(each.new), each.verdict) for each in answer.changes]
        print_table(("WHAT", "IS", "CONFIGURED", "VERDICT"), rows, "")
    for note in answer.notes:
        print(f"note: {note}")
    if answer.refusal:
        print(f"refused: {answer.refusal}")
    elif answer.changes:
        print("applied" if answer.applied else "this can be applied without a restart")
