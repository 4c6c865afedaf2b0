"""Prometheus metrics of one process. Labels are names of methods and codes, never of users."""

import functools
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gateway import Observation

CONTENT_TYPE = CONTENT_TYPE_LATEST
LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What is counted; each instance has a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "dietcare_rpc",
            "Calls that ended, by RPC and gRPC status code.",
            ["method", "code"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "dietcare_rpc_seconds",
            "Time from the arrival of a call to its answer.",
            ["method"],
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.errors = Counter(
            "dietcare_rpc_errors",
            "Calls that failed, by RPC and reason.",
            ["method", "reason"],
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "dietcare_calls_in_flight",
            "Calls that are being served.",
            registry=self.registry,
        )
        self.shed = Counter(
            "dietcare_calls_shed",
            "Calls refused because too many were in flight, by RPC.",
            ["method"],
            registry=self.registry,
        )
        self.http = Counter(
            "dietcare_http_answers",
            "Answers over HTTP, by route and status; those that never became a call included.",
            ["route", "status"],
            registry=self.registry,
        )
        # Found each time, a pair of labels costs more than it counts.
        self._http = functools.cache(self.http.labels)
        self.sightings = Counter(
            "dietcare_vision_sightings",
            "Pictures looked at, by outcome (model, cache, failure).",
            ["outcome"],
            registry=self.registry,
        )

        self.limit_fallbacks = Counter(
            "dietcare_limit_fallbacks",
            "Limits asked of others because Redis did not answer.",
            registry=self.registry,
        )
        self.limit_units_lost = Counter(
            "dietcare_limit_units_lost",
            "Units of calls that failed, or were free, which could not be given back.",
            registry=self.registry,
        )

    def show_certificate(self, expires_at_s: Callable[[], float]) -> None:
        """Tell when the TLS certificate ends, in epoch seconds, whenever the metrics are read."""
        Gauge(
            "dietcare_tls_certificate_expires_at_seconds",
            "When the certificate that is served ends, as seconds since 1970.",
            registry=self.registry,
        ).set_function(expires_at_s)

    def show_token_keys(self, known_at_s: Callable[[], float]) -> None:
        """Tell when the keys of tokens were fetched last, in epoch seconds; 0 for never."""
        Gauge(
            "dietcare_token_keys_fetched_at_seconds",
            "When the published keys of tokens were fetched last, as seconds since 1970.",
            registry=self.registry,
        ).set_function(known_at_s)

    def observe_http(self, seen: Observation) -> None:
        """Count an answer of the gateway."""
        self._http(seen.route or "none", seen.status).inc()

    def exposition(self) -> bytes:
        """Everything counted so far, in Prometheus' text format."""
        return generate_latest(self.registry)
