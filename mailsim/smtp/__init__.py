"""ESMTP, both roles, without any I/O: values in, values out.

Read in this order: :mod:`~mailsim.smtp.values`, :mod:`~mailsim.smtp.states` (the law),
:mod:`~mailsim.smtp.client`, :mod:`~mailsim.smtp.server`, :mod:`~mailsim.smtp.codec`.
"""

from mailsim.smtp.client import ClientConfig, ClientSession, Transaction
from mailsim.smtp.codec import ClientReader, ServerReader, encode, encode_reply
from mailsim.smtp.sasl import Credentials
from mailsim.smtp.server import PAUSED, ServerSession
from mailsim.smtp.server_config import ServerConfig
from mailsim.smtp.states import State
from mailsim.smtp.values import AuthLine, BadCommand, Command, FromClient, Reply

__all__ = [
    "PAUSED",
    "AuthLine",
    "BadCommand",
    "ClientConfig",
    "ClientReader",
    "ClientSession",
    "Command",
    "Credentials",
    "FromClient",
    "Reply",
    "ServerConfig",
    "ServerReader",
    "ServerSession",
    "State",
    "Transaction",
    "encode",
    "encode_reply",
]
