"""What stands under ``postfix:``, and what of it cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from mailsim.errors import Problem
from mailsim.experiment.keys import Count, Model, Names, TlsLevel, YesNo
from mailsim.experiment.lists_model import VerpDelimiters
from mailsim.experiment.quantities import Duration, PositiveDuration, RateOr0, Size
from mailsim.mta.feedback import Step
from mailsim.mta.reports import NOTIFY_CLASSES
from mailsim.mta.settings import Settings
from mailsim.units import format_duration

__all__ = ["LEARNED", "Postfix", "check_postfix"]


def _feedback(value: object) -> str:
    text = str(value) if type(value) in (int, float, str) else repr(value)
    Step(text)
    return text


def _classes(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected classes such as 'bounce, 2bounce', got {value!r}")
    for name in value.replace(",", " ").split():
        if name not in NOTIFY_CLASSES:
            known = ", ".join(NOTIFY_CLASSES)
            raise ValueError(f"unknown class {name!r}: known are {known}")
    return value


_STEP = r"\s*(0*1(\.0*)?|(?=[0.]*[1-9])0*\.[0-9]+)(\s*/\s*(sqrt_)?concurrency)?\s*"
Feedback = Annotated[
    str,
    BeforeValidator(_feedback),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^({_STEP})$"},
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            ]
        }
    ),
]
_CLASS = rf"({'|'.join(NOTIFY_CLASSES)})"
NotifyClasses = Annotated[
    str, BeforeValidator(_classes), Field(pattern=rf"^[\s,]*({_CLASS}([\s,]+{_CLASS})*[\s,]*)?$")
]
CountOr0 = Annotated[int, Field(ge=0, strict=True)]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
_POSTFIX = Settings()


class Postfix(Model):
    """postconf(5) parameters of a mail host, with Postfix's defaults.

    Ours are smtp_pipelining, smtp_chunking, destination_concurrency_feedback_variant,
    default_destination_message_rate and default_destination_message_burst, and ``mta-sts`` and
    ``*`` in smtp_tls_policy_maps.
    Meanings: :class:`mailsim.mta.settings.Settings`.
    """

    queue_run_delay: PositiveDuration = _POSTFIX.queue_run_delay
    minimal_backoff_time: PositiveDuration = _POSTFIX.minimal_backoff_time
    maximal_backoff_time: PositiveDuration = _POSTFIX.maximal_backoff_time
    maximal_queue_lifetime: Duration = _POSTFIX.maximal_queue_lifetime
    bounce_queue_lifetime: Duration = _POSTFIX.bounce_queue_lifetime
    delay_warning_time: Duration = _POSTFIX.delay_warning_time
    initial_destination_concurrency: Count = _POSTFIX.initial_destination_concurrency
    default_destination_concurrency_positive_feedback: Feedback = (
        _POSTFIX.default_destination_concurrency_positive_feedback
    )
    default_destination_concurrency_negative_feedback: Feedback = (
        _POSTFIX.default_destination_concurrency_negative_feedback
    )
    default_destination_concurrency_failed_cohort_limit: CountOr0 = (
        _POSTFIX.default_destination_concurrency_failed_cohort_limit
    )
    destination_concurrency_feedback_variant: Literal["c", "readme"] = Field(
        default=_POSTFIX.destination_concurrency_feedback_variant, validate_default=True
    )
    default_destination_rate_delay: Duration = _POSTFIX.default_destination_rate_delay
    default_transport_rate_delay: Duration = _POSTFIX.default_transport_rate_delay
    default_destination_message_rate: RateOr0 = _POSTFIX.default_destination_message_rate
    default_destination_message_burst: Count = _POSTFIX.default_destination_message_burst
    default_delivery_slot_cost: CountOr0 = _POSTFIX.default_delivery_slot_cost
    default_delivery_slot_loan: CountOr0 = _POSTFIX.default_delivery_slot_loan
    default_delivery_slot_discount: Percent = _POSTFIX.default_delivery_slot_discount
    default_minimum_delivery_slots: CountOr0 = _POSTFIX.default_minimum_delivery_slots
    default_destination_concurrency_limit: Count = _POSTFIX.default_destination_concurrency_limit
    default_destination_recipient_limit: Count = _POSTFIX.default_destination_recipient_limit
    default_process_limit: Count = _POSTFIX.default_process_limit
    qmgr_message_active_limit: Count = _POSTFIX.qmgr_message_active_limit
    in_flow_delay: Duration = _POSTFIX.in_flow_delay
    message_size_limit: Size = _POSTFIX.message_size_limit
    smtpd_recipient_limit: Count = _POSTFIX.smtpd_recipient_limit
    hopcount_limit: Count = _POSTFIX.hopcount_limit
    bounce_size_limit: Size = _POSTFIX.bounce_size_limit
    notify_classes: NotifyClasses = _POSTFIX.notify_classes
    relayhost: str = _POSTFIX.relayhost
    transport_maps: dict[str, str] = Field(default_factory=dict)
    relay_domains: Names = _POSTFIX.relay_domains
    virtual_alias_maps: dict[str, Names] = Field(default_factory=dict)
    alias_maps: dict[str, Names] = Field(default_factory=dict)
    enable_original_recipient: YesNo = _POSTFIX.enable_original_recipient
    recipient_delimiter: str = _POSTFIX.recipient_delimiter
    default_verp_delimiters: VerpDelimiters = _POSTFIX.default_verp_delimiters
    smtp_fallback_relay: Names = _POSTFIX.smtp_fallback_relay
    smtp_connect_timeout: PositiveDuration = _POSTFIX.smtp_connect_timeout
    smtp_helo_timeout: PositiveDuration = _POSTFIX.smtp_helo_timeout
    smtp_starttls_timeout: PositiveDuration = _POSTFIX.smtp_starttls_timeout
    smtp_mail_timeout: PositiveDuration = _POSTFIX.smtp_mail_timeout
    smtp_rcpt_timeout: PositiveDuration = _POSTFIX.smtp_rcpt_timeout
    smtp_rset_timeout: PositiveDuration = _POSTFIX.smtp_rset_timeout
    smtp_data_init_timeout: PositiveDuration = _POSTFIX.smtp_data_init_timeout
    smtp_data_xfer_timeout: PositiveDuration = _POSTFIX.smtp_data_xfer_timeout
    smtp_data_done_timeout: PositiveDuration = _POSTFIX.smtp_data_done_timeout
    smtp_address_preference: Literal["any", "ipv4", "ipv6"] = Field(
        default=_POSTFIX.smtp_address_preference, validate_default=True
    )
    smtp_randomize_addresses: YesNo = _POSTFIX.smtp_randomize_addresses
    smtp_connection_cache_on_demand: YesNo = _POSTFIX.smtp_connection_cache_on_demand
    smtp_connection_reuse_time_limit: Duration = _POSTFIX.smtp_connection_reuse_time_limit
    smtp_tls_security_level: TlsLevel = Field(
        default=_POSTFIX.smtp_tls_security_level, validate_default=True
    )
    smtp_tls_policy_maps: dict[str, TlsLevel | Literal["mta-sts"]] = Field(default_factory=dict)
    smtp_tls_session_cache_database: str = _POSTFIX.smtp_tls_session_cache_database
    smtp_tls_session_cache_timeout: PositiveDuration = _POSTFIX.smtp_tls_session_cache_timeout
    smtpd_soft_error_limit: Count = _POSTFIX.smtpd_soft_error_limit
    smtpd_hard_error_limit: Count = _POSTFIX.smtpd_hard_error_limit
    smtpd_junk_command_limit: Count = _POSTFIX.smtpd_junk_command_limit
    smtpd_error_sleep_time: Duration = _POSTFIX.smtpd_error_sleep_time
    smtpd_timeout: PositiveDuration = _POSTFIX.smtpd_timeout
    smtpd_tls_auth_only: YesNo = _POSTFIX.smtpd_tls_auth_only
    smtpd_forbid_bare_newline: Literal["normalize", "reject", "no"] = Field(
        default=_POSTFIX.smtpd_forbid_bare_newline, validate_default=True
    )
    disable_vrfy_command: YesNo = _POSTFIX.disable_vrfy_command
    smtp_pipelining: YesNo = _POSTFIX.smtp_pipelining
    smtp_chunking: YesNo = _POSTFIX.smtp_chunking


LEARNED = (
    "initial_destination_concurrency",
    "default_destination_concurrency_positive_feedback",
    "default_destination_concurrency_negative_feedback",
    "default_destination_concurrency_failed_cohort_limit",
    "destination_concurrency_feedback_variant",
    "default_destination_rate_delay",
    "default_transport_rate_delay",
    "default_destination_message_rate",
    "default_destination_message_burst",
    "default_delivery_slot_cost",
    "default_delivery_slot_loan",
    "default_delivery_slot_discount",
    "default_minimum_delivery_slots",
)
"""Parameters of the scheduler ``preemptive``."""
Where = tuple[str | int, ...]


def check_postfix(postfix: Postfix, scheduler: str, where: Where) -> Iterator[Problem]:
    """Give the parameters that contradict each other, and those without effect."""
    given = postfix.model_fields_set
    if scheduler == "fifo":
        for name in LEARNED:
            if name in given and getattr(postfix, name) != getattr(_POSTFIX, name):
                message = f"{name}: no effect with the scheduler fifo; set scheduler: preemptive"
                yield Problem((*where, name), message, on_key=True)
    name = "default_destination_message_burst"
    is_usual = getattr(postfix, name) == getattr(_POSTFIX, name)
    has_rate = bool(postfix.default_destination_message_rate)
    if name in given and not is_usual and scheduler != "fifo" and not has_rate:
        message = f"{name}: no effect without default_destination_message_rate"
        yield Problem((*where, name), message, on_key=True)
    limit = postfix.default_destination_concurrency_limit
    name = "initial_destination_concurrency"
    if name in given and scheduler != "fifo" and limit < getattr(postfix, name):
        text = f"default_destination_concurrency_limit, {limit}"
        yield _above(where, name, str(getattr(postfix, name)), text)
    least, most = postfix.minimal_backoff_time, postfix.maximal_backoff_time
    if least > most and given & {"minimal_backoff_time", "maximal_backoff_time"}:
        name = "minimal_backoff_time"
        name = name if name in given else "maximal_backoff_time"
        message = (
            f"minimal_backoff_time, {format_duration(least)}, is above maximal_backoff_time, "
            f"{format_duration(most)}"
        )
        yield Problem((*where, name), message)
    for name in ("maximal_queue_lifetime", "bounce_queue_lifetime"):
        lifetime = getattr(postfix, name)
        if name in given and 0 < lifetime < least:
            message = (
                f"{name}, {format_duration(lifetime)}, is below minimal_backoff_time, "
                f"{format_duration(least)}: nothing would be tried again within it; 0s gives up "
                "after the first attempt"
            )
            yield Problem((*where, name), message)
    warning, lifetime = postfix.delay_warning_time, postfix.maximal_queue_lifetime
    if warning > lifetime > 0 and "delay_warning_time" in given:
        text = f"maximal_queue_lifetime, {format_duration(lifetime)}: the message is gone by then"
        yield _above(where, "delay_warning_time", format_duration(warning), text)
    soft, hard = postfix.smtpd_soft_error_limit, postfix.smtpd_hard_error_limit
    if soft > hard and "smtpd_soft_error_limit" in given:
        text = f"smtpd_hard_error_limit, {hard}: the session has ended by then"
        yield _above(where, "smtpd_soft_error_limit", str(soft), text)


def _above(where: Where, name: str, value: str, limit: str) -> Problem:
    return Problem((*where, name), f"{name}, {value}, is above {limit}")
