"""``aican``: the commands of the product, each loaded only when it is asked for."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version

import click

from chat.errors import AicanError

# Name → one line of help. The help page is made from this table, so it imports none of the commands.
COMMANDS = {
    "up": "Run everything on this machine: the servers, and stores where none are set.",
    "web": "Run the web server: pages, sign-in, REST, export.",
    "gateway": "Run the WebSocket gateway.",
    "jobs": "Run the background jobs: retention, notices, mail, webhooks.",
    "doctor": "Check this installation, and say what to mend.",
    "account": "Accounts of agents: create.",
    "site": "Sites that embed the widget: create.",
    "token": "Tokens for the REST interface: create.",
    "export": "Write transcripts to a file or to standard output.",
    "chat": "Talk to a site from the terminal, as its visitor would.",
}


class LazyGroup(click.Group):
    """A group whose commands are modules of ``gateway.commands``, imported on use: ``aican --help`` stays instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"gateway.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands on the help page, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("aican"), prog_name="aican", message="%(prog)s %(version)s")
def aican() -> None:
    """Self-hosted live chat. Settings come from AICAN_… environment variables or .env."""


def main() -> None:
    """The entry point. Expected failures are one line on stderr and exit code 1; wrong usage is exit code 2."""
    try:
        aican(prog_name="aican")
    except AicanError as error:
        line = " ".join(str(error).split())
        print(f"aican: {line}", file=sys.stderr)
        sys.exit(1)
