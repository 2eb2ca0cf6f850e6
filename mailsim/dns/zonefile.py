"""Zone-file text to records: RFC 1035 section 5, read by dnspython.

Runs when a scenario is loaded, never while a simulation runs.  What a scenario may leave out
is filled in: ``$TTL`` is 3600, and a zone without an SOA gets one whose minimum is 3600.
"""

from __future__ import annotations

import re
from typing import Any

from mailsim.dns.records import Record
from mailsim.errors import MailsimError

__all__ = ["DEFAULT_TTL_S", "ZoneSyntaxError", "line_of", "parse_zone"]

DEFAULT_TTL_S = 3600
"""TTL of records that state none, and the minimum of an SOA that is added."""
_LONGEST_TTL_S = 2**31 - 1
"""RFC 2181 section 8."""
_MALFORMED = "Text input is malformed."
"""All that dnspython says of 192.0.2.256."""


class ZoneSyntaxError(MailsimError):
    """A line of a zone file cannot be read.

    Parameters
    ----------
    line : int
        Number of the line within the text, from 1.
    message : str
        What is wrong with it.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


def parse_zone(origin: str, text: str) -> list[Record]:
    """Return the records of a zone, the SOA first.

    Parameters
    ----------
    origin : str
        Name of the zone; ``@`` and relative names of the text refer to it.
    text : str
        The zone file.  ``$ORIGIN``, ``$TTL`` and ``$GENERATE`` may be used, ``$INCLUDE`` not.

    Returns
    -------
    list of Record
        In the order of the text, but for the SOA; records of one name and type have one TTL.

    Raises
    ------
    ZoneSyntaxError
        If a line cannot be read, or is not of this zone.
    """
    read, _ = _read(origin, text)
    records = [
        _record(_plain(name), rdataset.ttl, rdata)
        for name, rdataset in read.iterate_rdatasets()
        for rdata in rdataset
    ]
    return _soa_first(origin, records)


def line_of(origin: str, text: str, record: Record) -> int:
    """Return the line of a zone that a record of it comes from, from 1.

    It is looked for when something is wrong with a record, which is rare, so the text is read
    again.  The TTL of the record does not count; 1 for an SOA that was added.

    Parameters
    ----------
    origin, text : str
        As for :func:`parse_zone`, which has read them without an error.
    record : Record
    """
    _, lines = _read(origin, text)
    for name, rdata, line in lines:
        found = _record(_plain(name), record.ttl_s, rdata)
        if found == record:
            return line
    return 1


def _read(origin: str, text: str) -> tuple[Any, list[tuple[Any, Any, int]]]:
    """Return dnspython's zone, and name, rdata and line of each record."""
    import dns.exception
    import dns.name
    import dns.rdataclass
    import dns.tokenizer
    import dns.zone
    import dns.zonefile

    try:
        apex = dns.name.from_text(origin)
    except dns.exception.DNSException as error:
        raise ZoneSyntaxError(1, f"{origin!r} is not the name of a zone: {error}") from error

    class Lines(dns.tokenizer.Tokenizer):
        began = 1

        def get(
            self, want_leading: bool = False, want_comment: bool = False
        ) -> dns.tokenizer.Token:
            # The reader asks for both at the start of a line, and only there.  When a line
            # fails, where() may be behind its end already.
            if want_leading and want_comment:
                self.began = int(self.where()[1])
            return super().get(want_leading, want_comment)

    lines = Lines(text)
    found: list[tuple[Any, Any, int]] = []
    zone = dns.zone.Zone(apex, relativize=False)
    with zone.writer(replacement=True) as txn:
        add: Any = txn.add

        def noted(name: Any, ttl: Any, rdata: Any) -> None:
            if ttl > _LONGEST_TTL_S:
                raise ValueError(_no_ttl(ttl))
            add(name, ttl, rdata)
            found.append((name, rdata, lines.began))

        txn.add = noted
        reader = dns.zonefile.Reader(
            lines, dns.rdataclass.IN, txn, allow_include=False, default_ttl=DEFAULT_TTL_S
        )
        reader.zone_origin = dns.name.root  # else names outside are dropped without a word
        try:
            reader.read()
        except KeyError as error:
            raise ZoneSyntaxError(lines.began, f"this name is not in the zone {origin}") from error
        except (dns.exception.DNSException, ValueError) as error:
            raise ZoneSyntaxError(lines.began, _reason(error)) from error
    return zone, found


def _reason(error: Exception) -> str:
    # "<string>:2: text" -> "text"
    text = str(error).split(": ", 1)[-1] if str(error).startswith("<") else str(error)
    number = re.fullmatch(r"unknown rdatatype '(-?\d+)'", text)
    if number is not None:
        return _no_ttl(number[1])
    text = text.replace(_MALFORMED, "the data of this record do not fit its type")
    return text.replace("expecting", "expected") or "this line cannot be read"


def _no_ttl(value: object) -> str:
    return f"expected a TTL from 0 to {_LONGEST_TTL_S} s, got {value}"


def _plain(name: Any) -> str:
    text: str = name.to_text(omit_final_dot=True)
    return "" if text == "." else text.lower()


def _record(name: str, ttl_s: int, rdata: Any) -> Record:
    import dns.rdatatype

    kind = dns.rdatatype.to_text(rdata.rdtype)
    data: str | int | tuple[int, str]
    if kind == "MX":
        data = (rdata.preference, _plain(rdata.exchange))
    elif kind == "SOA":
        data = rdata.minimum
    elif kind == "TXT":
        # RFC 7208 section 3.3: the strings of one record are joined without a space.
        data = b"".join(rdata.strings).decode("utf-8", "replace")
    elif kind in ("CNAME", "NS", "PTR"):
        data = _plain(rdata.target)
    else:
        data = rdata.to_text()
    return Record(name, kind, ttl_s, data)


def _soa_first(origin: str, records: list[Record]) -> list[Record]:
    soa = [record for record in records if record.type == "SOA"]
    if not soa:
        apex = origin.lower().rstrip(".")
        soa = [Record(apex, "SOA", DEFAULT_TTL_S, DEFAULT_TTL_S)]
    return soa + [record for record in records if record.type != "SOA"]
