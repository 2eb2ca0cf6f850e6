"""Make europe.graphml: a made-up backbone over real cities.

The cities and their coordinates are facts; the links are ours: each city is joined to its
nearest neighbours, and one tree of shortest links keeps all of them connected.  Latency is the
great-circle distance at two thirds of the speed of light with a detour factor of 1.3.

Run it as ``python experiments/networks/make_europe.py``; it writes the file beside itself.
"""

from __future__ import annotations

import math
from pathlib import Path

import networkx as nx

CITIES = """
amsterdam 52.37 4.90|antwerp 51.22 4.40|athens 37.98 23.73|barcelona 41.39 2.17|bari 41.12 16.87
basel 47.56 7.59|belgrade 44.79 20.45|bergen 60.39 5.32|berlin 52.52 13.41|bilbao 43.26 -2.93
birmingham 52.49 -1.89|bologna 44.49 11.34|bordeaux 44.84 -0.58|bratislava 48.15 17.11
bremen 53.08 8.80|brussels 50.85 4.35|bucharest 44.43 26.10|budapest 47.50 19.04
cologne 50.94 6.96|copenhagen 55.68 12.57|dresden 51.05 13.74|dublin 53.35 -6.26
edinburgh 55.95 -3.19|florence 43.77 11.26|frankfurt 50.11 8.68|gdansk 54.35 18.65
geneva 46.20 6.14|genoa 44.41 8.93|gothenburg 57.71 11.97|graz 47.07 15.44|hamburg 53.55 9.99
hannover 52.38 9.73|helsinki 60.17 24.94|istanbul 41.01 28.98|krakow 50.06 19.94|leeds 53.80 -1.55
leipzig 51.34 12.37|lille 50.63 3.06|lisbon 38.72 -9.14|ljubljana 46.06 14.51|london 51.51 -0.13
luxembourg 49.61 6.13|lyon 45.76 4.84|madrid 40.42 -3.70|malmo 55.60 13.00|manchester 53.48 -2.24
marseille 43.30 5.37|milan 45.46 9.19|munich 48.14 11.58|nantes 47.22 -1.55|naples 40.85 14.27
nice 43.71 7.26|nuremberg 49.45 11.08|oslo 59.91 10.75|palermo 38.12 13.36|paris 48.86 2.35
porto 41.15 -8.61|poznan 52.41 16.93|prague 50.08 14.44|riga 56.95 24.11|rome 41.90 12.50
rotterdam 51.92 4.48|salzburg 47.81 13.04|sarajevo 43.86 18.41|seville 37.39 -5.98
sofia 42.70 23.32|stockholm 59.33 18.07|strasbourg 48.57 7.75|stuttgart 48.78 9.18
tallinn 59.44 24.75|thessaloniki 40.64 22.94|toulouse 43.60 1.44|turin 45.07 7.69
valencia 39.47 -0.38|vienna 48.21 16.37|vilnius 54.69 25.28|warsaw 52.23 21.01|wroclaw 51.11 17.04
zagreb 45.81 15.98|zurich 47.38 8.54
"""
HUBS = ("amsterdam", "frankfurt", "london", "paris", "stockholm", "vienna", "milan", "madrid")
NEIGHBOURS = 3
LIGHT_KM_S = 299_792.458
DETOUR = 1.3


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance of two points given as latitude and longitude."""
    (lat1, lon1), (lat2, lon2) = [tuple(map(math.radians, point)) for point in (a, b)]
    h = math.sin((lat2 - lat1) / 2) ** 2
    h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(h))


def europe() -> nx.Graph:
    """Return the network."""
    graph = nx.Graph(name="europe")
    places: dict[str, tuple[float, float]] = {}
    for entry in CITIES.replace("\n", "|").split("|"):
        if entry:
            name, lat, lon = entry.split()
            places[name] = (float(lat), float(lon))
            graph.add_node(name, latitude=float(lat), longitude=float(lon))
    full = nx.Graph()
    for a in places:
        for b in places:
            if a < b:
                full.add_edge(a, b, km=distance_km(places[a], places[b]))
    links = set(nx.minimum_spanning_edges(full, weight="km", data=False))
    for city in places:
        near = sorted(full[city], key=lambda other: full[city][other]["km"])
        links |= {(city, other) for other in near[:NEIGHBOURS]}
    links |= {(a, b) for a in HUBS for b in HUBS if a < b}
    for a, b in sorted({tuple(sorted(link)) for link in links}):
        km = full[a][b]["km"] * DETOUR
        is_trunk = a in HUBS and b in HUBS
        graph.add_edge(
            a,
            b,
            latency_ms=round(max(km / (LIGHT_KM_S * 2 / 3) * 1000, 0.1), 3),
            bandwidth="100 Gbit/s" if is_trunk else "10 Gbit/s",
        )
    return graph


if __name__ == "__main__":
    nx.write_graphml(europe(), Path(__file__).with_name("europe.graphml"), encoding="utf-8")
