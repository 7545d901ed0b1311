"""Our figures as OTLP's metrics (opentelemetry-proto): each request tells what came to pass in one span of time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.metrics.v1 import metrics_pb2 as proto
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from agents.base.otlp import Value, key_values

DELTA = proto.AGGREGATION_TEMPORALITY_DELTA
Attributes = tuple[tuple[str, Value], ...]


@dataclass
class Histogram:
    """`bounds`: the upper limit of each bucket but the last. Points are kept by their attributes."""

    name: str
    unit: str
    bounds: Sequence[float]
    points: dict[Attributes, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, value: float, attributes: Mapping[str, Value]) -> None:
        self.points[tuple(attributes.items())].append(value)

    def as_proto(self, start_ns: int, end_ns: int) -> proto.Metric:
        told = [
            proto.HistogramDataPoint(
                attributes=key_values(dict(attributes)),
                count=len(values),
                sum=sum(values),
                min=min(values),
                max=max(values),
                bucket_counts=self._counts(values),
                explicit_bounds=self.bounds,
                start_time_unix_nano=start_ns,
                time_unix_nano=end_ns,
            )
            for attributes, values in self.points.items()
        ]
        return proto.Metric(
            name=self.name, unit=self.unit, histogram=proto.Histogram(data_points=told, aggregation_temporality=DELTA)
        )

    def _counts(self, values: Iterable[float]) -> list[int]:
        counts = [0] * (len(self.bounds) + 1)
        for value in values:
            counts[bisect_left(self.bounds, value)] += 1
        return counts


@dataclass
class Counter:
    """A sum that only grows, by its attributes."""

    name: str
    unit: str
    points: dict[Attributes, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, value: int, attributes: Mapping[str, Value]) -> None:
        self.points[tuple(attributes.items())] += value

    def as_proto(self, start_ns: int, end_ns: int) -> proto.Metric:
        told = [
            proto.NumberDataPoint(
                attributes=key_values(dict(attributes)),
                as_int=value,
                start_time_unix_nano=start_ns,
                time_unix_nano=end_ns,
            )
            for attributes, value in self.points.items()
        ]
        return proto.Metric(
            name=self.name,
            unit=self.unit,
            sum=proto.Sum(data_points=told, aggregation_temporality=DELTA, is_monotonic=True),
        )


def request(
    metrics: Iterable[Histogram | Counter],
    *,
    start_ns: int,
    end_ns: int,
    resource: Mapping[str, Value],
    scope: str,
) -> bytes:
    """An ExportMetricsServiceRequest of all that have points; times in nanoseconds since 1970."""
    told = [metric.as_proto(start_ns, end_ns) for metric in metrics if metric.points]
    scoped = proto.ScopeMetrics(scope=InstrumentationScope(name=scope), metrics=told)
    of = Resource(attributes=key_values(resource))
    whole = proto.ResourceMetrics(resource=of, scope_metrics=[scoped])
    return ExportMetricsServiceRequest(resource_metrics=[whole]).SerializeToString()
