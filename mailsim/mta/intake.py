"""What comes into the active queue next, and how fast new mail may come.

Source: Postfix ``qmgr.c`` (``qmgr_loop``) and ``mail_flow.c``.
"""

from __future__ import annotations

__all__ = ["Flow", "Intake"]


class Intake:
    """Takes turns between new mail and deferred mail that is due.

    Each turn brings one message.  When that has filled the active queue, new mail is first next
    time, whoever's turn it was.

    Parameters
    ----------
    limit : int
        Messages in the active queue.

    Attributes
    ----------
    limit : int
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._is_deferred_first = False

    def takes_deferred(self, *, has_incoming: bool, n_active: int) -> bool:
        """Say whether it is the turn of deferred mail, of which some is due; else of new mail.

        Parameters
        ----------
        has_incoming : bool
            Whether there is new mail.
        n_active : int
            Messages in the active queue, fewer than its limit.
        """
        deferred = self._is_deferred_first or not has_incoming
        self._is_deferred_first = not deferred and n_active + 1 < self.limit
        return deferred


class Flow:
    """Tokens that slow down whoever brings mail faster than the queue manager takes it.

    Taking a message over costs a token; the queue manager gives one back for each new message
    that becomes active, and all of them when none waits.  Who finds no token waits for
    ``in_flow_delay``, and then goes on without.

    Parameters
    ----------
    most : int
        Tokens there are: ``default_process_limit``.
    delay_ns : int
        ``in_flow_delay``.
    """

    def __init__(self, most: int, delay_ns: int) -> None:
        self._most = self._n_tokens = most
        self._delay_ns = delay_ns

    def wait_ns(self) -> int:
        """Take a token for a message; return how long to wait, 0 if there was one."""
        if not self._n_tokens:
            return self._delay_ns
        self._n_tokens -= 1
        return 0

    def took(self, n_incoming: int) -> None:
        """Give back for a new message that has become active; ``n_incoming`` still wait."""
        self._n_tokens = self._most if not n_incoming else min(self._n_tokens + 1, self._most)
