/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unknowns as levels: which are asked for, which of two policies' are one, and which of
 * their values no condition tells apart.
 */
#include "idd_unknowns.h"

#include <assert.h>
#include <string.h>

struct work {
    struct tw_arena *arena;
    const struct tw_crossing *const *crossings;
    size_t ncrossings;
    const struct tw_idd_asked *asked;
    size_t nasked;
    struct tw_idd_axes *axes;
    TW_VEC(struct tw_idd_axis) made;
};

static const struct tw_unknown *unknown_at(const struct work *w, size_t crossing,
                                           uint32_t unknown)
{
    return &w->crossings[crossing]->policy->unknowns.at[unknown];
}

static bool has_bit(const uint64_t *set, uint32_t i)
{
    return set[i / 64] >> i % 64 & 1;
}

/* --- one unknown of two policies -----------------------------------------------------
 */

static bool is_interface(const struct tw_unknown *u)
{
    return u->kind == TW_UNKNOWN_IN_IF || u->kind == TW_UNKNOWN_OUT_IF;
}

static void put_time(struct tw_buf *buf, struct tw_time t)
{
    tw_buf_fmt(buf, "%lld %d %d %d ", (long long)t.day, (int)t.second, (int)t.nano,
               t.has_offset);
}

/* What makes two unknowns one, but for their place among those of the same name. */
static void identity(struct tw_buf *buf, const struct tw_unknown *u)
{
    tw_buf_fmt(buf, "%d %d ", (int)u->kind, u->values != NULL);
    if (u->values && (is_interface(u) || u->kind == TW_UNKNOWN_APP))
        return;
    tw_buf_fmt(buf, "%zu %zu:", u->values ? (size_t)0 : u->nvalues, u->name.len);
    tw_buf_str(buf, u->name);
    tw_buf_fmt(buf, "%zu:", u->subject.len);
    tw_buf_str(buf, u->subject);
    for (size_t i = 0; u->schedule && i < u->schedule->n; i++) {
        const struct tw_window *window = &u->schedule->windows[i];
        tw_buf_fmt(buf, " %u %d %d ", window->weekdays, (int)window->begin,
                   (int)window->end);
        if (window->weekdays == 0) {
            put_time(buf, window->from);
            put_time(buf, window->to);
        }
    }
}

static void join_unknowns(struct work *w, size_t crossing, const bool *is_asked,
                          struct tw_map *by_identity)
{
    const struct tw_policy *policy = w->crossings[crossing]->policy;
    struct tw_map seen;
    tw_map_init(&seen, w->arena);
    for (uint32_t u = 0; u < policy->unknowns.len; u++) {
        if (!is_asked[u])
            continue;
        struct tw_buf key;
        tw_buf_init(&key, w->arena);
        identity(&key, &policy->unknowns.at[u]);
        void **times = tw_map_slot(&seen, tw_buf_view(&key));
        *times = (void *)((uintptr_t)*times + 1);
        tw_buf_fmt(&key, " #%zu", (size_t)(uintptr_t)*times);
        void **slot = tw_map_slot(by_identity, tw_buf_view(&key));
        if (!*slot) {
            *tw_vec_add(w->arena, &w->made) =
                (struct tw_idd_axis){.unknown = {UINT32_MAX, UINT32_MAX}};
            *slot = (void *)(uintptr_t)w->made.len;
        }
        uint32_t axis = (uint32_t)((uintptr_t)*slot - 1);
        assert(axis < w->made.len);
        w->made.at[axis].unknown[crossing] = u;
        w->axes->axis_of[crossing][u] = axis;
    }
}

/* --- values --------------------------------------------------------------------------
 */

static bool fits(struct tw_str wildcard, struct tw_str name)
{
    if (!tw_str_ends(wildcard, "+") || name.len + 1 < wildcard.len)
        return false;
    return tw_str_eq(tw_str_first(wildcard, wildcard.len - 1),
                     tw_str_first(name, wildcard.len - 1));
}

static uint32_t value_named(const struct tw_unknown *u, struct tw_str name)
{
    for (uint32_t i = 1; i + 1 < u->nvalues; i++)
        if (tw_str_eq(u->values[i], name))
            return i;
    return (uint32_t)u->nvalues - 1;
}

/* What the value NAME of another policy is to POLICY. */
static uint32_t value_for(const struct tw_policy *policy, const struct tw_unknown *u,
                          struct tw_str name)
{
    uint32_t last = (uint32_t)u->nvalues - 1, best = value_named(u, name);
    if (best != last || !is_interface(u))
        return best;
    for (size_t i = 0; i < policy->aliases.len; i++)
        if (tw_str_eq(policy->aliases.at[i].name, name))
            name = policy->aliases.at[i].value;
    best = value_named(u, name);
    size_t length = 0;
    for (uint32_t i = 1; best == last && i < last; i++)
        if (fits(u->values[i], name) && u->values[i].len > length)
            length = u->values[i].len;
    for (uint32_t i = 1; length && i < last; i++)
        if (u->values[i].len == length && fits(u->values[i], name))
            return i;
    return best;
}

static void same_values(struct work *w, struct tw_idd_axis *axis, size_t n)
{
    uint32_t *same = tw_new_array(w->arena, n, uint32_t);
    for (uint32_t v = 0; v < n; v++)
        same[v] = v;
    axis->nvalues = (uint32_t)n;
    for (size_t c = 0; c < w->ncrossings; c++)
        if (axis->unknown[c] != UINT32_MAX)
            axis->own[c] = same;
}

/* "none", the names of the first, those that only the second has, "any other". */
static void join_values(struct work *w, struct tw_idd_axis *axis)
{
    const struct tw_unknown *u[TW_IDD_CROSSINGS];
    uint32_t *own[TW_IDD_CROSSINGS];
    size_t most = 0, n = 1;
    for (size_t c = 0; c < TW_IDD_CROSSINGS; c++) {
        u[c] = unknown_at(w, c, axis->unknown[c]);
        most += u[c]->nvalues;
    }
    for (size_t c = 0; c < TW_IDD_CROSSINGS; c++) {
        own[c] = tw_new_array(w->arena, most, uint32_t);
        axis->own[c] = own[c];
    }
    for (size_t c = 0; c < TW_IDD_CROSSINGS; c++) {
        const struct tw_policy *other = w->crossings[1 - c]->policy;
        for (uint32_t v = 1; v + 1 < u[c]->nvalues; v++) {
            struct tw_str name = u[c]->values[v];
            if (c == 1 && value_named(u[0], name) != u[0]->nvalues - 1)
                continue;
            own[c][n] = v;
            own[1 - c][n++] = value_for(other, u[1 - c], name);
        }
    }
    for (size_t c = 0; c < TW_IDD_CROSSINGS; c++)
        own[c][n] = (uint32_t)u[c]->nvalues - 1;
    axis->nvalues = (uint32_t)n + 1;
}

/* Where nothing says by which interface, a policy that names all interfaces may still
 * meet one that only the other policy names. */
static bool nothing_settled(const struct work *w, size_t crossing, uint32_t unknown)
{
    const struct tw_unknown *u = unknown_at(w, crossing, unknown);
    const uint64_t *possible = w->crossings[crossing]->possible[unknown];
    bool open = is_interface(u) && w->crossings[crossing]->policy->all_interfaces_named;
    for (uint32_t v = 1; v + 1 < u->nvalues && open; v++)
        open = has_bit(possible, v);
    return open;
}

static bool is_possible(const struct work *w, const struct tw_idd_axis *axis,
                        uint32_t value)
{
    bool any = false, all = true;
    for (size_t c = 0; c < w->ncrossings; c++) {
        uint32_t u = axis->unknown[c];
        if (u == UINT32_MAX)
            continue;
        bool here = has_bit(w->crossings[c]->possible[u], axis->own[c][value]);
        any |= here;
        all &= here || (axis->own[c][value] != 0 && nothing_settled(w, c, u));
    }
    return any && all;
}

/* --- coordinates ---------------------------------------------------------------------
 */

static void split(struct work *w, struct tw_idd_axis *axis, size_t crossing,
                  const uint64_t *allowed)
{
    struct tw_arena_mark mark = tw_arena_mark(w->arena);
    uint32_t *again = tw_new_array(w->arena, 2 * (size_t)axis->ncoordinates, uint32_t);
    uint32_t n = 0;
    for (uint32_t v = 0; v < axis->nvalues; v++) {
        if (axis->coordinate[v] == UINT32_MAX)
            continue;
        uint32_t *to =
            &again[2 * axis->coordinate[v] + has_bit(allowed, axis->own[crossing][v])];
        if (*to == 0)
            *to = ++n;
        axis->coordinate[v] = *to - 1;
    }
    axis->ncoordinates = n;
    tw_arena_rewind(w->arena, mark);
}

static void start_axis(struct work *w, struct tw_idd_axis *axis)
{
    bool both = axis->unknown[0] != UINT32_MAX && axis->unknown[1] != UINT32_MAX;
    size_t c = axis->unknown[0] == UINT32_MAX;
    const struct tw_unknown *u = unknown_at(w, c, axis->unknown[c]);
    if (both && u->values)
        join_values(w, axis);
    else
        same_values(w, axis, u->nvalues);
    axis->coordinate = tw_new_array(w->arena, axis->nvalues, uint32_t);
    axis->ncoordinates = 1;
    bool any = false;
    for (uint32_t v = 0; v < axis->nvalues; v++) {
        bool possible = is_possible(w, axis, v);
        axis->coordinate[v] = possible ? 0 : UINT32_MAX;
        any |= possible;
    }
    if (!any) {
        axis->coordinate[0] = 0;
        w->axes->empty = true;
    }
}

static void finish_axis(struct work *w, struct tw_idd_axis *axis)
{
    axis->first = tw_new_array(w->arena, axis->ncoordinates, uint32_t);
    axis->weights = tw_new_array(w->arena, axis->ncoordinates, tw_u128);
    for (uint32_t v = axis->nvalues; v-- > 0;) {
        if (axis->coordinate[v] == UINT32_MAX)
            continue;
        axis->first[axis->coordinate[v]] = v;
        axis->weights[axis->coordinate[v]]++;
    }
}

static void split_by(struct work *w, struct tw_map *done, size_t crossing,
                     uint32_t unknown, const uint64_t *allowed)
{
    struct tw_idd_axis *axis = &w->made.at[w->axes->axis_of[crossing][unknown]];
    struct tw_buf key;
    tw_buf_init(&key, w->arena);
    tw_buf_put(&key, &crossing, sizeof crossing);
    tw_buf_put(&key, &unknown, sizeof unknown);
    tw_buf_put(&key, allowed,
               tw_unknown_words(unknown_at(w, crossing, unknown)) * sizeof *allowed);
    void **slot = tw_map_slot(done, tw_buf_view(&key));
    if (*slot)
        return;
    *slot = axis;
    split(w, axis, crossing, allowed);
}

static void split_all(struct work *w)
{
    static const uint64_t yes = 2;
    struct tw_map done;
    tw_map_init(&done, w->arena);
    for (size_t i = 0; i < w->nasked; i++) {
        const struct tw_match *m = w->asked[i].match;
        uint32_t c = w->asked[i].crossing;
        for (size_t k = 0; k < m->nconditions; k++)
            split_by(w, &done, c, m->conditions[k].unknown, m->conditions[k].allowed);
        for (size_t k = 0; k < m->nmarks; k++)
            split_by(w, &done, c, m->marks[k].unknown, &yes);
    }
}

struct tw_idd_axes tw_idd_axes_of(struct tw_arena *arena,
                                  const struct tw_crossing *const *crossings,
                                  size_t ncrossings, const struct tw_idd_asked *asked,
                                  size_t nasked)
{
    struct tw_idd_axes axes = {.n = 0};
    struct work w = {.arena = arena,
                     .crossings = crossings,
                     .ncrossings = ncrossings,
                     .asked = asked,
                     .nasked = nasked,
                     .axes = &axes};
    bool *is_asked[TW_IDD_CROSSINGS];
    struct tw_map by_identity;
    tw_map_init(&by_identity, arena);
    for (size_t c = 0; c < ncrossings; c++) {
        size_t n = crossings[c]->policy->unknowns.len;
        is_asked[c] = tw_new_array(arena, n + 1, bool);
        axes.axis_of[c] = tw_new_array(arena, n + 1, uint32_t);
        memset(axes.axis_of[c], 0xff, n * sizeof(uint32_t));
    }
    for (size_t i = 0; i < nasked; i++) {
        const struct tw_match *m = asked[i].match;
        for (size_t k = 0; k < m->nconditions; k++)
            is_asked[asked[i].crossing][m->conditions[k].unknown] = true;
        for (size_t k = 0; k < m->nmarks; k++)
            is_asked[asked[i].crossing][m->marks[k].unknown] = true;
    }
    for (size_t c = 0; c < ncrossings; c++)
        join_unknowns(&w, c, is_asked[c], &by_identity);
    for (size_t i = 0; i < w.made.len; i++)
        start_axis(&w, &w.made.at[i]);
    split_all(&w);
    for (size_t i = 0; i < w.made.len; i++)
        finish_axis(&w, &w.made.at[i]);
    axes.at = w.made.at;
    axes.n = w.made.len;
    return axes;
}
