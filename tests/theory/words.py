"""What the figures of ``tests/data/theory.json`` are, and in what they count."""

from __future__ import annotations

__all__ = ["told"]

S, PER_S, BYTES_PER_S, MESSAGES, SHARE = "s", "1/s", "B/s", "messages", ""
_WORDS = {
    "L": ("there", MESSAGES),
    "Lq": ("waiting", MESSAGES),
    "L_hop": ("at a hop", MESSAGES),
    "N_star": ("people from which on the server is the limit", "people"),
    "P_block": ("refused", SHARE),
    "P_block_first": ("refused at the first attempt", SHARE),
    "P_bounce": ("bounced", SHARE),
    "P_delayed": ("delayed", SHARE),
    "P_first": ("delivered at the first attempt", SHARE),
    "P_flag": ("flagged", SHARE),
    "P_gt_75": ("time with more than 75 open", SHARE),
    "P_reject": ("refused", SHARE),
    "P_wait": ("who wait", SHARE),
    "R": ("time there", S),
    "W": ("time there", S),
    "W_100kB": ("time of 100 kB", S),
    "W_1MB": ("time of 1 MB", S),
    "W_hop": ("time at a hop", S),
    "W_p50": ("time there, median", S),
    "W_p95": ("time there, 95th percentile", S),
    "W_p99": ("time there, 99th percentile", S),
    "Wq": ("wait", S),
    "Wq_approx_KLB": ("wait, beside Kraemer and Langenbach-Belz", S),
    "Wq_cond": ("wait of who waits", S),
    "Wq_lower_marchal": ("wait, beside Marchal's lower bound", S),
    "Wq_m2": ("wait, second moment", "s^2"),
    "Wq_p95": ("wait, 95th percentile", S),
    "Wq_p99": ("wait, 99th percentile", S),
    "Wq_upper_daley": ("wait, beside Daley's upper bound", S),
    "Wq_upper_kingman": ("wait, beside Kingman's upper bound", S),
    "affected": ("late", MESSAGES),
    "attempt_rate": ("attempts", PER_S),
    "attempts": ("attempts a message", ""),
    "backlog": ("kept waiting at the end of the outage", MESSAGES),
    "bound": ("deliveries, 20 at a time", PER_S),
    "bound_100": ("deliveries, 100 at a time", PER_S),
    "conc_measured": ("at a time, mean (0) and deviation (1)", "deliveries"),
    "cubic_rfc9438": ("CUBIC", BYTES_PER_S),
    "defer_fluid": ("deferred, no queue", SHARE),
    "defer_measured": ("deferred, as published", SHARE),
    "defer_theory": ("deferred, theory", SHARE),
    "delay": ("delay", S),
    "delay_area": ("delays, sum", S),
    "drain": ("until all are gone", S),
    "drain_constant_20": ("until all are gone, 20 from the start", S),
    "drain_feedback_1": ("until all are gone, feedback 1", S),
    "drain_feedback_1_over_N": ("until all are gone, feedback 1/N", S),
    "goodput": ("taken", PER_S),
    "hit": ("from the cache", SHARE),
    "last": ("delay of the last", S),
    "mathis_ack_every": ("Reno", BYTES_PER_S),
    "mathis_delack": ("Reno, delayed acknowledgments", BYTES_PER_S),
    "max": ("delay, most", S),
    "max_delay": ("delay, most", S),
    "mean_at_noon_phase": ("open at noon", "connections"),
    "mean_delay": ("delay", S),
    "mean_delay_affected": ("delay of who is late", S),
    "mean_delay_delivered": ("delay of what is delivered", S),
    "mean_delay_walk": ("delay, by another derivation", S),
    "min": ("delay, least", S),
    "miss": ("looked up", SHARE),
    "missed_share_of_inbox": ("spam in the inbox", SHARE),
    "orbit": ("who will try again", MESSAGES),
    "p90": ("delay, 90th percentile", S),
    "p999": ("delay, 99.9th percentile", S),
    "parallel": ("five lists at once", S),
    "peak": ("open at most", "connections"),
    "peak_lag_after_rate_peak_s": ("peak after that of arrivals", S),
    "per_msg": ("time a message", S),
    "pftk_b2_rto1": ("Reno, delayed acknowledgments, with timeouts", BYTES_PER_S),
    "ppv": ("spam in what is flagged", SHARE),
    "rate": ("deliveries", PER_S),
    "refused_per_s": ("refused", PER_S),
    "rho": ("load", SHARE),
    "retries_per_msg": ("retries a message", ""),
    "rounds": ("round trips", ""),
    "rtts": ("round trips", ""),
    "sd": ("delay, deviation", S),
    "sd_parallel": ("five lists at once, deviation", S),
    "sequential": ("five lists in turn", S),
    "sigma": ("who wait, as the root of the case's equation", SHARE),
    "slowdown": ("slowdown", ""),
    "t_bounce": ("until a bounce", S),
    "t_msg_100": ("delay of the 100th", S),
    "thr": ("served", PER_S),
    "thr_bound": ("served at most", PER_S),
    "time": ("transfer", S),
    "time_packet_level": ("transfer, by packets", S),
    "upstream_qps": ("lookups", PER_S),
    "upstream_ratio": ("looked up", SHARE),
    "util": ("slots in use", SHARE),
    "var_W": ("time there, variance", "s^2"),
    "var": ("open, variance", ""),
}
_OF_CONNECTIONS = {"mean": ("open", "connections"), "p99": ("open, 99th percentile", "connections")}
_OF_ATTEMPTS = {"attempts": ("attempt", S)}
_OF_DELAYS = {"mean": ("delay", S), "p99": ("delay, 99th percentile", S)}
_OF_CASE = {"mginf_connections": _OF_CONNECTIONS, "postfix_schedule_phase81": _OF_ATTEMPTS}


def told(case: str, figure: str) -> str:
    """Return a figure in words, with what it is a figure of, and its unit.

    Raises
    ------
    KeyError
        If nobody has said what it is.
    """
    name, _, of = figure.partition(" ")
    words, unit = (_WORDS | _OF_DELAYS | _OF_CASE.get(case, {}))[name]
    return f"{words}{f', {of}' if of else ''}{f' ({unit})' if unit else ''}"
