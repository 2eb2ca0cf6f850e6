"""ESMTP, both roles, without any I/O: values in, values out.

Read in this order: :mod:`~mailsim.smtp.values`, :mod:`~mailsim.smtp.states` (the law),
:mod:`~mailsim.smtp.client`, :mod:`~mailsim.smtp.server`, :mod:`~mailsim.smtp.checks`; then
octets: :mod:`~mailsim.smtp.grammar`, :mod:`~mailsim.smtp.codec`,
:mod:`~mailsim.smtp.server_reader`, :mod:`~mailsim.smtp.client_reader`, and the two connections.
"""

from mailsim.smtp.client import ClientSession
from mailsim.smtp.client_config import ClientConfig
from mailsim.smtp.client_connection import ClientConnection
from mailsim.smtp.client_reader import ClientReader
from mailsim.smtp.codec import encode, encode_reply
from mailsim.smtp.sasl import Claim, Credentials
from mailsim.smtp.server import PAUSED, ServerSession
from mailsim.smtp.server_config import ServerConfig
from mailsim.smtp.server_connection import ServerConnection
from mailsim.smtp.server_reader import ServerReader
from mailsim.smtp.states import State
from mailsim.smtp.transaction import Delivery, Transaction
from mailsim.smtp.values import AuthLine, Chunk, Command, FromClient, Garbage, Reply

__all__ = [
    "PAUSED",
    "AuthLine",
    "Chunk",
    "Claim",
    "ClientConfig",
    "ClientConnection",
    "ClientReader",
    "ClientSession",
    "Command",
    "Credentials",
    "Delivery",
    "FromClient",
    "Garbage",
    "Reply",
    "ServerConfig",
    "ServerConnection",
    "ServerReader",
    "ServerSession",
    "State",
    "Transaction",
    "encode",
    "encode_reply",
]
