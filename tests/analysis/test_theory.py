"""Runs beside theory: which model fits a station, how well, and why none does."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.analysis import beside_theory, theory_text
from mailsim.analysis.stations import Figure, Fit
from mailsim.experiment.stations import plant_of

THEORY = Path(__file__).parents[2] / "experiments" / "theory"
MX = "mx.example.org:25"
SHORT = ("duration=60s", "warmup=1s")
RECEIVER = "hosts.mx.example.org.receiver"
LIMITED = (
    f"{RECEIVER}={{self-hosted: {{connections_per_ip: unlimited, ip_rate: 10/s, ip_burst: 5}}}}"
)
OVERRUN = "traffic.mail.arrivals={poisson: 12/s}"
UNIFORM = "hosts.mx.example.org.service_time={uniform: {low: 0ms, high: 200ms}}"
SERVICE = "hosts.mx.example.org.service_time"
CONSTANTS = "[{share: 50%, of: 0s}, {share: 50%, of: 400ms}]"
MANY = "hosts.mx.example.org.postfix.default_process_limit=1000"


def fits(name: str, *sets: str) -> dict[str, Fit]:
    experiment = ms.load(THEORY / f"{name}.yaml", *sets)
    found = beside_theory(experiment.run().frames, plant_of(experiment.scenario))
    return {fit.station: fit for fit in found}


def agrees(figure: Figure) -> bool:
    """Tell whether theory is within twice the half-width: of ten windows that is 99.9 %."""
    low, high = figure.measured.low, figure.measured.high
    slack = figure.measured.half_width + 1e-9
    return low - slack <= figure.theory <= high + slack


@pytest.mark.parametrize(
    ("name", "station", "model", "sets"),
    [
        ("mm1_rho80", MX, "M/M/1", ("duration=180s", "warmup=40s")),
        ("mm1_rho80", MX, "M/M/1/4", ("duration=120s", "hosts.mx.example.org.backlog=3")),
        ("mm5_rho80", MX, "M/M/5", ("duration=60s", "warmup=10s")),
        ("erlangB_c10_a8", MX, "M/M/10/10, Erlang B", ("duration=200s",)),
        ("md1_rho80", MX, "M/D/1", ("duration=200s", "warmup=20s")),
        ("mg1_logn_cv4", MX, "M/G/1", ("duration=160s", "warmup=20s", UNIFORM)),
        ("open_connections", MX, "M/G/inf", ("duration=120s",)),
        ("ps_link", "link ix - mx.example.org", "processor sharing", ("duration=100s",)),
        (
            "mm1_rho80",
            "limit of mx.example.org",
            "token bucket, M/D/1/5",
            (*SHORT, LIMITED, OVERRUN, MANY),
        ),
    ],
)
def test_a_station_that_fits_a_model_keeps_to_it(
    name: str, station: str, model: str, sets: tuple[str, ...]
) -> None:
    fit = fits(name, *sets)[station]
    assert (fit.model, fit.why_not) == (model, ())
    assert "Poisson arrivals at " in fit.about
    assert {figure.name for figure in fit.figures} >= {"P_block"} or len(fit.figures) > 1
    assert [figure.name for figure in fit.figures if not agrees(figure)] == []


@pytest.mark.parametrize(
    ("name", "sets", "mean_s", "cv2"),
    [
        ("mg1_hyperexp_scan", (), 0.1, 5.5),
        ("mm1_rho80", (f"{SERVICE}={{weibull: {{mean: 200ms, shape: 0.5}}}}",), 0.2, 5.0),
        ("mm1_rho80", (f"{SERVICE}={{mixture: {CONSTANTS}}}",), 0.2, 1.0),
    ],
)
def test_the_moments_of_service(
    name: str, sets: tuple[str, ...], mean_s: float, cv2: float
) -> None:
    times = plant_of(ms.load(THEORY / f"{name}.yaml", *sets).scenario).slots[0].times
    assert (times.mean_s, times.cv2) == (pytest.approx(mean_s), pytest.approx(cv2))


def test_arrivals_that_are_not_poisson_say_so() -> None:
    (fit,) = fits("closed", *SHORT).values()
    assert "arrivals are not Poisson: traffic mail is closed" in fit.why_not


def test_a_jackson_network() -> None:
    """Nine clients a second come to the second server, six of them by way of the first."""
    found = fits("tandem", "duration=150s", "warmup=10s")
    first, fit = found["relay.example.org:25"], found[MX]
    assert (first.model, fit.model) == ("M/M/1", "M/M/1")
    assert first.figures[0].theory == pytest.approx(0.6)
    assert "behind relay.example.org" in fit.about
    theory = {figure.name: figure.theory for figure in fit.figures}
    assert theory["util"] == pytest.approx(0.72, rel=0.01)
    assert all(agrees(figure) for figure in (*first.figures, *fit.figures))


@pytest.mark.parametrize(
    ("name", "sets", "why"),
    [
        (
            "mm1_rho80",
            ("traffic.mail.arrivals={every: 200ms}",),
            "arrivals are not Poisson: traffic mail is every",
        ),
        ("mm1_rho80", (OVERRUN,), "no steady state: the load is 1.2 of what it can do"),
        ("mm1_rho80", ("duration=8s",), "fewer than 100 came after the warm-up"),
        (
            "mm1_rho80",
            ("faults=[{host_down: mx.example.org, at: 30s, for: 1s}]",),
            "faults change it during the run",
        ),
        (
            "mm5_rho80",
            ("hosts.mx.example.org.service_time=100ms", "duration=20s"),
            "service is not exponential (squared variation 0 instead of 1): M/G/5 has no",
        ),
        (
            "mg1_logn_cv4",
            ("hosts.mx.example.org.backlog=3",),
            "service is not exponential, and a full backlog turned ",
        ),
        ("ps_link", (), "how long a slot is held depends on who else uses a shared link"),
        ("mm1_rho80", (LIMITED, OVERRUN, MANY), "the receiver refuses "),
        (
            "tandem",
            ("hosts.mx.example.org.service_time={exponential: {mean: 130ms}}",),
            "no steady state: the load is 1.1",
        ),
        (
            "tandem",
            ("hosts.relay.example.org.service_time=100ms",),
            "arrivals are not Poisson: relay.example.org sends, from no M/M/c station",
        ),
        (
            "tandem",
            ("hosts.relay.example.org.transports.out.maxproc=1",),
            "arrivals are not Poisson: relay.example.org keeps messages in its queue",
        ),
    ],
)
def test_why_none_fits(name: str, sets: tuple[str, ...], why: str) -> None:
    fit = fits(name, *SHORT, *sets)[MX]
    assert (fit.model, fit.figures) == ("", ())
    assert [reason for reason in fit.why_not if reason.startswith(why)]


@pytest.mark.parametrize(
    ("station", "sets", "why"),
    [
        (
            "link ix - mx.example.org",
            ("links.0.latency=5ms",),
            "latency, loss or another shared link sets the pace of some who use it",
        ),
        (
            "link ix - mx.example.org",
            ("hosts.mx.example.org.postfix.default_process_limit=1",),
            "some wait for a worker slot, with the connection open",
        ),
        (
            "limit of mx.example.org",
            (LIMITED.replace("ip_burst: 5", "cool_down: 5s"),),
            "the receiver limits other things, too: cool_down",
        ),
    ],
)
def test_why_a_link_or_a_limit_fits_none(station: str, sets: tuple[str, ...], why: str) -> None:
    fit = fits("ps_link", *SHORT, *sets)[station]
    assert fit.model == ""
    assert why in fit.why_not


DELAY = "hosts.relay.example.org.transports.out"
QUICK = (
    "hosts.mx.example.org.service_time={uniform: {low: 0ms, high: 60ms}}",
    "hosts.mx.example.org.postfix.default_process_limit=100",
)


@pytest.mark.parametrize(
    ("set_", "to", "model"),
    [
        (f"{DELAY}.transport_rate_delay=120ms", "", "token bucket of one, M/D/1"),
        (
            f"{DELAY}.destination_rate_delay=80ms",
            " to out:[mx.example.org]",
            "token bucket of one, M/G/1",
        ),
    ],
)
def test_a_rate_delay(set_: str, to: str, model: str) -> None:
    """Of 120 ms in all, the mean delivery included: 72 % of what it can do."""
    fit = fits("tandem", "duration=150s", "warmup=10s", *QUICK, set_)
    found = fit[f"rate delay of relay.example.org{to}"]
    assert found.model == model
    theory = {figure.name: figure.theory for figure in found.figures}
    assert theory["P_wait"] == pytest.approx(6 * (0.12 if not to else 0.11), rel=0.03)
    assert all(agrees(figure) for figure in found.figures)


@pytest.mark.parametrize(
    ("sets", "why"),
    [
        (
            ("hosts.relay.example.org.service_time=100ms",),
            "arrivals are not Poisson: what comes in passes no M/M/c station",
        ),
        ((f"{DELAY}.destination_rate_delay=1ms",), "two delays at once"),
        ((f"{DELAY}.transport_rate_delay=200ms",), "no steady state: the load is 1.2 of what it"),
    ],
)
def test_why_a_rate_delay_fits_none(sets: tuple[str, ...], why: str) -> None:
    given = (*SHORT, *QUICK, f"{DELAY}.transport_rate_delay=10ms", *sets)
    found = [f for name, f in fits("tandem", *given).items() if name.startswith("rate delay")]
    assert [reason for fit in found for reason in fit.why_not if reason.startswith(why)]


def test_what_else_takes_time_is_part_of_the_service() -> None:
    """Five round trips of 10 ms, and the service: measured, and no longer exponential."""
    sets = ("links.0.latency=5ms", OVERRUN.replace("12/s", "3/s"))
    fit = fits("mm1_rho80", "duration=100s", "warmup=1s", *sets)[MX]
    assert fit.model == "M/G/1"
    assert "measured mean service of " in fit.about
    assert all(agrees(figure) for figure in fit.figures)


def test_the_text_marks_what_lies_outside() -> None:
    interval = ms.analysis.Interval
    figures = (
        Figure("Wq", 0.4, interval(0.5, 0.3, 0.7, 10)),
        Figure("P_wait", 0.8, interval(0.4, 0.3, 0.5, 10)),
        Figure("Lq", 0.0, interval(0.0, 0.0, 0.0, 10)),
    )
    shown = theory_text(
        [Fit("mx:25", "M/M/1", "so and so", (), figures), Fit("mx:26", "", "", ("why", "and"), ())]
    )
    assert shown.splitlines() == [
        "mx:25  M/M/1",
        "  so and so",
        "                           theory   measured               error",
        "  mean wait                400 ms   500 ms ± 200 ms        +25.0%",
        "  share who wait              0.8   0.4 ± 0.1              -50.0% !",
        "  mean number waiting           0   0                      -",
        "mx:26  no model fits",
        "  why",
        "  and",
    ]
    many = [Fit(f"mx{i}:25", "", "", ("why",), ()) for i in range(5)]
    assert theory_text(many) == "mx0:25, mx1:25, mx2:25 and 2 more  no model fits\n  why"
    assert theory_text([]) == "nobody came to any station"
