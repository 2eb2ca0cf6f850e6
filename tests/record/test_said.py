"""What was said, by column, is the same as line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailsim.message.legible import lines_of
from mailsim.record.log import schema_of
from mailsim.record.said import Said
from mailsim.record.tables import TABLES

LINE = st.sampled_from([b"", b".", b"NOOP", b"\xff", "ü€".encode(), b"a\nb", b"\r", b"a\x85"])
OCTETS = st.lists(LINE, min_size=1, max_size=4).map(lambda lines: b"\r\n".join([*lines, b""]))
ENTRY = st.tuples(
    st.integers(0, 10**15), st.integers(1, 9), st.integers(0, 9), st.sampled_from("CS-"), OCTETS,
    st.integers(-1, 0), st.integers(0, 10**9),
)  # fmt: skip


@given(st.lists(st.lists(ENTRY, min_size=1, max_size=5), min_size=1, max_size=3))
def test_rows(parts: list[list[tuple[int, int, int, str, bytes, int, int]]]) -> None:
    said = Said()
    for entries in parts:
        expected = []
        for at_ns, session, message, side, octets, odd, n_odd in entries:
            said.add(at_ns, session, message, side, octets, odd, n_odd)
            lines = lines_of(octets)
            if odd:
                lines[odd] = (lines[odd][0], n_odd)
            expected += [
                (at_ns / 1e9, at_ns / 1e9, session, message or None, side, text, n)
                for text, n in lines
            ]
        assert len(said) == len(entries)
        table = said.taken(schema_of(TABLES["events"]))
        table.validate(full=True)
        assert [tuple(row.values()) for row in table.to_pylist()] == expected
        assert len(said) == 0
