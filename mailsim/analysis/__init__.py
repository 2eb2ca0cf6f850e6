"""From the tables of a run to numbers: nothing here has ever seen a live world."""

from mailsim.analysis.depth import depth_steps, peak_depths, time_average
from mailsim.analysis.frames import Frames
from mailsim.analysis.littles_law import littles_law
from mailsim.analysis.summary import summarize
from mailsim.analysis.transcript import session_transcript, transcript
from mailsim.analysis.words import duration_text, number_text

__all__ = [
    "Frames",
    "depth_steps",
    "duration_text",
    "littles_law",
    "number_text",
    "peak_depths",
    "session_transcript",
    "summarize",
    "time_average",
    "transcript",
]
