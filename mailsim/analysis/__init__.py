"""From the tables of a run to numbers: nothing here has ever seen a live world."""

from mailsim.analysis.depth import depth_steps, peak_depths, time_average
from mailsim.analysis.frames import Frames
from mailsim.analysis.intervals import (
    Interval,
    mean_interval,
    paired_difference,
    quantile_interval,
)
from mailsim.analysis.littles_law import littles_law
from mailsim.analysis.points import by_point, differences
from mailsim.analysis.summary import summarize
from mailsim.analysis.transcript import session_transcript, transcript
from mailsim.analysis.words import duration_text, interval_text, number_text

__all__ = [
    "Frames",
    "Interval",
    "by_point",
    "depth_steps",
    "differences",
    "duration_text",
    "interval_text",
    "littles_law",
    "mean_interval",
    "number_text",
    "paired_difference",
    "peak_depths",
    "quantile_interval",
    "session_transcript",
    "summarize",
    "time_average",
    "transcript",
]
