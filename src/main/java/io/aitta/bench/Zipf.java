package io.aitta.bench;

import java.util.random.RandomGenerator;

/**
 * Ranks by Zipf's law with the exponent of YCSB, 0.99: rank k comes up in proportion to k to the power of minus it.
 *
 * <p>By rejection and inversion (W. Hörmann, G. Derflinger: Rejection-inversion to generate variates from monotone
 * discrete distributions, 1996), which needs no sum over all ranks: it is ready at once, however many there are.
 * Immutable.
 */
final class Zipf {
    private static final double EXPONENT = 0.99;
    /** Below it, the first terms of a series are more exact than the function. */
    private static final double SMALL = 1e-8;

    private static final double S = 2 - integralInverse(integral(2.5) - height(2));
    private static final double INTEGRAL_OF_FIRST = integral(1.5) - 1;

    private final long ranks;
    private final double integralOfAll;

    /** @param ranks above 0 */
    Zipf(long ranks) {
        if (ranks < 1) {
            throw new IllegalArgumentException("there must be at least 1 rank, not " + ranks);
        }
        this.ranks = ranks;
        this.integralOfAll = integral(ranks + 0.5);
    }

    long ranks() {
        return ranks;
    }

    /** 1 (the most frequent) to the number of ranks. */
    long rank(RandomGenerator random) {
        while (true) {
            double u = integralOfAll + random.nextDouble() * (INTEGRAL_OF_FIRST - integralOfAll);
            double x = integralInverse(u);
            long k = Math.max(1, Math.min(ranks, (long) (x + 0.5)));
            if (k - x <= S || u >= integral(k + 0.5) - height(k)) {
                return k;
            }
        }
    }

    private static double height(double x) {
        return Math.exp(-EXPONENT * Math.log(x));
    }

    private static double integral(double x) {
        double log = Math.log(x);
        double y = (1 - EXPONENT) * log;
        return (Math.abs(y) > SMALL ? Math.expm1(y) / y : 1 + y / 2) * log;
    }

    private static double integralInverse(double x) {
        double t = Math.max(-1, x * (1 - EXPONENT));
        return Math.exp((Math.abs(t) > SMALL ? Math.log1p(t) / t : 1 - t / 2) * x);
    }
}
