"""What a mail host is made of, whether it is simulated or on a real socket."""

from __future__ import annotations

from typing import NamedTuple

from mailsim.experiment.expansion import expansion_of, mailboxes_of
from mailsim.experiment.model import Listen, Scenario
from mailsim.experiment.presets import settings_of
from mailsim.experiment.receivers import pushback_of
from mailsim.experiment.routing import host_routing
from mailsim.mta.accepted import Accepted
from mailsim.mta.expansion import Expansion
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Policy, policies
from mailsim.mta.policies._undeliverable import Undeliverable
from mailsim.mta.reception import Reception
from mailsim.mta.settings import Settings
from mailsim.smtp import ServerConfig

__all__ = ["MailParts", "mail_parts"]

_LINE_ENDINGS = {"normalize": "normalize", "reject": "strict", "no": "legacy"}
_SUBMISSION = (465, 587)


class MailParts(NamedTuple):
    """The parts of one mail host.

    Attributes
    ----------
    settings : Settings
    mailboxes : Mailboxes
    reception : Reception
    configs : dict of int to ServerConfig
        By port.
    expansion : Expansion or None
        Its aliases and lists, if it has any.
    """

    settings: Settings
    mailboxes: Mailboxes
    reception: Reception
    configs: dict[int, ServerConfig]
    expansion: Expansion | None


def mail_parts(scenario: Scenario, name: str) -> MailParts:
    """Return the parts of the mail host called ``name``."""
    host = scenario.hosts[name]
    settings = settings_of(host.postfix)
    mailboxes = mailboxes_of(scenario, name)
    expansion = expansion_of(host, mailboxes)
    routing = host_routing(host)
    accepted = mailboxes
    if settings.relay_domains or expansion is not None or routing.has_nowhere:
        mapped = routing if routing.has_nowhere else None
        accepted = Accepted(mailboxes, settings.relay_domains, expansion, mapped)
    users = {user: given.password for user, given in host.users.items()}
    chosen: list[tuple[Policy, str]] = [
        (policies.get(policy).from_options(options), f"hosts.{name}.policies[{i}] ({policy})")
        for i, item in enumerate(host.policies)
        for policy, options in item.items()
    ]
    if host.receiver is not None:
        chosen.insert(0, (pushback_of(host.receiver), f"hosts.{name}.receiver"))
    if routing.has_nowhere:
        refusing = Undeliverable(routing, mailboxes, expansion)
        chosen.insert(0, (refusing, f"hosts.{name}.postfix.transport_maps"))
    made, places = [policy for policy, _ in chosen], [place for _, place in chosen]
    reception = Reception(accepted, users, made, places)
    configs = {
        port: _config(name, port, listen, settings, reception.asked)
        for port, listen in scenario.listeners(name).items()
    }
    return MailParts(settings, mailboxes, reception, configs, expansion)


def _config(
    name: str, port: int, listen: Listen, settings: Settings, asked: frozenset[str]
) -> ServerConfig:
    limits = listen.limits
    return ServerConfig(
        name,
        max_message_size=settings.message_size_limit,
        max_recipients=limits.get("RCPTMAX", settings.smtpd_recipient_limit),
        max_transactions=limits.get("MAILMAX", 0),
        max_rcpt_domains=limits.get("RCPTDOMAINMAX", 0),
        deliver_by_min_s=listen.deliver_by_min // 1_000_000_000,
        tls=listen.tls or "none",
        auth=listen.auth or "none",
        mechanisms=tuple(listen.mechanisms),
        is_auth_tls_only=settings.smtpd_tls_auth_only,
        extension_names=tuple(listen.extensions),
        is_lmtp=listen.lmtp,
        is_submission=port in _SUBMISSION,
        is_vrfy_enabled=not settings.disable_vrfy_command,
        line_endings=_LINE_ENDINGS[settings.smtpd_forbid_bare_newline],
        soft_error_limit=settings.smtpd_soft_error_limit,
        hard_error_limit=settings.smtpd_hard_error_limit,
        junk_command_limit=settings.smtpd_junk_command_limit,
        error_sleep_ns=settings.smtpd_error_sleep_time,
        ask=asked,
    )
