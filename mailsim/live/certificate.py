"""TLS for real sockets: a certificate given, or one made on the spot."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path

from mailsim.errors import ConfigError

__all__ = ["client_context", "server_context"]

_DAYS = 30


def server_context(name: str, cert: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Return the TLS context of a server.

    Parameters
    ----------
    name : str
        The host's name, for a certificate made here: self-signed, valid 30 days.
    cert, key : Path or None
        Files in PEM form; the key may stand in the certificate's file.

    Raises
    ------
    ConfigError
        If they cannot be read, are no PEM or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # TLS 1.2 and up (RFC 8996)
    if cert is None:
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:  # readable by us alone
            file.write(_self_signed(name))
            file.flush()
            context.load_cert_chain(file.name)
        return context
    for path in (cert, key or cert):
        try:
            path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        # A key under a passphrase would be asked for on the terminal: there is none here.
        context.load_cert_chain(cert, key, password="")
    except (ssl.SSLError, ValueError) as error:
        text = getattr(error, "reason", None) or str(error)
        raise ConfigError(f"{cert}: no certificate with a fitting key: {text}") from error
    return context


def client_context(*, is_verified: bool = False) -> ssl.SSLContext:
    """Return the TLS context of a client; unless told otherwise it takes any certificate.

    That is what an MTA does (RFC 7435): encryption without authentication beats none.
    """
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _self_signed(name: str) -> bytes:
    """Return key and certificate in PEM form."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    now = datetime.datetime.now(datetime.UTC)
    names = [
        x509.DNSName(name),
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
