package io.aitta.client;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a key that has a value has still to live.
 *
 * @param version of its value
 * @param remaining at least a millisecond; empty: it never expires
 */
public record TimeToLive(long version, Optional<Duration> remaining) {}
