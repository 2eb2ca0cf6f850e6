"""Make the golden transcript of first_mail anew: ``python tests/golden/insert.py``.

It goes here and into the docs: docs/journey.md has all of it, README.md what a first look needs,
with ``...`` for the rest.  Look at the difference before you commit it: this is what the protocol
machines say.
"""

from __future__ import annotations

import re
from pathlib import Path

import mailsim as ms

ROOT = Path(__file__).parents[2]
COMMAND = "$ mailsim transcript results/first_mail --message 1\n"


EHLO_REPLY = re.compile(r"S: 250[- ](?!\d\.)")
TRANSACTION = re.compile(r"C: MAIL|S: 250 .* queued as")
END = re.compile(r"C: QUIT|S: 221")


def shortened(transcript: str) -> str:
    """Return a transcript without EHLO replies and contents; of later hops hardly anything.

    Of the last hop its transaction and the Received lines stay, for they tell the whole way.
    """
    sessions = [session.splitlines() for session in transcript.strip().split("\n\n")]
    shown: list[str] = []
    for number, (heading, *lines) in enumerate(sessions):
        shown += ["", heading] if number else [heading]
        is_content = is_received = False
        for line in lines:
            said = line[14:]  # after the time
            if is_content and said != "C: .":
                is_received = said.startswith(("C: Received:", "C: \t")[: 1 + is_received])
                keeps = is_received and number == len(sessions) - 1
            elif number == 0:
                keeps = EHLO_REPLY.match(said) is None and END.match(said) is None
            else:
                keeps = TRANSACTION.match(said) is not None and number == len(sessions) - 1
            is_content = said.startswith("S: 354") or (is_content and said != "C: .")
            if keeps:
                shown.append(line)
            elif shown[-1] != "...":
                shown.append("...")
    return "\n".join(shown) + "\n"


def insert(page: Path, text: str) -> None:
    """Put what the command prints into a page."""
    before = page.read_text(encoding="utf-8")
    block = re.compile(rf"{re.escape(COMMAND)}.*?^```$", re.MULTILINE | re.DOTALL)
    assert len(block.findall(before)) == 1, page
    page.write_text(block.sub(lambda _: f"{COMMAND}{text}```", before), encoding="utf-8")


def main() -> None:
    """Write the transcript of ``first_mail`` into its golden file and into the documentation."""
    transcript = ms.load(ROOT / "experiments" / "first_mail.yaml").run(seed=1).transcript(1) + "\n"
    (ROOT / "tests" / "golden" / "first_mail.txt").write_text(transcript, encoding="utf-8")
    insert(ROOT / "docs" / "journey.md", transcript)
    insert(ROOT / "README.md", shortened(transcript))


if __name__ == "__main__":
    main()
