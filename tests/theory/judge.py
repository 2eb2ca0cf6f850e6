"""Whether what was measured is what theory says.

A figure agrees if it is within its margin of theory (3 % for most) or within four standard
errors, *and* those are no wider than a limit, so that a poor measurement does not pass for a good
one.  In the long form the limit is the margin; in the short form, which the tests run, it is
twice as much, so a figure that is a tenth off is still found: 10 % is 4 standard errors of at most
6 %, and half as many again.  What has no closed form of its own precision is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scipy.stats import t as student
from theory.cases import case, figures
from theory.estimate import Estimate

__all__ = ["Finding", "Measured", "Plan", "Study", "Within", "judge"]

N_ERRORS = 4.0


class Plan(NamedTuple):
    """How long to measure.

    Attributes
    ----------
    replications : int
    sets : tuple of str
        Overrides of the scenario.
    n : int
        What else there is to be counted: messages, lookups.
    batches : int
        Parts of each run that count as runs.
    """

    replications: int = 1
    sets: tuple[str, ...] = ()
    n: int = 0
    batches: int = 1


class Within(NamedTuple):
    """What comes from one run, and how far it may be off: absolute, from below and above.

    Attributes
    ----------
    value : float
    margin : float
    """

    value: float
    margin: float


Measured = Mapping[str, Estimate | Within | float]


class Study(NamedTuple):
    """A case and how it is measured.

    Attributes
    ----------
    case : str
        Its name in ``tests/data/theory.json``.
    measure : callable
        Returns the figures: an `Estimate`, a value `Within` a margin, or a number that is exact.
    short, long : Plan
        For the tests, and for ``make theory``.
    scenario : str
        File in ``experiments/theory``; that of the case's name if empty.
    tails : frozenset of str
        Figures known too poorly in the short form: four standard errors, however wide.
    left_out : mapping of str to str
        Figures that are not measured, each with the reason.
    note : str
        What there is to say of the verdicts.
    """

    case: str
    measure: Callable[[Plan], Measured]
    short: Plan
    long: Plan
    scenario: str = ""
    tails: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = {}
    note: str = ""


class Finding(NamedTuple):
    """A figure, measured.

    Attributes
    ----------
    case, figure : str
    expected, measured : float
    error : float
        Standard error; 0 of what is exact.
    freedom : int
        Its degrees of freedom.
    margin : float
        So far off theory is agreement.
    limit : float
        Four standard errors must not be more, else nothing is decided.
    """

    case: str
    figure: str
    expected: float
    measured: float
    error: float
    freedom: int
    margin: float
    limit: float

    @property
    def half_width(self) -> float:
        """Half of the 95 % confidence interval (Student's t)."""
        return float(student.ppf(0.975, self.freedom)) * self.error if self.freedom else 0.0

    @property
    def verdict(self) -> str:
        """``agrees``, ``disagrees``, or ``undecided`` if it is not known well enough."""
        width = N_ERRORS * self.error
        if not abs(self.measured - self.expected) <= max(self.margin, width):  # NaN is wrong
            return "disagrees"
        return "agrees" if width <= self.limit else "undecided"

    def if_theory_were(self, factor: float) -> Finding:
        """Return the same measurement beside a theory that says so many times as much."""
        return self._replace(
            expected=self.expected * factor,
            margin=self.margin * factor,
            limit=self.limit * factor,
        )

    def __str__(self) -> str:
        if not self.expected:
            return f"{self.figure}: {self.measured:.6g} for 0: {self.verdict}"
        off, width = self.measured / self.expected - 1, N_ERRORS * self.error / self.expected
        return (
            f"{self.figure}: {self.measured:.6g} for {self.expected:.6g}, {off:+.2%}, "
            f"4 standard errors {width:.2%}: {self.verdict}"
        )


def judge(study: Study, plan: Plan) -> list[Finding]:
    """Measure a case and compare each of its figures.

    Raises
    ------
    LookupError
        If a figure of the case is neither measured nor left out with a reason.
    """
    measured, expected = study.measure(plan), figures(study.case)
    if strange := (measured.keys() | study.left_out.keys()) ^ expected.keys():
        raise LookupError(f"{study.case}: {', '.join(sorted(strange))}")
    tolerance = case(study.case)["tol"]
    found = []
    for figure, value in measured.items():
        theory = expected[figure]
        if isinstance(value, Estimate):
            margin = tolerance.get("delta_rel", tolerance.get("rel", 0.02)) * abs(theory)
            limit = margin if plan is study.long else 2 * margin
            value, error, freedom = value
        elif isinstance(value, Within):
            value, margin = value
            limit, error, freedom = margin, 0.0, 0
        else:
            margin = max(tolerance.get("rel", 1e-9) * abs(theory), tolerance.get("abs", 0.0))
            limit, error, freedom = margin, 0.0, 0
        found.append(Finding(study.case, figure, theory, value, error, freedom, margin, limit))
    return found
