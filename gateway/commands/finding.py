"""What a check of ``aican doctor`` found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chat.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis. ``remedy`` is empty when all is well."""

    check: str
    ok: bool
    found: str
    remedy: str


def find(name: str, check: Callable[[], str]) -> Finding:
    """The line of one check, whatever becomes of it: ``check`` returns what it found, or raises."""
    try:
        return Finding(name, True, check(), "")
    except OperatorError as error:
        return Finding(name, False, error.problem, error.remedy)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        return Finding(
            name, False, f"cannot look at it:{where} {error.strerror or error}.", "Run this as the user of Aican."
        )
    except ImportError as error:
        return Finding(name, False, f"cannot look at it: {error}.", "Run `make build`: it installs what is missing.")
    except Exception as error:  # a mistake of this check's own must not cost the other lines
        return Finding(name, False, f"the check itself failed: {type(error).__name__}: {error}.", "Please report it.")


def find_with(name: str, wrong: Iterable[str], needs: Iterable[str], check: Callable[[], str]) -> Finding:
    """``find``, unless one of the settings that the check ``needs`` is among the ``wrong`` ones."""
    missing = sorted(set(needs) & set(wrong))
    if missing:
        return Finding(name, False, "was not checked.", f"Correct {' and '.join(missing)} first.")
    return find(name, check)
