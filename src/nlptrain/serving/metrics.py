"""What the server counts, in Prometheus' text format."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

TEXT_FORMAT = CONTENT_TYPE_PLAIN_0_0_4

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_REQUESTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The numbers of one server; two servers in a process share none."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "nlptrain_requests",
            "Requests answered, by path and status.",
            ["path", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "nlptrain_request_seconds",
            "Time from a request's head to the end of its answer.",
            ["path"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.strings = Counter(
            "nlptrain_strings", "Strings predicted, by model.", ["model"], registry=self._registry
        )
        self.gathered = Histogram(
            "nlptrain_gathered_requests",
            "Requests computed together.",
            buckets=_REQUESTS,
            registry=self._registry,
        )
        self.active = Gauge(
            "nlptrain_active_requests", "Requests being answered.", registry=self._registry
        )
        # To look a label up takes longer than to count.
        self._counter = cache(self.requests.labels)
        self._timer = cache(self.seconds.labels)
        self._strings = cache(self.strings.labels)

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._counter(path, status).inc()
        self._timer(path).observe(seconds)

    def count_strings(self, model: str, number: int) -> None:
        """Count strings predicted by a model."""
        self._strings(model).inc(number)

    def text(self) -> bytes:
        """Write all numbers."""
        return generate_latest(self._registry)
