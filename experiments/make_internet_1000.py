"""Write internet_1000.yaml: 200 mail domains in an internet of 1000 networks.

    python experiments/make_internet_1000.py

Ten mail providers have a domain each and are the exchangers of 110 firms; 80 more firms run a
server of their own, and every fourth of these writes itself.  Shares follow Zipf's law.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["text"]

HERE = Path(__file__).parent
PROVIDERS, HOSTED, OWN = 10, 110, 80
WRITERS = range(0, OWN, 4)

HEAD = """\
# Question: how much of a delivery's time is distance, and how much is looking up names, when mail
#           goes all over the world to domains that one has not written to for a while?
# Assumptions: a random internet (see the topology's source) with invented domains; shares of
# recipients follow Zipf's law with exponent 1; ten providers serve more than half of the
# domains; caches are cold at the start.  Made by make_internet_1000.py.
mailsim: 1
description: 200 mail domains in an internet of 1000 networks.
seed: 20261125
start: "2026-11-25T09:00:00Z"
duration: 20min
smoke: {duration: 1min}

network: {topology: internet, nodes: 1000, seed: 25}
links:
  - {between: "*", latency: 1ms, bandwidth: 1 Gbit/s}   # links of hosts; the others have a length
"""


def text() -> str:
    """Return the scenario."""
    providers = [f"post{i}.example" for i in range(1, PROVIDERS + 1)]
    hosted = [f"firm{i}.example" for i in range(1, HOSTED + 1)]
    own = [f"works{i}.example" for i in range(1, OWN + 1)]
    zones, hosts, served = {}, {}, {provider: [provider] for provider in providers}
    for i, domain in enumerate(providers, 1):
        zones[domain] = f"@ 300 IN MX 10 mx\\nmx 300 IN A 198.18.{i}.25"
    for i, domain in enumerate(hosted):
        provider = providers[i % PROVIDERS]
        zones[domain] = f"@ 3600 IN MX 10 mx.{provider}."
        served[provider].append(domain)
    for i, domain in enumerate(own):
        zones[domain] = f"@ 3600 IN MX 10 mx\\nmx 3600 IN A 198.19.{i}.25"
        served[providers[i % PROVIDERS]].append(domain)
    listen = "listen: {25: {}, 587: {}}, users: {me: {password: secret}}"
    for domain in providers:
        hosts[f"mx.{domain}"] = f"{{at: provider, {listen}, service_time: *large}}"
        hosts[f"ns.{domain}"] = f"{{at: mx.{domain}, dns: [{', '.join(served[domain])}]}}"
        hosts[f"homes.{domain}"] = f"{{at: access, clients: {{count: 50, submit_to: mx.{domain}}}}}"
    for i, domain in enumerate(own):
        ports = f"{listen}, " if i in WRITERS else ""
        hosts[f"mx.{domain}"] = f"{{at: business, {ports}service_time: *small}}"
        if i in WRITERS:
            place = f"at: mx.{domain}"
            hosts[f"office.{domain}"] = (
                f"{{{place}, clients: {{count: 5, submit_to: mx.{domain}}}}}"
            )
    everyone = [domain for row in zip(own, hosted, strict=False) for domain in row]
    everyone = [*providers, *everyone, *hosted[OWN:]]
    lines = [HEAD, "zones:"]
    lines += [f'  {domain}: "{zone}"' for domain, zone in zones.items()]
    lines += ["", "hosts:"]
    first = {
        "*large": "&large {lognormal: {mean: 15ms, cv: 1.5}}",
        "*small": "&small {lognormal: {mean: 40ms, cv: 1.5}}",
    }
    for name, host in hosts.items():
        for alias in [alias for alias in first if alias in host]:
            host = host.replace(alias, first.pop(alias))
        lines.append(f"  {name}: {host}")
    lines += ["", "traffic:"]
    to = "&everyone\n" + "\n".join(f"      {d}: {share}%" for d, share in shares(everyone))
    for domain in [*providers, *(own[i] for i in WRITERS)]:
        rate = "20/min" if domain in providers else "2/min"
        lines.append(
            f"  {domain.removesuffix('.example')}:\n    from: {domain}\n    size: 20 kB\n"
            f"    arrivals: {{poisson: {rate}}}\n    to: {to}"
        )
        to = "*everyone"
    return "\n".join(lines) + "\n"


def shares(domains: list[str]) -> list[tuple[str, str]]:
    """Return each domain's share by Zipf's law in percent; what rounding leaves is the first's."""
    weights = [1 / rank for rank in range(1, len(domains) + 1)]
    hundredths = [round(10_000 * weight / sum(weights)) for weight in weights]
    hundredths[0] += 10_000 - sum(hundredths)
    return [(d, f"{n // 100}.{n % 100:02}") for d, n in zip(domains, hundredths, strict=True)]


if __name__ == "__main__":
    (HERE / "internet_1000.yaml").write_text(text(), encoding="utf-8")
