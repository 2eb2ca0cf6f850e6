"""The smallest scenario with a queue: one server, one source, no network to speak of."""

from __future__ import annotations

from pathlib import Path

__all__ = ["QUEUE", "queue_file"]

QUEUE = """\
mailsim: 1
duration: 20s
zones:
  example.org: |
    @    86400 IN MX  10 mx
    mx   86400 IN A   192.0.2.25
hosts:
  clients.example.org: {clients: {submit_to: mx.example.org, port: 25, tls: none}}
  mx.example.org:
    listen: {25: {tls: none}}
    backlog: unlimited
    postfix: {default_process_limit: 1}
    service_time: {exponential: {mean: 100ms}}
  ns.example.org: {dns: [example.org]}
network: {topology: star, center: ix}
links:
  - {between: "*", latency: 0ms, bandwidth: unlimited}
traffic:
  mail: {from: example.org, to: example.org, arrivals: {poisson: 8/s}, size: 2 kB}
"""


def queue_file(place: Path, sweep: str = "", name: str = "queue.yaml") -> Path:
    """Write the scenario, with a sweep if one is given; return its file."""
    path = place / name
    path.write_text(f"{QUEUE}sweep:\n{sweep}" if sweep else QUEUE, encoding="utf-8")
    return path
