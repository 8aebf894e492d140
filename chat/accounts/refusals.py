"""Why somebody is not let in. Neither says which part was wrong, nor whether an account exists."""

from __future__ import annotations

from chat.errors import AicanError


class WrongCredentials(AicanError):
    """Address and password do not belong together, or the account may not sign in."""


class TooManyTries(AicanError):
    """Over a budget for sign-in tries; the next one is taken after ``retry_after_ms``."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(f"the next try is taken in {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms
