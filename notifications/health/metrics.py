"""What /metrics says, in Prometheus' format. All of it is asked from the database and the queue at that moment.

So each web process gives the same answer, on any machine, and none keeps count of anything.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notifications.channels.registry import outside
from notifications.health import measures
from notifications.health.checks import findings, queue_length
from notifications.health.measures import Counts
from notifications.models import Delivery
from notifications.selectors import database_state, overdue

logger = logging.getLogger(__name__)

PROVIDERS_OF = {"sms": "SMS", "whatsapp": "WhatsApp", "voice": "call"}
State = Delivery.State
UNFINISHED = (State.PENDING, State.SENDING, State.RETRY)
FINISHED = (State.SENT, State.DELIVERED, State.FAILED, State.EXPIRED, State.CANCELLED)


def exposition(*, now: datetime, accept: str) -> tuple[bytes, str]:
    """The metrics, and the content type of the version of the format that fits the Accept header best.

    `now` is aware. What can't be asked for now is left out; `medguard_up` says so of each part.
    """
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry()
    registry.register(SiteCollector(now))
    return encode(registry), content_type


class SiteCollector(Collector):
    """The whole site as it is now; one for each answer."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        for family in (
            self._up,
            self._unfinished,
            self._finished,
            self._overdue,
            self._queue,
            self._consumers,
            self._providers,
            self._transactions,
            self._rows,
        ):
            yield from self._ask(family)

    def _ask(self, family: Callable[[], Iterable[Metric]]) -> Iterable[Metric]:
        try:
            return list(family())
        except Exception:
            # One part that is down mustn't hide what the others say, least of all that it is down.
            logger.exception(
                "The metrics of %(family)s can't be told.", {"family": family.__name__.strip("_")}
            )
            return []

    def _up(self) -> Iterator[Metric]:
        metric = GaugeMetricFamily("medguard_up", "1 when this part of the site is well.", labels=["part"])
        for finding in findings(now=self.now):
            metric.add_metric([finding.name], float(finding.well))
        yield metric

    def _unfinished(self) -> Iterator[Metric]:
        yield _by_channel_and_state(
            "medguard_deliveries_unfinished",
            "Deliveries that wait, are being sent, or will be tried again.",
            measures.unfinished_deliveries(),
            UNFINISHED,
        )

    def _finished(self) -> Iterator[Metric]:
        yield _by_channel_and_state(
            "medguard_deliveries_finished_last_hour",
            "Deliveries that came to an end within the last hour.",
            measures.deliveries_finished_lately(now=self.now),
            FINISHED,
        )

    def _overdue(self) -> Iterator[Metric]:
        metric = GaugeMetricFamily(
            "medguard_overdue_seconds",
            "How late the longest waiting one is; 0 when none is late.",
            labels=["work"],
        )
        for work, seconds in overdue.OVERDUE.items():
            metric.add_metric([work], seconds(now=self.now))
        yield metric

    def _queue(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "medguard_queue_length", "Tasks that wait in the queue for a worker.", value=queue_length()
        )

    def _consumers(self) -> Iterator[Metric]:
        seen = measures.consumers(now=self.now)
        yield GaugeMetricFamily(
            "medguard_consumers", "Consumers that gave a sign of life lately.", value=seen.alive
        )
        if seen.silent_seconds is not None:
            yield GaugeMetricFamily(
                "medguard_consumer_heartbeat_age_seconds",
                "Time since the last sign of life of any consumer.",
                value=seen.silent_seconds,
            )

    def _providers(self) -> Iterator[Metric]:
        up = measures.providers()
        for channel, label in PROVIDERS_OF.items():
            metric = GaugeMetricFamily(
                f"medguard_{channel}_provider_up",
                f"1 while this {label} provider takes messages.",
                labels=["provider"],
            )
            for name in (name for of_channel, name in up if of_channel == channel):
                metric.add_metric([name], float(up[channel, name]))
            yield metric

    def _transactions(self) -> Iterator[Metric]:
        # Without a number on SQLite, which knows neither.
        found = database_state.transactions()
        yield GaugeMetricFamily(
            "medguard_oldest_transaction_seconds",
            "How long the oldest transaction of another session has been open; 0 when none is. On PostgreSQL alone.",
            value=None if found is None else found.oldest_seconds,
        )
        yield GaugeMetricFamily(
            "medguard_hidden_sessions",
            "Sessions of other accounts that can't be looked into (pg_read_all_stats). On PostgreSQL alone.",
            value=None if found is None else found.hidden,
        )

    def _rows(self) -> Iterator[Metric]:
        metric = GaugeMetricFamily(
            "medguard_table_rows",
            "About how many rows are in use, and how many dead ones wait for a vacuum. On PostgreSQL alone.",
            labels=["table", "state"],
        )
        for table in database_state.hot_tables():
            metric.add_metric([table.name, "live"], table.live)
            metric.add_metric([table.name, "dead"], table.dead)
        yield metric


def _by_channel_and_state(name: str, words: str, counts: Counts, states: Iterable[str]) -> Metric:
    """With a 0 for what there is none of: an alarm can't tell a missing number from a broken one."""
    found = {(channel, str(state)): 0 for channel in outside() for state in states}
    found |= {(channel, state): count for channel, state, count in counts}
    metric = GaugeMetricFamily(name, words, labels=["channel", "state"])
    for labels, count in sorted(found.items()):
        metric.add_metric(list(labels), count)
    return metric
