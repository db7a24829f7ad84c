package io.aitta.core.topology;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Dividing a number of things in proportion to weights, under limits: first in fractions, then in whole things. */
final class Shares {
    // Far above what the bisection leaves as error, far below any real difference between shares.
    private static final double TOLERANCE = 1e-6;

    private Shares() {}

    /**
     * The level at which a function that never falls reaches {@code total}.
     *
     * @param top a level at which it has reached it
     */
    static double level(DoubleUnaryOperator filled, double total, double top) {
        double low = 0;
        double high = top;
        for (int step = 0; step < 100; step++) {
            double middle = (low + high) / 2;
            if (filled.applyAsDouble(middle) < total) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /**
     * Parts in proportion to the weights, none above its cap, that add up to {@code total}.
     *
     * @param weights above 0
     * @param caps with a sum of at least {@code total}
     */
    static double[] proportional(int[] weights, int[] caps, double total) {
        double top = 0;
        for (int i = 0; i < weights.length; i++) {
            top = Math.max(top, (double) caps[i] / weights[i]);
        }
        double level = level(at -> sum(weights, caps, at), total, top);
        double[] shares = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            shares[i] = Math.min(caps[i], level * weights[i]);
        }
        return shares;
    }

    private static double sum(int[] weights, int[] caps, double level) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += Math.min(caps[i], level * weights[i]);
        }
        return sum;
    }

    /**
     * Whole parts, each the fraction rounded down or up, that add up to {@code total}, which the fractions do too (or
     * their roundings can). Those with the highest claim beyond their fraction are rounded up.
     */
    static int[] rounded(double[] fractions, double[] claims, int total) {
        int[] whole = new int[fractions.length];
        int rest = total;
        for (int i = 0; i < whole.length; i++) {
            whole[i] = floor(fractions[i]);
            rest -= whole[i];
        }
        Comparator<Integer> byClaim = Comparator.comparingDouble((Integer i) -> fractions[i] - whole[i] + claims[i]);
        List<Integer> order = IntStream.range(0, whole.length)
                .boxed()
                .filter(i -> fractions[i] - whole[i] > TOLERANCE)
                .sorted(byClaim.reversed())
                .limit(Math.max(0, rest))
                .toList();
        order.forEach(i -> whole[i]++);
        if (rest != order.size()) {
            throw new IllegalStateException(Arrays.toString(fractions) + " cannot be rounded to a sum of " + total);
        }
        return whole;
    }

    static int floor(double fraction) {
        return (int) Math.floor(fraction + TOLERANCE);
    }

    static int ceiling(double fraction) {
        return (int) Math.ceil(fraction - TOLERANCE);
    }
}
