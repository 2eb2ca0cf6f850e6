"""From the tables of a run to numbers: nothing here has ever seen a live world."""

from mailsim.analysis.batch_means import BatchMeans, batch_means, of_batches
from mailsim.analysis.depth import depth_steps, peak_depths, time_average
from mailsim.analysis.expectations import (
    Expectation,
    Judgement,
    Verdict,
    judged,
    parse_expectation,
)
from mailsim.analysis.expressions import Expression, parse_measure, read_measure, size_name
from mailsim.analysis.finding import Change, Finding
from mailsim.analysis.frames import Frames
from mailsim.analysis.intervals import (
    Interval,
    mean_interval,
    paired_difference,
    quantile_interval,
    share_interval,
)
from mailsim.analysis.limit_story import limit_story
from mailsim.analysis.limits import binding_limit
from mailsim.analysis.littles_law import littles_law, unlawful_queues
from mailsim.analysis.points import by_point, differences
from mailsim.analysis.search import Outcome, Search
from mailsim.analysis.stopping import is_precise, replications_needed
from mailsim.analysis.story import message_story
from mailsim.analysis.summary import summarize
from mailsim.analysis.theory import beside_theory
from mailsim.analysis.theory_text import theory_text
from mailsim.analysis.transcript import session_transcript, transcript
from mailsim.analysis.warmup import mser5, settled_at
from mailsim.analysis.windows import measured_in_batches
from mailsim.analysis.words import duration_text, interval_text, number_text

__all__ = [
    "BatchMeans",
    "Change",
    "Expectation",
    "Expression",
    "Finding",
    "Frames",
    "Interval",
    "Judgement",
    "Outcome",
    "Search",
    "Verdict",
    "batch_means",
    "beside_theory",
    "binding_limit",
    "by_point",
    "depth_steps",
    "differences",
    "duration_text",
    "interval_text",
    "is_precise",
    "judged",
    "limit_story",
    "littles_law",
    "mean_interval",
    "measured_in_batches",
    "message_story",
    "mser5",
    "number_text",
    "of_batches",
    "paired_difference",
    "parse_expectation",
    "parse_measure",
    "peak_depths",
    "quantile_interval",
    "read_measure",
    "replications_needed",
    "session_transcript",
    "settled_at",
    "share_interval",
    "size_name",
    "summarize",
    "theory_text",
    "time_average",
    "transcript",
    "unlawful_queues",
]
