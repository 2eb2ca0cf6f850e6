"""Write europe.graphml: a European backbone of 74 cities, made for mailsim.

The cities and their coordinates are real, the cables are not: no operator's map was copied.
Each of the rings below joins its cities in order; every city is then joined to the two nearest
ones, so that most have more than one way out; a few pairs are added by hand where a sea or a
mountain range would otherwise force a detour.

Latency of a link: great-circle distance x 1.3 (cables follow roads, railways and coasts), at two
thirds of the speed of light in vacuum (the refractive index of glass is about 1.5).  Bandwidth:
400 Gbit/s on the core ring, 100 Gbit/s on the other rings, 10 Gbit/s elsewhere.

    python experiments/networks/make_europe.py

The file is the same on every run: nothing is drawn at random.
"""

from __future__ import annotations

from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import networkx as nx

__all__ = ["europe"]

EARTH_RADIUS_KM = 6371.0
LIGHT_IN_GLASS_KM_PER_MS = 299.792458 * 2 / 3
DETOUR = 1.3

# City, country, latitude and longitude in degrees.
CITIES = """
Amsterdam NL 52.37 4.90       | Antwerp BE 51.22 4.40         | Athens GR 37.98 23.73
Barcelona ES 41.39 2.17       | Bari IT 41.12 16.87           | Basel CH 47.56 7.59
Belgrade RS 44.79 20.45       | Bergen NO 60.39 5.32          | Berlin DE 52.52 13.41
Bilbao ES 43.26 -2.93         | Bordeaux FR 44.84 -0.58       | Bratislava SK 48.15 17.11
Brno CZ 49.20 16.61           | Brussels BE 50.85 4.35        | Bucharest RO 44.43 26.10
Budapest HU 47.50 19.04       | Chisinau MD 47.01 28.86       | Cluj RO 46.77 23.59
Cologne DE 50.94 6.96         | Copenhagen DK 55.68 12.57     | Dublin IE 53.35 -6.26
Dusseldorf DE 51.23 6.78      | Edinburgh GB 55.95 -3.19      | Florence IT 43.77 11.26
Frankfurt DE 50.11 8.68       | Gdansk PL 54.35 18.65         | Geneva CH 46.20 6.15
Gothenburg SE 57.71 11.97     | Graz AT 47.07 15.44           | Hamburg DE 53.55 9.99
Hanover DE 52.37 9.73         | Helsinki FI 60.17 24.94       | Istanbul TR 41.01 28.98
Krakow PL 50.06 19.94         | Leipzig DE 51.34 12.37        | Lille FR 50.63 3.06
Lisbon PT 38.72 -9.14         | Ljubljana SI 46.06 14.51      | London GB 51.51 -0.13
Luxembourg LU 49.61 6.13      | Lyon FR 45.76 4.84            | Madrid ES 40.42 -3.70
Malmo SE 55.60 13.00          | Manchester GB 53.48 -2.24     | Marseille FR 43.30 5.37
Milan IT 45.46 9.19           | Munich DE 48.14 11.58         | Naples IT 40.85 14.27
Nice FR 43.70 7.27            | Nuremberg DE 49.45 11.08      | Oslo NO 59.91 10.75
Palermo IT 38.12 13.36        | Paris FR 48.86 2.35           | Porto PT 41.15 -8.61
Poznan PL 52.41 16.93         | Prague CZ 50.08 14.44         | Riga LV 56.95 24.11
Rome IT 41.90 12.50           | Sarajevo BA 43.86 18.41       | Seville ES 37.39 -5.99
Skopje MK 41.99 21.43         | Sofia BG 42.70 23.32          | Stockholm SE 59.33 18.07
Strasbourg FR 48.57 7.75      | Stuttgart DE 48.78 9.18       | Tallinn EE 59.44 24.75
Thessaloniki GR 40.64 22.94   | Toulouse FR 43.60 1.44        | Valencia ES 39.47 -0.38
Vienna AT 48.21 16.37         | Vilnius LT 54.69 25.28        | Warsaw PL 52.23 21.01
Zagreb HR 45.81 15.98         | Zurich CH 47.38 8.54
"""

# Every ring is closed: its last city is joined to its first.
CORE_RING = "London Amsterdam Hamburg Berlin Prague Vienna Munich Zurich Milan Marseille Lyon Paris"
OTHER_RINGS = (
    "Amsterdam Dusseldorf Cologne Frankfurt Strasbourg Paris Brussels Antwerp",
    "Frankfurt Nuremberg Munich Stuttgart",
    "Hamburg Copenhagen Gothenburg Oslo Stockholm Malmo Berlin",
    "Stockholm Helsinki Tallinn Riga Vilnius Warsaw Gdansk",
    "Berlin Poznan Warsaw Krakow Brno Prague Leipzig",
    "Vienna Bratislava Budapest Belgrade Zagreb Ljubljana Graz",
    "Budapest Cluj Bucharest Istanbul Sofia Belgrade",
    "Sofia Skopje Thessaloniki Athens",
    "Milan Florence Rome Naples Bari",
    "Marseille Barcelona Valencia Madrid Bilbao Bordeaux Toulouse",
    "Madrid Porto Lisbon Seville",
    "London Manchester Edinburgh Dublin",
)
BY_HAND = (
    ("Bari", "Athens"),
    ("Bergen", "Edinburgh"),
    ("Chisinau", "Bucharest"),
    ("Frankfurt", "Paris"),
    ("Frankfurt", "Berlin"),
    ("Frankfurt", "Zurich"),
    ("Hamburg", "Frankfurt"),
    ("Lisbon", "London"),
    ("London", "Paris"),
    ("Palermo", "Rome"),
    ("Sarajevo", "Zagreb"),
)


def europe() -> nx.Graph:
    """Return the network: nodes with their place, links with ``latency_ms`` and ``bandwidth``."""
    graph = nx.Graph(name="europe")
    for entry in CITIES.replace("\n", "|").split("|"):
        if entry.strip():
            city, country, latitude, longitude = entry.split()
            graph.add_node(city, country=country, lat=float(latitude), lon=float(longitude))
    _join_ring(graph, CORE_RING, "400 Gbit/s")
    for ring in OTHER_RINGS:
        _join_ring(graph, ring, "100 Gbit/s")
    for city in sorted(graph):
        near = sorted((_distance_km(graph, city, other), other) for other in graph if other != city)
        for _, other in near[:2]:
            _join(graph, city, other, "10 Gbit/s")
    for one, other in BY_HAND:
        _join(graph, one, other, "100 Gbit/s")
    return graph


def _join_ring(graph: nx.Graph, ring: str, bandwidth: str) -> None:
    cities = ring.split()
    for one, other in pairwise([*cities, cities[0]]):
        _join(graph, one, other, bandwidth)


def _join(graph: nx.Graph, one: str, other: str, bandwidth: str) -> None:
    """Join two cities, unless an earlier and wider link does so already."""
    if not graph.has_node(one) or not graph.has_node(other):
        raise ValueError(f"no such city: {one} or {other}")
    if not graph.has_edge(one, other):
        latency_ms = _distance_km(graph, one, other) * DETOUR / LIGHT_IN_GLASS_KM_PER_MS
        graph.add_edge(one, other, latency_ms=round(latency_ms, 3), bandwidth=bandwidth)


def _distance_km(graph: nx.Graph, one: str, other: str) -> float:
    """Great-circle distance by the haversine formula, on a sphere."""
    lat_1, lon_1 = radians(graph.nodes[one]["lat"]), radians(graph.nodes[one]["lon"])
    lat_2, lon_2 = radians(graph.nodes[other]["lat"]), radians(graph.nodes[other]["lon"])
    chord = sin((lat_2 - lat_1) / 2) ** 2
    chord += cos(lat_1) * cos(lat_2) * sin((lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(chord))


if __name__ == "__main__":
    path = Path(__file__).with_name("europe.graphml")
    network = europe()
    nx.write_graphml_xml(network, path, named_key_ids=True)
    print(f"{path.name}: {len(network)} cities, {network.number_of_edges()} links")
