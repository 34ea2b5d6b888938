/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel for every other processor, and the one that the others are held against:
 * a state machine, a byte at a time, which shares nothing with their masks.
 */
#include "scan_kernel_list.h"
#include "text.h"

/* A record ends at END: is there something odd about it? */
static void end_record(struct tw_scan *s, size_t end)
{
    size_t begin = s->nends ? s->ends[s->nends - 1] + (size_t)1 : 0;
    struct tw_str record = {s->bytes + begin, end - begin};
    s->ends[s->nends++] = (uint32_t)end;
    s->odd |= s->nbefore - s->nbefore_end != s->nfields;
    s->odd |= tw_scan_begins_oddly(s, end + 1);
    s->odd |= tw_utf8_valid_prefix(record) < record.len;
    s->nbefore_end = s->nbefore;
}

static void separate(struct tw_scan *s, size_t at)
{
    if (s->wants_separators)
        s->separators[s->nseparators] = (uint32_t)at;
    s->nseparators++;
    s->nbefore++;
    s->unfree = 0;
    if (s->bytes[at] == '\n')
        end_record(s, at);
}

static void step(struct tw_scan *s, size_t at)
{
    char c = s->bytes[at];
    bool was_closed = s->closed != 0, is_escaped = s->escaped != 0;
    s->closed = s->escaped = 0;
    if (!is_escaped && s->quote && c == s->quote) {
        if (s->inside) {
            s->inside = 0;
            s->closed = 1;
        } else {
            s->odd |= s->unfree != 0;
            s->inside = ~UINT64_C(0);
        }
        s->unfree = 0;
        return;
    }
    bool ends = !is_escaped && !s->inside && (c == s->delimiter || c == '\n');
    bool line_end = c == '\r' && at + 1 < s->len && s->bytes[at + 1] == '\n';
    s->odd |= was_closed && !ends && !line_end;
    s->escaped = !is_escaped && s->escape && c == s->escape;
    s->unfree = 1;
    if (ends)
        separate(s, at);
    else if (!is_escaped && (c == s->delimiter || c == '\n'))
        s->unfree = 0;
}

static void run(struct tw_scan *s, size_t until)
{
    if (until > s->len)
        until = s->len;
    for (; s->done < until; s->done++) {
        size_t second = s->filter->at[1], left = s->len - s->done + second;
        bool escape = s->escape && s->bytes[s->done] == s->escape;
        if (s->filter->kind != TW_FILTER_NONE &&
            (escape || (s->done >= second &&
                        tw_needle_here(s->filter, s->bytes + s->done - second, left))))
            s->hits[s->nhits++] = (uint32_t)s->done;
        step(s, s->done);
    }
}

static bool runs_here(void)
{
    return true;
}

const struct tw_scan_kernel tw_scan_plain = {"plain", runs_here, run};

size_t tw_scan_kernels(const struct tw_scan_kernel *list[5])
{
    static const struct tw_scan_kernel *const all[] = {&tw_scan_avx512, &tw_scan_avx2,
                                                       &tw_scan_neon, &tw_scan_plain};
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i]->runs && all[i]->runs())
            list[n++] = all[i];
    list[n] = NULL;
    return n;
}
