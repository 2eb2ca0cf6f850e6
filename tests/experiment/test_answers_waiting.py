"""The figures of docs/answers.md about mail that waits come out of the experiments."""

from __future__ import annotations

import pandas as pd
import pytest
from answers import percent, run, said, told, tries

from mailsim.analysis.words import duration_text
from mailsim.units import parse_duration

POSTFIX = "hosts.out.example.org.postfix"
SENDERS = (
    "postfix-3.12", "exim", "exchange", "sendmail", "opensmtpd", "haraka", "stalwart", "kumomta",
    "gmail", "hotmail", "yahoo", "aol",
)  # fmt: skip


def greylisted(preset: str, delay: str, *sets: str) -> pd.Series:
    greylist = f"hosts.mx.example.net.policies.0.greylist.delay={delay}"
    done = run("greylisting", f"hosts.out.example.org.preset={preset}", greylist, *sets)
    mail = done.deliveries[done.deliveries["traffic"] == "first"]
    assert mail["fate"].nunique() == 1
    return mail["delay_s"].where(mail["fate"] == "delivered")


@pytest.mark.slow
@pytest.mark.parametrize("preset", SENDERS)
def test_greylisting(preset: str) -> None:
    few = [] if "postfix" in preset else ["traffic.first.bulk.recipients=2"]  # all wait alike
    waits = [greylisted(preset, delay, *few) for delay in ("1min", "5min", "50min")]
    cells = [duration_text(wait.mean()) if wait.notna().all() else "gives up" for wait in waits]
    told(f"`{preset}`", *cells)
    if "postfix" in preset:  # 300 s, and then a scan of 300 s that is met at any time
        assert len(waits[1]) == 97
        assert waits[1].mean() == pytest.approx(450, abs=300 / 97 + 1)
    else:
        assert waits[2].isna().all() or waits[2].max() - waits[2].min() < 1


@pytest.mark.slow
def test_greylisting_of_who_retries_early() -> None:
    sets = [f"{POSTFIX}.minimal_backoff_time=1min", f"{POSTFIX}.queue_run_delay=1min"]
    waits = [greylisted("postfix-3.12", delay, *sets) for delay in ("1min", "5min", "50min")]
    told("the same, retrying after a minute", *(duration_text(wait.mean()) for wait in waits))


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["yes", "no"])
@pytest.mark.parametrize("timeout", ["30s", "5s"])
def test_dead_exchanger(timeout: str, kept: str) -> None:
    sets = [f"smtp_connect_timeout={timeout}", f"smtp_connection_cache_on_demand={kept}"]
    mail = run("dead_exchanger", *(f"{POSTFIX}.{each}" for each in sets)).deliveries
    assert (mail["fate"] == "delivered").all()
    waits = mail.groupby("traffic")["delay_s"]
    last, mean = waits.max(), waits.mean()
    cells = [duration_text(round(last[f"bulk_{how}"])) for how in ("preferred", "equal", "backup")]
    cells += [f"{mean[f'single_{how}']:.1f} s" for how in ("preferred", "equal", "backup")]
    told(duration_text(parse_duration(timeout) / 1e9), kept, *cells)
    extra = mean["single_preferred"] - mean["single_backup"]
    assert extra == pytest.approx(parse_duration(timeout) / 1e9, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["4h", "1d", "2d", "5d"])
def test_giving_up(kept: str) -> None:
    done = run("giving_up", f"{POSTFIX}.maximal_queue_lifetime={kept}")
    groups = done.deliveries.groupby("traffic")
    arrived = groups["fate"].agg(lambda fates: (fates == "delivered").mean())
    assert arrived["hours3"] == 1
    lost = done.deliveries[done.deliveries["traffic"] == "misspelt"]
    assert (lost["fate"] == "expired").all()
    attempts = tries(done, "out").query("message in @lost['message']")
    connected = attempts[~attempts["reply"].str.contains("delivery temporarily suspended")]
    told(
        duration_text(parse_duration(kept) / 1e9),
        *(percent(arrived[how]) for how in ("hours12", "hours36", "days4")),
        duration_text(round(lost["delay_s"].mean() / 3600) * 3600),
        f"{len(attempts) / 40:.0f}",
        f"{len(connected) / 40:.0f}",
    )
    if kept == "5d":
        reports = done.reports.query("action == 'delayed' and message in @lost['message']")
        at = reports.set_index("message")["at_s"]
        waits = at - lost.set_index("message")["submitted_at_s"]
        assert len(waits) == 40
        said(f"after {duration_text(waits.min())} to {duration_text(waits.max())}")
