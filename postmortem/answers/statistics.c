/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intervals and change points, see statistics.h.
 *
 *     Wilson     (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
 *     Newcombe   d - sqrt((p1-l1)² + (u2-p2)²)  to  d + sqrt((u1-p1)² + (p2-l2)²)
 *     Λ          2·(l(in) + l(out) - l(all)),  l(k,n) = k·ln(k/n) + (n-k)·ln(1-k/n)
 *     S(i)       max(0, S(i-1) + k·ln(p1/p0) + (n-k)·ln((1-p1)/(1-p0)))
 *
 * A bucket with K = 0 at the edge of a window makes Λ smaller: the rate inside is the
 * higher one, so such a bucket is likelier outside. Only windows between two buckets
 * with K > 0 are looked at.
 */
#include "statistics.h"

#include <math.h>

static const double quantiles[] = {
    [TW_CONFIDENCE_95] = 1.959963984540054,
    [TW_CONFIDENCE_99] = 2.5758293035489004,
};

static int64_t scaled(double x, double scale)
{
    return (int64_t)llround(x * scale);
}

static int64_t billionths(double x)
{
    return scaled(x, 1e9);
}

static int64_t millionths(double x)
{
    return scaled(x, 1e6);
}

struct range {
    double low, high;
};

static struct range wilson(struct tw_part part, double z)
{
    struct range r = {0, 1};
    if (part.n == 0)
        return r;
    double n = (double)part.n, p = (double)part.k / n, z2 = z * z;
    double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    if (part.k > 0)
        r.low = centre - half;
    if (part.k < part.n)
        r.high = centre + half;
    return r;
}

struct tw_interval tw_wilson(struct tw_part part, enum tw_confidence confidence)
{
    struct range r = wilson(part, quantiles[confidence]);
    return (struct tw_interval){billionths(r.low), billionths(r.high)};
}

int64_t tw_zero_bound(uint64_t n)
{
    return n ? billionths(-expm1(log(0.05) / (double)n)) : billionths(1);
}

static double share(struct tw_part part)
{
    return part.n ? (double)part.k / (double)part.n : 0;
}

struct tw_difference tw_newcombe(struct tw_part a, struct tw_part b)
{
    double z = quantiles[TW_CONFIDENCE_95], p = share(a), q = share(b), d = p - q;
    struct range ra = wilson(a, z), rb = wilson(b, z);
    double below = sqrt((p - ra.low) * (p - ra.low) + (rb.high - q) * (rb.high - q));
    double above = sqrt((ra.high - p) * (ra.high - p) + (q - rb.low) * (q - rb.low));
    return (struct tw_difference){billionths(d),
                                  {billionths(d - below), billionths(d + above)}};
}

static double likelihood(struct tw_part part)
{
    double k = (double)part.k, n = (double)part.n, l = 0;
    if (part.k > 0)
        l += k * log(k / n);
    if (part.k < part.n)
        l += (n - k) * log1p(-k / n);
    return l;
}

/* Is the share of A above that of B? Both have records. */
static bool higher(struct tw_part a, struct tw_part b)
{
    __extension__ typedef unsigned __int128 wide;
    return (wide)a.k * b.n > (wide)b.k * a.n;
}

static void finish(struct tw_share_window *best, double score, size_t count)
{
    double windows = (double)count * ((double)count + 1) / 2;
    double p = erfc(sqrt(score / 2)) * windows;
    best->score = millionths(score);
    best->p = p < 1 ? (int64_t)ceil(p * 1e9) : billionths(1);
}

struct tw_share_window tw_window_scan(const struct tw_part *buckets, size_t count)
{
    struct tw_part all = {0, 0};
    for (size_t i = 0; i < count; i++) {
        all.k += buckets[i].k;
        all.n += buckets[i].n;
    }
    struct tw_share_window best = {.found = false};
    double best_score = 0, whole = likelihood(all);
    for (size_t i = 0; i < count; i++) {
        struct tw_part in = {0, 0};
        if (buckets[i].k == 0)
            continue;
        for (size_t j = i; j < count; j++) {
            in.k += buckets[j].k;
            in.n += buckets[j].n;
            struct tw_part out = {all.k - in.k, all.n - in.n};
            if (buckets[j].k == 0 || out.n == 0 || !higher(in, out))
                continue;
            double score = 2 * (likelihood(in) + likelihood(out) - whole);
            if (best.found && score <= best_score)
                continue;
            best_score = score;
            best = (struct tw_share_window){
                .found = true, .from = i, .to = j + 1, .in = in, .out = out};
        }
    }
    if (best.found)
        finish(&best, best_score > 0 ? best_score : 0, count);
    return best;
}

struct tw_cusum tw_cusum(const struct tw_part *buckets, size_t count,
                         struct tw_part low, struct tw_part high, int64_t *scores)
{
    double p0 = share(low), p1 = share(high), sum = 0, threshold = log(1e4);
    double bad = log(p1 / p0), good = log1p(-p1) - log1p(-p0);
    struct tw_cusum out = {.alarm = false};
    size_t onset = 0;
    for (size_t i = 0; i < count; i++) {
        double k = (double)buckets[i].k, n = (double)buckets[i].n;
        sum += k * bad + (n - k) * good;
        if (sum <= 0) {
            sum = 0;
            onset = i + 1;
        }
        if (scores)
            scores[i] = millionths(sum);
        if (!out.alarm && sum > threshold)
            out = (struct tw_cusum){true, i, onset};
    }
    return out;
}
