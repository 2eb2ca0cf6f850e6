"""The knobs of a mail system, under their postconf(5) names, with Postfix's defaults.

Times are nanoseconds, sizes octets.  Source: Postfix 3.12 ``mail_params.h``, postconf(5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Settings"]

_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What postconf(5) calls them.

    Ours are ``smtp_pipelining``, ``smtp_chunking``, ``destination_concurrency_feedback_variant``,
    ``default_destination_message_rate`` and ``default_destination_message_burst``.

    Attributes
    ----------
    queue_run_delay : int
        Time between two scans of the deferred queue.
    minimal_backoff_time, maximal_backoff_time : int
        Bounds of the wait before a deferred message is tried again.
    maximal_queue_lifetime, bounce_queue_lifetime : int
        Age at which a message, or a delivery report, is given up.
    delay_warning_time : int
        Age from which a failed attempt has the sender told that the message is delayed, once; 0
        for never.
    default_destination_concurrency_limit : int
        Deliveries to one destination at a time.
    initial_destination_concurrency : int
        The same at first, under a scheduler with concurrency feedback.
    default_destination_concurrency_positive_feedback : str
        How much a delivery that got in raises the concurrency: a number of at most 1, alone or
        over ``concurrency`` or ``sqrt_concurrency``.
    default_destination_concurrency_negative_feedback : str
        How much one that did not lowers it.
    default_destination_concurrency_failed_cohort_limit : int
        Failures in a row, in units of the concurrency, that make a destination dead; 0: none do.
    destination_concurrency_feedback_variant : str
        ``c``, what Postfix does, or ``readme``, what its SCHEDULER_README says and measured.
    default_destination_rate_delay, default_transport_rate_delay : int
        Time between deliveries to a destination, which are then serial, and between all
        deliveries of a transport.
    default_destination_message_rate : float
        Deliveries to a destination that may start in a second, however many at a time; 0 for any
        number.  KumoMTA's ``max_message_rate``, a token bucket.
    default_destination_message_burst : int
        How many may start at once after a pause; its ``max_burst``.
    default_delivery_slot_cost, default_delivery_slot_loan, default_delivery_slot_discount : int
        How many deliveries of a message earn a smaller one a place before the rest; places
        lent; per cent of the places needed that may be lacking.
    default_minimum_delivery_slots : int
        Messages that cannot earn so many places are not preempted.
    default_destination_recipient_limit : int
        Recipients of one message in one delivery.
    default_process_limit : int
        Delivery agents, and worker slots of each listening service.
    qmgr_message_active_limit : int
        Messages in the active queue.
    in_flow_delay : int
        How long new mail waits that comes faster than it becomes active; 0 for not at all
        (Postfix: 1 s).
    message_size_limit : int
        Octets; 0 for none.
    smtpd_recipient_limit : int
        Recipients accepted in one transaction.
    hopcount_limit : int
        Received lines at which a message is taken to be in a loop.
    bounce_size_limit : int
        Octets of the largest message that a report returns whole; of others, the header.
    notify_classes : str
        What the postmaster hears of: ``bounce`` (all failures), ``2bounce`` (of reports),
        ``delay``; the other classes of Postfix have no effect.
    relayhost : str
        Next hop of all mail that the transport map says nothing of: a domain, or ``[host]``.
    transport_maps : mapping of str to str
        Next hop by recipient domain, ``.domain`` for all below it, address, or ``*``;
        ``transport:`` may come before it, ``:`` alone is an exception; ``error:``, ``retry:`` and
        ``discard:`` with a reason lead nowhere; as ``route`` of the host.
    relay_domains : tuple of str
        Domains, with all below them, whose mail is taken from anybody and passed on: those of a
        backup exchanger or a gateway.
    virtual_alias_maps : mapping of str to tuple of str
        Whom an address leads to; also by ``@domain``, or local part of a domain that ends here.
    alias_maps : mapping of str to tuple of str
        The same by local part alone; ``owner-NAME`` is the sender of what goes to NAME.
    enable_original_recipient : bool
        A mailbox that several recipients lead to gets a copy for each of them.
    recipient_delimiter : str
        Characters that part a local part from an extension.
    default_verp_delimiters : str
        Before a recipient in a variable envelope return path, and before its domain.
    smtp_fallback_relay : tuple of str
        Next hops for mail whose destination is not found or not to be reached.
    smtp_connect_timeout : int
        How long a connection attempt waits for an answer.
    smtp_helo_timeout : int
        How long a client waits for the greeting, and for the replies to EHLO, HELO and AUTH.
    smtp_starttls_timeout, smtp_mail_timeout, smtp_rcpt_timeout, smtp_rset_timeout : int
        The same for the replies to these commands and for the TLS handshake.
    smtp_data_init_timeout, smtp_data_xfer_timeout, smtp_data_done_timeout : int
        The same for DATA, for a BDAT that is not the last, and for the end of the content.
    smtp_address_preference : str
        Which addresses of a host are tried first: ``ipv4``, ``ipv6``, or ``any``, by chance.
    smtp_randomize_addresses : bool
        Try addresses of equal preference in random order.
    smtp_connection_cache_on_demand : bool
        Keep a connection for the next message while the destination has more.
    smtp_connection_reuse_time_limit : int
        Age at which a connection is not used again.
    smtp_tls_security_level : str
        ``none``, ``may``, ``encrypt``, ``dane`` or ``dane-only``.
    smtp_tls_policy_maps : mapping of str to str
        The level by destination, ``.example.org`` for all below it, ``*`` (ours) for all others;
        or ``mta-sts`` (ours): what the domain's policy says, besides the level of the rest.
    smtp_tls_session_cache_database : str
        Where TLS sessions are kept to be resumed; any name will do, none is for no resumption.
    smtp_tls_session_cache_timeout : int
        How long.
    smtpd_soft_error_limit, smtpd_hard_error_limit, smtpd_junk_command_limit : int
        Errors of a client after which replies are slow, errors after which the session ends,
        and commands without mail after which further ones are errors; each at least 1.
    smtpd_error_sleep_time : int
        How slow.
    smtpd_timeout : int
        Within which a client's request must be complete; on real sockets only.
    smtpd_tls_auth_only : bool
        Take a password in TLS only.
    smtpd_forbid_bare_newline : str
        ``normalize``, ``reject`` or ``no``: what a line end without CR is.
    disable_vrfy_command : bool
        Answer VRFY with 502.
    smtp_pipelining : bool
        Use PIPELINING where it is offered.
    smtp_chunking : bool
        Use BDAT where CHUNKING is offered; ours too.
    """

    queue_run_delay: int = 300 * _S
    minimal_backoff_time: int = 300 * _S
    maximal_backoff_time: int = 4000 * _S
    maximal_queue_lifetime: int = 5 * 86400 * _S
    bounce_queue_lifetime: int = 5 * 86400 * _S
    delay_warning_time: int = 0
    default_destination_concurrency_limit: int = 20
    initial_destination_concurrency: int = 5
    default_destination_concurrency_positive_feedback: str = "1"
    default_destination_concurrency_negative_feedback: str = "1"
    default_destination_concurrency_failed_cohort_limit: int = 1
    destination_concurrency_feedback_variant: str = "c"
    default_destination_rate_delay: int = 0
    default_transport_rate_delay: int = 0
    default_destination_message_rate: float = 0.0
    default_destination_message_burst: int = 1
    default_delivery_slot_cost: int = 5
    default_delivery_slot_loan: int = 3
    default_delivery_slot_discount: int = 50
    default_minimum_delivery_slots: int = 3
    default_destination_recipient_limit: int = 50
    default_process_limit: int = 100
    qmgr_message_active_limit: int = 20_000
    in_flow_delay: int = 0
    message_size_limit: int = 10_240_000
    smtpd_recipient_limit: int = 1000
    hopcount_limit: int = 50
    bounce_size_limit: int = 50_000
    notify_classes: str = "resource, software"
    relayhost: str = ""
    transport_maps: Mapping[str, str] = field(default_factory=dict)
    relay_domains: tuple[str, ...] = ()
    virtual_alias_maps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alias_maps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enable_original_recipient: bool = True
    recipient_delimiter: str = ""
    default_verp_delimiters: str = "+="
    smtp_fallback_relay: tuple[str, ...] = ()
    smtp_connect_timeout: int = 30 * _S
    smtp_helo_timeout: int = 300 * _S
    smtp_starttls_timeout: int = 300 * _S
    smtp_mail_timeout: int = 300 * _S
    smtp_rcpt_timeout: int = 300 * _S
    smtp_rset_timeout: int = 20 * _S
    smtp_data_init_timeout: int = 120 * _S
    smtp_data_xfer_timeout: int = 180 * _S
    smtp_data_done_timeout: int = 600 * _S
    smtp_address_preference: str = "any"
    smtp_randomize_addresses: bool = True
    smtp_connection_cache_on_demand: bool = True
    smtp_connection_reuse_time_limit: int = 300 * _S
    smtp_tls_security_level: str = "may"
    smtp_tls_policy_maps: Mapping[str, str] = field(default_factory=dict)
    smtp_tls_session_cache_database: str = ""
    smtp_tls_session_cache_timeout: int = 3600 * _S
    smtpd_soft_error_limit: int = 10
    smtpd_hard_error_limit: int = 20
    smtpd_junk_command_limit: int = 100
    smtpd_error_sleep_time: int = 1 * _S
    smtpd_timeout: int = 300 * _S
    smtpd_tls_auth_only: bool = False
    smtpd_forbid_bare_newline: str = "normalize"
    disable_vrfy_command: bool = False
    smtp_pipelining: bool = True
    smtp_chunking: bool = False
