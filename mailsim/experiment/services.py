"""What a mail host is made of, whether it is simulated or on a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mailsim.errors import RunError, error_text
from mailsim.experiment.model import Listen, Scenario
from mailsim.experiment.presets import settings_of
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Policy, Seen, policies
from mailsim.mta.reception import Reception
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply, ServerConfig

__all__ = ["MailParts", "mail_parts"]

Decide = Callable[[Seen, int], Reply | None]
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
    """

    settings: Settings
    mailboxes: Mailboxes
    reception: Reception
    configs: dict[int, ServerConfig]


def mail_parts(scenario: Scenario, name: str) -> MailParts:
    """Return the parts of the mail host called ``name``."""
    host = scenario.hosts[name]
    settings = settings_of(host.postfix)
    mailboxes = Mailboxes(scenario.directory.final_domains(name), host.mailboxes)
    users = {user: given.password for user, given in host.users.items()}
    chosen = [
        _watched(policies.get(policy).from_options(options), f"hosts.{name}.policies[{i}]", policy)
        for i, item in enumerate(host.policies)
        for policy, options in item.items()
    ]
    reception = Reception(mailboxes, users, chosen)
    configs = {
        port: _config(name, port, listen, settings, reception.asked)
        for port, listen in scenario.listeners(name).items()
    }
    return MailParts(settings, mailboxes, reception, configs)


def _watched(made: Policy, place: str, name: str) -> Policy:
    """Let a policy of the user's own say who it is when it fails; ours need no watch."""
    if ":" not in name:
        return made
    for stage in ("on_connect", "on_mail", "on_rcpt", "on_data"):
        if getattr(type(made), stage) is not getattr(Policy, stage, None):
            object.__setattr__(made, stage, _watch(getattr(made, stage), f"{place} ({name})"))
    return made


def _watch(decide: Decide, who: str) -> Decide:
    def decided(seen: Seen, now_ns: int) -> Reply | None:
        try:
            verdict = decide(seen, now_ns)
        except Exception as error:  # it is not our code
            raise RunError(f"{who}: {decide.__name__} failed: {error_text(error)}") from error
        if verdict is not None and not isinstance(verdict, Reply):
            raise RunError(f"{who}: {decide.__name__}: expected a Reply or None, got {verdict!r}")
        return verdict

    return decided


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
