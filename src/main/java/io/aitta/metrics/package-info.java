/**
 * What a node tells of itself in numbers: its Prometheus registry, the meters that the other rooms are handed to count with,
 * the slow log, and what {@code info} is made of. Knows nothing of what it measures; docs/METRICS.md lists every metric.
 */
package io.aitta.metrics;
