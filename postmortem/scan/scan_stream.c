/* SPDX-License-Identifier: Apache-2.0 */
/* The scan of a stream, by the buffer of its reader: see scan.h. */
#include "scan.h"

#include <string.h>

#include "scan_rows.h"

enum { SAMPLE = 1 << 16 };

static enum tw_next count_next(struct tw_records *records,
                               const struct tw_binding *binding, struct tw_tally *tally,
                               size_t file)
{
    struct tw_record record;
    enum tw_next next = records->next(records, &record);
    if (next == TW_NEXT_RECORD)
        tw_tally_record(tally, &record, binding, file);
    else if (next == TW_NEXT_REFUSED)
        tw_tally_refuse(tally, &record, file);
    return next;
}

/* Record by record until one begins at or behind UNTIL, a place of the decoded text. */
static enum tw_next count_until(struct tw_records *records,
                                const struct tw_binding *binding,
                                struct tw_tally *tally, size_t file, uint64_t until)
{
    struct tw_text_at at;
    do {
        enum tw_next next = count_next(records, binding, tally, file);
        if (next != TW_NEXT_RECORD && next != TW_NEXT_REFUSED)
            return next;
        at = tw_text_records_at(records);
    } while (at.decoded < until && tally->stop == TW_TALLY_GOES_ON);
    return TW_NEXT_RECORD;
}

/* Up to the last line feed: behind it a character may be cut, which is no mistake. */
static struct tw_str whole_lines(struct tw_str window)
{
    const char *end = memrchr(window.ptr, '\n', window.len);
    return tw_str_first(window, end ? (size_t)(end - window.ptr) + 1 : 0);
}

enum tw_next tw_scan_stream(struct tw_records *records,
                            const struct tw_binding *binding, struct tw_tally *tally,
                            size_t file, const struct tw_scan_how *how)
{
    const struct tw_scan_kernel *kernels[5];
    tw_scan_kernels(kernels);
    struct tw_rows rows;
    bool begun = false, plain_text = tw_text_records_is_plain(records);
    for (;;) {
        if (how->stop && how->stop(how->ctx))
            return TW_NEXT_STOPPED;
        struct tw_str window;
        enum tw_next next = tw_text_records_window(records, &window);
        if (next != TW_NEXT_RECORD)
            return next;
        struct tw_text_at at = tw_text_records_at(records);
        if (how->progress)
            how->progress(how->ctx, at.offset);
        if (!begun)
            tw_rows_init(&rows, tally->arena, records->text, binding,
                         how->kernel ? how->kernel : kernels[0], tally, file,
                         tw_text_records_buffer(records), tw_str_first(window, SAMPLE));
        begun = true;
        size_t used, count;
        window = whole_lines(tw_str_first(window, rows.room));
        bool plain =
            tw_rows_find(&rows, window.ptr, window.len, window.len, &used, &count);
        if (plain && count) {
            struct tw_rows_place place = {at, plain_text ? NULL : records};
            tw_rows_count(&rows, count, place);
            tw_text_records_pass(records, used, count);
        } else {
            next = count_until(records, binding, tally, file,
                               plain ? at.decoded + 1 : at.decoded + window.len);
            if (next != TW_NEXT_RECORD)
                return next;
        }
        if (tally->stop != TW_TALLY_GOES_ON)
            return TW_NEXT_RECORD;
    }
}
