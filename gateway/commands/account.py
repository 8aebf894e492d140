"""``aican account``: people who work in the workspace."""

from __future__ import annotations

import sys

import click

from chat.accounts.links import invitation_link
from chat.accounts.membership import INVITATION_HOURS, Answer
from chat.accounts.passwords import PASSWORD_BYTES
from chat.accounts.people import address_taken
from chat.errors import Invalid, OperatorError
from chat.model import AccountRole, Actor
from config.settings import Settings
from gateway.bootstrap import Stores, hashing, membership
from gateway.commands.business import in_business, unusable


@click.group("account")
def command() -> None:
    """Accounts of the people who answer: agents, admins and owners."""


@command.command("create")
@click.option("--email", required=True, help="The address that they sign in with.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in AccountRole]))
@click.option("--name", help="What visitors see. Without --password-stdin the link asks for it.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making a link.")
def create(email: str, role: str, name: str | None, password_stdin: bool) -> None:
    """Make an account. Prints, on its last line, a one-time link at which its owner sets name and password."""
    password = _password() if password_stdin else None

    async def work(settings: Settings, stores: Stores, actor: Actor) -> None:
        try:
            with hashing() as passwords:
                members = membership(stores, passwords)
                if password is None:
                    token = await members.invite(actor, AccountRole(role), email)
                    _print_link(email, name, invitation_link(settings.public_url, token))
                else:
                    answer = Answer(email.partition("@")[0] if name is None else name, email, password)
                    await members.create(actor, AccountRole(role), answer)
                    print(f"{email} can sign in at {_console(settings)}")
        except Invalid as error:
            raise _told(error, email, settings) from None

    in_business(work)


def _print_link(email: str, name: str | None, link: str) -> None:
    if name is not None:
        print(f"The link asks for the name that visitors see: {name!r} is not kept.", file=sys.stderr)
    print(f"A one-time link for {email}, good for {INVITATION_HOURS} hours:")
    print(link)


def _console(settings: Settings) -> str:
    return f"{settings.public_url.rstrip('/')}/console"


def _told(error: Invalid, email: str, settings: Settings) -> OperatorError:
    if error.expected == address_taken().expected:
        return OperatorError(
            f"--email {email} has an account already.",
            f"It signs in at {_console(settings)}; for another account give another address.",
        )
    return unusable("the password" if error.field == "password" else f"--{error.field}", error)


def _password() -> str:
    """One line of standard input. A terminal would show what is typed, so there must be none."""
    if sys.stdin is None or sys.stdin.isatty():
        raise OperatorError("The password is read from a pipe.", "Try: aican account create … --password-stdin < FILE")
    line = sys.stdin.buffer.readline(PASSWORD_BYTES * 4)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise OperatorError("The password is not UTF-8.", "Save the file as UTF-8.") from None
