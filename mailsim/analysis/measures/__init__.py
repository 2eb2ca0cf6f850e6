"""What can be measured of a run, by name: ``p95(delay, traffic=people)``, ``rate(bounced)``.

An expression is a *measure*, with a *function* around it where it has many values, and *filters*::

    mean(delay)                         p95(delay, to_domain=example.net)
    rate(bounced, traffic=newsletter)   count(deferred)
    max(queue_depth, host=mx1.example.org)
    finished                            finished(traffic=newsletter)

>>> from mailsim.analysis import parse_measure
>>> str(parse_measure("p95( delay,traffic = people )"))
'p95(delay, traffic=people)'

One file, one registered class each; :mod:`mailsim.analysis.expressions` reads and evaluates.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from mailsim.registry import Room

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Measure", "Sample", "measure", "measures"]


class Sample(NamedTuple):
    """What a measure has found in a run.

    Attributes
    ----------
    values : numpy.ndarray
        Its values in its unit, float64.
    weights : numpy.ndarray or None
        How much each counts, such as the time for which a depth held; all the same if None.
    """

    values: np.ndarray
    weights: np.ndarray | None = None


class Measure(ABC):
    """Something that can be measured in the tables of a run, after its warm-up.

    Attributes
    ----------
    unit : str
        Of its values: ``"s"``, ``"recipients/s"``.  Empty for what happened or did not.
    functions : tuple of str
        What may be said of it: ``mean min max std count sum rate quantile``; none if it is a
        single value already.
    filters : tuple of str
        By what it can be narrowed: ``traffic``, ``host`` and so on.
    """

    unit: ClassVar[str] = "s"
    functions: ClassVar[tuple[str, ...]] = ()
    filters: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return its values in a run.

        Parameters
        ----------
        frames : Frames
        filters : mapping of str to str
            By name; only such as the class names.
        """


measures: Room[Measure] = Room("measure", "mailsim.analysis.measures", Measure)
measure = measures.register
