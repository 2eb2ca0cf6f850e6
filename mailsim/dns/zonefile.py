"""Zone-file text to records; dnspython reads the grammar of RFC 1035 section 5."""

from __future__ import annotations

import re

from mailsim.dns.records import Record
from mailsim.errors import MailsimError

__all__ = ["ZoneSyntaxError", "parse_zone"]

DEFAULT_TTL_S = 3600
_LINE = re.compile(r"^<string>:(\d+): ")


class ZoneSyntaxError(MailsimError):
    """A zone text is wrong.

    Parameters
    ----------
    line : int
        Line of the text, from 1.
    message : str
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


def parse_zone(origin: str, text: str) -> list[Record]:
    """Return the records of a zone, in the order of the text.

    Parameters
    ----------
    origin : str
        Name of the zone.
    text : str
        Zone-file text.  ``$TTL`` is 3600 unless given; SOA and NS may be left out.

    Raises
    ------
    ZoneSyntaxError
        If the text is not a zone.
    """
    import dns.exception
    import dns.rdatatype
    import dns.zone

    try:
        zone = dns.zone.from_text(
            f"$TTL {DEFAULT_TTL_S}\n{text}", origin=f"{origin}.", relativize=False, check_origin=False
        )
    except (dns.exception.DNSException, ValueError) as error:
        match = _LINE.match(str(error))
        line = int(match[1]) - 2 if match else 1  # the $TTL line, and it counts ahead
        raise ZoneSyntaxError(max(line, 1), _LINE.sub("", str(error)) or str(error)) from error
    records = []
    for name, ttl_s, data in zone.iterate_rdatas():
        owner = name.to_text(omit_final_dot=True).lower()
        type = dns.rdatatype.to_text(data.rdtype)
        value: object
        if type == "MX":
            value = (data.preference, data.exchange.to_text(omit_final_dot=True).lower())
            if value[1] in ("", "."):
                value = (data.preference, "")
        elif type == "SOA":
            value = data.minimum
        else:
            value = data.to_text().rstrip(".").lower() if type in ("CNAME", "NS") else data.to_text()
        records.append(Record(owner, type, ttl_s, value))
    if not any(record.type == "SOA" for record in records):
        records.append(Record(origin, "SOA", DEFAULT_TTL_S, DEFAULT_TTL_S))
    return records
