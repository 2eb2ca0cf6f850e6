"""The two SMTP clients that are Python libraries."""

from __future__ import annotations

import asyncio
import smtplib
import ssl

from peers.mail import PASSWORD, USER, Mail, Said, Target
from peers.needed import module

__all__ = ["aiosmtplib_client", "smtplib_client"]

_DSN_MAIL = ["RET=HDRS", "ENVID=peers-1"]
_DSN_RCPT = ["NOTIFY=SUCCESS,FAILURE"]


def smtplib_client(mail: Mail, target: Target) -> Said:
    """Send with the standard library."""
    mail_options, rcpt_options = _options(target)
    try:
        with _connected(target) as smtp:
            if target.tls == "starttls":
                smtp.starttls(context=_context(target))
            if target.mechanism:
                smtp.user, smtp.password = USER, PASSWORD
                smtp.ehlo_or_helo_if_needed()
                answer = getattr(smtp, f"auth_{target.mechanism.lower().replace('-', '_')}")
                smtp.auth(target.mechanism, answer)
            smtp.sendmail(mail.sender, mail.recipients, mail.content, mail_options, rcpt_options)
            return Said(0, str(smtp.noop()))
    except smtplib.SMTPException as error:
        return Said(1, str(error))


def _connected(target: Target) -> smtplib.SMTP:
    where = ("127.0.0.1", target.port, "client.example.org")
    if target.tls == "implicit":
        return smtplib.SMTP_SSL(*where, timeout=30, context=_context(target))
    return smtplib.SMTP(*where, timeout=30)


def aiosmtplib_client(mail: Mail, target: Target) -> Said:
    """Send with aiosmtplib."""
    return asyncio.run(_send(mail, target))


async def _send(mail: Mail, target: Target) -> Said:
    library = module("aiosmtplib")
    mail_options, rcpt_options = _options(target)
    client = library.SMTP(
        hostname="127.0.0.1",
        port=target.port,
        local_hostname="client.example.org",
        use_tls=target.tls == "implicit",
        start_tls=target.tls == "starttls",
        tls_context=None if target.tls == "none" else _context(target),
        timeout=30,
    )
    sock = None
    try:
        async with client:
            sock = client.transport.get_extra_info("socket")
            if target.mechanism:
                await client.ehlo()  # what was learned before TLS is gone
                name = target.mechanism.lower().replace("-", "")
                await getattr(client, f"auth_{name}")(USER, PASSWORD)
            _, text = await client.sendmail(
                mail.sender,
                list(mail.recipients),
                mail.content,
                mail_options=mail_options,
                rcpt_options=rcpt_options,
            )
    except library.SMTPException as error:
        return Said(1, str(error))
    finally:  # the library does not wait until TLS has ended, and the event loop ends with us
        async with asyncio.timeout(10):
            while sock is not None and sock.fileno() >= 0:
                await asyncio.sleep(0.005)
    return Said(0, text)


def _options(target: Target) -> tuple[list[str], list[str]]:
    """Return the parameters of MAIL and of RCPT."""
    if "dsn" in target.has:
        return _DSN_MAIL, _DSN_RCPT
    options = {"smtputf8": "SMTPUTF8", "8bit": "BODY=8BITMIME"}
    return [option for need, option in options.items() if need in target.has], []


def _context(target: Target) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=target.ca)
    if target.ca is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
