"""Which delivery report a message gets, to whom it goes and what it holds.

RFC 3461 says what the sender may ask for, RFC 3464 what a report tells; what neither says is done
as Postfix's bounce(8) does it.
"""

from __future__ import annotations

from mailsim.message import Content, Envelope, Params, ReportedRecipient, delivery_report, param
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.settings import Settings
from mailsim.smtp.grammar import from_xtext

__all__ = ["Report", "report_of"]

_S = 1_000_000_000
_KINDS = {"failed": "FAILURE", "delayed": "DELAY"}
_NEVER: Params = (("NOTIFY", "NEVER"),)


class Report:
    """A report to be sent.

    Parameters
    ----------
    message : QueuedMessage
        What it is about.
    about : list of Told
        At least one.
    settings : Settings

    Attributes
    ----------
    envelope : Envelope
        From the null sender, so that nobody reports about it (RFC 5321 section 6.1), and with
        ``NOTIFY=NEVER`` (RFC 3461 section 6.1); protected like its message, if that asked for
        REQUIRETLS (RFC 8689 section 5).
    """

    def __init__(self, message: QueuedMessage, about: list[Told], settings: Settings) -> None:
        self._message = message
        self._about = about
        self._settings = settings
        self._is_secure = param(message.params, "REQUIRETLS") is not None
        params: Params = (("REQUIRETLS", None),) if self._is_secure else ()
        self.envelope = Envelope("", (message.sender,), params, (_NEVER,))

    def content(self, number: int, host: str, arrived_unix_s: int, unix_s: int) -> Content:
        """Return the content of the report.

        It returns a message that failed whole up to ``bounce_size_limit``, unless the sender
        asked for ``RET=HDRS`` or ``REQUIRETLS`` (RFC 3461 section 4.3, RFC 8689 section 5).

        Parameters
        ----------
        number : int
            Number of the report among the messages of the run.
        host : str
            Who reports.
        arrived_unix_s, unix_s : int
            When the message came to it, and now; seconds since 1970 UTC.
        """
        message, settings = self._message, self._settings
        is_short = self._is_secure or (param(message.params, "RET") or "").upper() == "HDRS"
        deadline = message.deadline_ns
        is_delayed = self._about[0].action == "delayed"
        return delivery_report(
            number,
            host,
            message.sender,
            tuple([_reported(message, told) for told in self._about]),
            message.content,
            arrived_unix_s,
            unix_s,
            envelope_id=from_xtext(param(message.params, "ENVID") or ""),
            limit_bytes=0 if is_short else settings.bounce_size_limit,
            deliver_by_unix_s=_after(arrived_unix_s, deadline, message.arrived_ns),
            retry_until_unix_s=(
                arrived_unix_s + settings.maximal_queue_lifetime // _S if is_delayed else None
            ),
        )


def report_of(message: QueuedMessage, about: list[Told], settings: Settings) -> Report | None:
    """Return the report that the sender is to have, or None.

    Those whose NOTIFY does not ask for it are left out (RFC 3461 section 4.1).  A message that is
    itself a report has the null sender and gets none (RFC 5321 section 6.1).

    Parameters
    ----------
    message : QueuedMessage
    about : list of Told
        Recipients of one kind of report.
    settings : Settings
    """
    wanted = [
        told
        for told in about
        if message.wants_report(told.recipient, _KINDS.get(told.action, "SUCCESS"))
    ]
    return Report(message, wanted, settings) if message.sender and wanted else None


def _reported(message: QueuedMessage, told: Told) -> ReportedRecipient:
    """Return what the report says of a recipient: in Status the code of the reply, if it has one.

    Else its class alone says what is known (RFC 3463 section 3.1: X.0.0).
    """
    to, remote, reply, action = told
    status = reply.enhanced or f"{reply.code // 100}.0.0"
    return ReportedRecipient(to, status, remote, str(reply), message.original_of(to), action)


def _after(arrived_unix_s: int, deadline_ns: int | None, arrived_ns: int) -> int | None:
    return None if deadline_ns is None else arrived_unix_s + (deadline_ns - arrived_ns) // _S
