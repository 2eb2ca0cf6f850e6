"""Latency from distance: great circles on a spherical earth, light in glass."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

__all__ = ["fibre_ns", "great_circle_km"]

EARTH_KM = 6371.0088
"""Mean radius: IUGG, Moritz, Geodetic Reference System 1980, J. Geodesy 74(1), 2000."""
LIGHT_KM_S = 299_792.458
"""In vacuum; by definition of the metre."""
IN_GLASS = 2 / 3
"""Share of it in fibre: Katz-Bassett et al., Towards IP Geolocation Using Delay and Topology
Measurements, IMC 2006; the index of refraction of glass fibre is 1.47."""


def great_circle_km(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the length of the shortest way over the ground between two points.

    Parameters
    ----------
    here, there : tuple of float
        Latitude and longitude in degrees.

    Notes
    -----
    The haversine formula, which is exact to rounding for near points too: Sinnott, Virtues of
    the haversine, Sky and Telescope 68(2), 1984.

    Examples
    --------
    >>> round(great_circle_km((52.52, 13.40), (48.86, 2.35)))  # Berlin, Paris
    877
    """
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(radians, point)) for point in (here, there))
    half = sin((lat_b - lat_a) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def fibre_ns(km: float) -> int:
    """Return how long light takes through so many kilometres of fibre: 5 us for each.

    A cable is longer than the great circle; by how much is not modelled.

    Examples
    --------
    >>> fibre_ns(1000)
    5003461
    """
    return round(km / (LIGHT_KM_S * IN_GLASS) * 1e9)
