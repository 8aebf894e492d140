"""``aican``: the commands of the product, each loaded only when it is asked for."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from chat.errors import AicanError, OperatorError, Tampered, Unavailable

# Name → one line of help. The help page is made from this table, so it imports none of the commands.
COMMANDS = {
    "up": "Run everything on this machine: the servers, and stores where none are set.",
    "web": "Run the web server: pages, sign-in, REST, export.",
    "gateway": "Run the WebSocket gateway.",
    "jobs": "Run the background jobs: expiry, idle conversations.",
    "doctor": "Check this installation, and say what to mend.",
    "account": "Accounts of agents: create.",
    "site": "Sites that embed the widget: create, list, set.",
    "workspace": "The business itself: set.",
    "token": "Tokens for the REST interface: create.",
    "export": "Write transcripts to a file or to standard output.",
    "chat": "Talk to a site from the terminal, as its visitor would.",
}
_FAILED, _WRONG_USAGE, _INTERRUPTED = 1, 2, 130


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


def main() -> NoReturn:
    """The entry point. What fails is one line on stderr with its remedy: exit code 1, for wrong usage 2."""
    try:
        sys.exit(aican.main(prog_name="aican", standalone_mode=False))
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(_WRONG_USAGE)
    except click.UsageError as error:
        _fail(_sentence(error.format_message()), _help_of(error), _WRONG_USAGE)
    except click.ClickException as error:
        _fail(_sentence(error.format_message()), "", error.exit_code)
    except click.Abort:
        sys.exit(_INTERRUPTED)
    except OperatorError as error:
        _fail(error.problem, error.remedy)
    except AicanError as error:
        _fail(_sentence(str(error)), _remedy(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(_sentence(f"{where}{error.strerror or error}"), "Correct that; `aican doctor` looks for more.")


def _fail(problem: str, remedy: str, code: int = _FAILED) -> NoReturn:
    print(f"aican: {' '.join(f'{problem} {remedy}'.split())}", file=sys.stderr)
    sys.exit(code)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _help_of(error: click.UsageError) -> str:
    return f"Try `{error.ctx.command_path if error.ctx else 'aican'} --help`."


def _remedy(error: AicanError) -> str:
    if isinstance(error, Unavailable):
        return "Try again in a moment; `aican doctor` says how the stores are."
    if isinstance(error, Tampered):
        return "Point AICAN_KEYRING at the key ring that it was sealed with; restore it from your backup if need be."
    return "Correct it, and try again."


if __name__ == "__main__":
    main()
