"""Which delivery report a message gets, to whom it goes and what it holds.

RFC 3461 says what the sender may ask for, RFC 3464 what a report tells; what neither says is done
as Postfix's bounce(8) does it.
"""

from __future__ import annotations

from mailsim.message import Content, Envelope, Params, ReportedRecipient, delivery_report, param
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.settings import Settings
from mailsim.smtp.grammar import from_xtext

__all__ = ["NOTIFY_CLASSES", "Report", "reports_of"]

NOTIFY_CLASSES = (
    "2bounce", "bounce", "data", "delay", "policy", "protocol", "resource", "software",
)  # fmt: skip
"""What Postfix's ``notify_classes`` may have; the first, second and fourth are of reports."""

_S = 1_000_000_000
_KINDS = {"failed": "FAILURE", "delayed": "DELAY"}
"""What NOTIFY must have for it, by action; for all others SUCCESS."""
_POSTMASTER = "postmaster"
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
    double_bounce : str
        The sender of what goes to the postmaster; empty if it is for the sender.

    Attributes
    ----------
    recipients : tuple of ReportedRecipient
    envelope : Envelope
        From the null sender, so that nobody reports about it (RFC 5321 section 6.1), and with
        ``NOTIFY=NEVER`` (RFC 3461 section 6.1); protected like its message, if that asked for
        REQUIRETLS (RFC 8689 section 5).
    """

    def __init__(
        self, message: QueuedMessage, about: list[Told], settings: Settings, double_bounce: str = ""
    ) -> None:
        self._message = message
        self._is_copy = bool(double_bounce)
        self.recipients = tuple([_reported(message, told) for told in about])
        self._settings = settings
        self._is_secure = param(message.params, "REQUIRETLS") is not None
        params: Params = (("REQUIRETLS", None),) if self._is_secure else ()
        to = _POSTMASTER if double_bounce else message.sender
        self.envelope = Envelope(double_bounce, (to,), params, (_NEVER,))

    def content(self, number: int, host: str, arrived_unix_s: int, unix_s: int) -> Content:
        """Return the content of the report.

        It returns a message that failed whole up to ``bounce_size_limit``, unless the sender
        asked for ``RET=HDRS`` or ``REQUIRETLS`` (RFC 3461 section 4.3, RFC 8689 section 5); a
        copy of what the sender gets has the header.

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
        is_short = is_short or (self._is_copy and bool(message.sender))
        deadline = message.deadline_ns
        is_delayed = self.recipients[0].action == "delayed"
        return delivery_report(
            number,
            host,
            self.envelope.recipients[0],
            self.recipients,
            message.content,
            arrived_unix_s,
            unix_s,
            envelope_id=from_xtext(param(message.params, "ENVID") or ""),
            limit_bytes=0 if is_short else settings.bounce_size_limit,
            deliver_by_unix_s=_after(arrived_unix_s, deadline, message.arrived_ns),
            retry_until_unix_s=(
                arrived_unix_s + settings.maximal_queue_lifetime // _S if is_delayed else None
            ),
            is_copy=self._is_copy,
        )


def reports_of(
    message: QueuedMessage, about: list[Told], settings: Settings, host: str
) -> list[Report]:
    """Return the reports due: at most one to the sender, and one to the postmaster.

    Those whose NOTIFY does not ask for it are left out (RFC 3461 section 4.1), but for relayed
    ones: :meth:`QueuedMessage.wants_relay_report` has decided about them.  A message that is
    itself a report has the null sender and gets none (RFC 5321 section 6.1).

    The postmaster hears of all that failed if ``notify_classes`` has ``bounce``, of reports that
    failed if it has ``2bounce`` (a double bounce), and of delays if it has ``delay``; from the
    sender ``double-bounce`` at this host, about whose mail nobody hears anything (bounce(8)).

    Parameters
    ----------
    message : QueuedMessage
    about : list of Told
        Recipients of one kind of report.
    settings : Settings
    host : str
    """
    double_bounce = f"double-bounce@{host}"
    if message.sender == double_bounce:
        return []
    wanted = [
        told
        for told in about
        if told.action == "relayed"
        or message.wants_report(told.recipient, _KINDS.get(told.action, "SUCCESS"))
    ]
    reports = [Report(message, wanted, settings)] if message.sender and wanted else []
    classes = settings.notify_classes.replace(",", " ").split()
    action = about[0].action
    is_due = action == "delayed" and "delay" in classes
    if action == "failed":
        is_due = "bounce" in classes or (not message.sender and "2bounce" in classes)
    if is_due:
        reports.append(Report(message, about, settings, double_bounce))
    return reports


def _reported(message: QueuedMessage, told: Told) -> ReportedRecipient:
    """Return what the report says of a recipient: in Status the code of the reply, if it has one.

    Else its class alone says what is known (RFC 3463 section 3.1: X.0.0).
    """
    to, remote, reply, action = told
    status = reply.enhanced or f"{reply.code // 100}.0.0"
    said = str(reply) if remote else " ".join(reply.lines)
    return ReportedRecipient(to, status, remote, said, message.original_of(to), action)


def _after(arrived_unix_s: int, deadline_ns: int | None, arrived_ns: int) -> int | None:
    return None if deadline_ns is None else arrived_unix_s + (deadline_ns - arrived_ns) // _S
