"""A mail message: its envelope, its content and what is written on it on the way."""

from mailsim.message.address import domain_of, is_address, local_part_of
from mailsim.message.content import Content, Filler, Head, new_content
from mailsim.message.deliver_by import DeliverBy
from mailsim.message.envelope import Envelope, Params, param
from mailsim.message.report import ReportedRecipient, delivery_report
from mailsim.message.seven_bit import to_seven_bit
from mailsim.message.trace import Received

__all__ = [
    "Content",
    "DeliverBy",
    "Envelope",
    "Filler",
    "Head",
    "Params",
    "Received",
    "ReportedRecipient",
    "delivery_report",
    "domain_of",
    "is_address",
    "local_part_of",
    "new_content",
    "param",
    "to_seven_bit",
]
