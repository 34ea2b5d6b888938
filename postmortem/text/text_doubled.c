/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading with all readings at once. A path is one way to read the bytes since the last
 * sure place: the records that it has ended, and where it stands in the one at hand. At
 * `"N` and at a quote before a line end a path forks; where a byte cannot follow, or
 * the number of columns does not fit, it dies.
 *
 *     3 columns:  1,"N,"x"⏎
 *                   ├─ NULL, then the text x ……………………………… lives
 *                   └─ the text that begins with N,  … x behind its end: dies
 *
 * When one path is left, the records that it ended are sure. When none is left, the
 * first line is no record. Two paths that come to stand at the same place cannot be
 * parted by what follows: all records up to the next sure end are refused as what can
 * be read in two ways. So it is with
 *
 *     3 columns:  1,5,"x"⏎     two records, the second with an empty text and the text
 * 0; 2,"","0"⏎     or one, with the text x⏎2,", and a NUL byte
 *
 * The writer escapes the first byte of its line ends in texts: with CR LF a text may
 * hold a raw LF, with LF it may not; CR LF in the beginning of the file tells the two.
 */
#include "text_doubled.h"

#include <string.h>

#include "text_window.h"

enum state {
    START,         /* of a field */
    BARE,          /* a number */
    TEXT,          /* in quotes */
    TEXT_QUOTE,    /* behind a quote in a text */
    NULL_QUOTE,    /* behind a quote that begins `"N` */
    NULL_N,        /* behind `"N` */
    RECORD_END_CR, /* between CR and LF */
    NSTATES
};

struct cell {
    size_t from, to; /* in the record */
    bool quoted, is_null, encoded;
};

/* A record that a path has ended. */
struct ended {
    struct ended *before;
    size_t end; /* since the last sure place */
    struct cell *cells;
};

struct path {
    enum state state;
    size_t column;
    struct cell *cells; /* of the record at hand */
    struct ended *last;
    size_t nended;
    bool twofold;     /* two ways lead here … */
    size_t joined_at; /* … which were two up to here */
};

struct doubled {
    struct tw_records base; /* first: the two are cast into each other */
    struct tw_arena *arena, *scratch;
    struct tw_text_window w;
    size_t record_max, ncolumns;
    char delimiter, quote;
    bool crlf;
    uint64_t number;
    struct path *paths, *next; /* one for each place at most */
    size_t npaths, nnext;
    size_t at;       /* the byte at hand, since the last sure place */
    bool miscounted; /* a path died of another number of fields */
    bool too_long;   /* nothing became sure within the longest record */
    /* Sure records that are not yet given, first to last. */
    const struct ended **ready;
    size_t nready, given, taken; /* taken: their bytes that were passed */
    const size_t *wanted;
    size_t nwanted;
    struct tw_record_field *fields;
};

static struct cell *cell_of(struct path *p)
{
    return &p->cells[p->column];
}

/* P joins the paths behind the byte at hand; OWN: its cells are no other path's. Of two
 * ways to one place the one with more records stays. */
static void put(struct doubled *d, const struct path *p, bool own)
{
    size_t i = 0;
    while (i < d->nnext &&
           (d->next[i].state != p->state || d->next[i].column != p->column))
        i++;
    struct path *to = &d->next[i];
    bool twofold = i < d->nnext;
    d->nnext += !twofold;
    if (!twofold || p->nended > to->nended) {
        *to = *p;
        if (!own) {
            to->cells = tw_new_array(d->scratch, d->ncolumns, struct cell);
            memcpy(to->cells, p->cells, d->ncolumns * sizeof *p->cells);
        }
    }
    if (twofold) {
        to->twofold = true;
        to->joined_at = d->at;
    }
}

static size_t record_from(const struct path *p)
{
    return p->last ? p->last->end : 0;
}

/* P's field ends, and the record goes on. */
static void end_field(struct doubled *d, struct path p)
{
    if (p.column + 1 == d->ncolumns) {
        d->miscounted = true;
        return;
    }
    p.column++;
    p.state = START;
    *cell_of(&p) = (struct cell){0};
    put(d, &p, true);
}

/* P's record ends behind byte AT. */
static void end_record(struct doubled *d, struct path p, size_t at)
{
    if (p.column + 1 != d->ncolumns) {
        d->miscounted = true;
        return;
    }
    struct ended *e = tw_new(d->scratch, struct ended);
    *e = (struct ended){p.last, at + 1, p.cells};
    p.last = e;
    p.nended++;
    p.cells = tw_new_array(d->scratch, d->ncolumns, struct cell);
    p.column = 0;
    p.state = START;
    put(d, &p, true);
}

/* P stands behind a whole field; C may end it. True where it did, or began to. */
static bool end_by(struct doubled *d, struct path p, char c, size_t at)
{
    if (c == d->delimiter)
        end_field(d, p);
    else if (c == '\n' && !d->crlf)
        end_record(d, p, at);
    else if (c == '\r' && d->crlf) {
        p.state = RECORD_END_CR;
        put(d, &p, false);
    } else
        return false;
    return true;
}

static void go_to(struct doubled *d, struct path p, enum state state)
{
    p.state = state;
    put(d, &p, true);
}

static void at_start(struct doubled *d, struct path p, char c, size_t at)
{
    size_t here = at - record_from(&p);
    *cell_of(&p) = (struct cell){.from = here, .to = here};
    if (c == d->quote) {
        struct path other = p;
        other.state = NULL_QUOTE;
        put(d, &other, false);
        *cell_of(&p) = (struct cell){.from = here + 1, .to = here + 1, .quoted = true};
        go_to(d, p, TEXT);
    } else if (!end_by(d, p, c, at) && c != '\n') {
        go_to(d, p, BARE);
    }
}

/* Behind a quote in a text: an escaped byte, or the end of the text. */
static void behind_quote(struct doubled *d, struct path p, char c, size_t at)
{
    char first_of_end = d->crlf ? '\r' : '\n';
    if (c == d->quote || c == '0' || c == first_of_end) {
        struct path text = p;
        text.cells = tw_new_array(d->scratch, d->ncolumns, struct cell);
        memcpy(text.cells, p.cells, d->ncolumns * sizeof *p.cells);
        cell_of(&text)->encoded = true;
        go_to(d, text, TEXT);
    }
    if (c != d->quote && c != '0')
        end_by(d, p, c, at);
}

static void step(struct doubled *d, struct path p, char c, size_t at)
{
    size_t here = at - record_from(&p);
    switch (p.state) {
    case START:
        at_start(d, p, c, at);
        break;
    case BARE:
        cell_of(&p)->to = here;
        if (!end_by(d, p, c, at) && c != d->quote && c != '\n')
            go_to(d, p, BARE);
        break;
    case TEXT:
        if (c == d->quote) {
            cell_of(&p)->to = here;
            go_to(d, p, TEXT_QUOTE);
        } else if (c != (d->crlf ? '\r' : '\n')) {
            go_to(d, p, TEXT);
        }
        break;
    case TEXT_QUOTE:
        behind_quote(d, p, c, at);
        break;
    case NULL_QUOTE:
        cell_of(&p)->is_null = true;
        if (c == 'N')
            go_to(d, p, NULL_N);
        break;
    case NULL_N:
        end_by(d, p, c, at);
        break;
    case RECORD_END_CR:
        if (c == '\n')
            end_record(d, p, at);
        break;
    case NSTATES:
        break;
    }
}

/* All paths take the byte at AT. */
static void take_byte(struct doubled *d, char c, size_t at)
{
    d->nnext = 0;
    for (size_t i = 0; i < d->npaths; i++) {
        struct path p = d->paths[i]; /* what a twofold path leads to is twofold */
        step(d, p, c, at);
    }
    memcpy(d->paths, d->next, d->nnext * sizeof d->next[0]);
    d->npaths = d->nnext;
}

/* The input ends: paths that may end with it are those that stay. One within a text may
 * be right as well, if the file was cut off: where it has ended as many records as the
 * one that stays, these differ, and nothing tells which are there.
 *
 *     "x"⏎"        a text of two lines, or x and the beginning of another record
 */
static void take_end(struct doubled *d, size_t at)
{
    size_t cut = 0;
    d->nnext = 0;
    for (size_t i = 0; i < d->npaths; i++) {
        struct path p = d->paths[i];
        bool fresh = p.state == START && p.column == 0 && p.last;
        if (fresh && p.last->end == at)
            put(d, &p, true);
        else if (p.state == START || p.state == BARE || p.state == TEXT_QUOTE ||
                 p.state == NULL_N) {
            if (p.state == START)
                *cell_of(&p) = (struct cell){.from = at - record_from(&p)};
            if (p.state == START || p.state == BARE)
                cell_of(&p)->to = at - record_from(&p);
            end_record(d, p, at - 1);
        } else if (p.nended > cut) {
            cut = p.nended;
        }
    }
    memcpy(d->paths, d->next, d->nnext * sizeof d->next[0]);
    d->npaths = d->nnext;
    if (d->npaths && cut >= d->paths[0].nended)
        d->paths[0].twofold = true;
}

/* One path is left, and it has ended a record since it was two. */
static bool is_sure(const struct doubled *d)
{
    const struct path *p = &d->paths[0];
    return d->npaths == 1 && p->last && (!p->twofold || p->last->end > p->joined_at);
}

static void make_ready(struct doubled *d)
{
    size_t n = 0;
    for (const struct ended *e = d->paths[0].last; e; e = e->before)
        n++;
    d->ready = tw_new_array(d->scratch, n, const struct ended *);
    d->nready = n;
    d->given = d->taken = 0;
    for (const struct ended *e = d->paths[0].last; e; e = e->before)
        d->ready[--n] = e;
}

static enum tw_next refuse(struct doubled *d, struct tw_record *r, size_t used,
                           enum tw_refusal why)
{
    return tw_text_window_refuse(&d->w, r, ++d->number, used, why);
}

/* The records of a path that two ways lead to. */
static enum tw_next refuse_twofold(struct doubled *d, struct tw_record *r)
{
    enum tw_next next =
        refuse(d, r, d->ready[d->nready - 1]->end, TW_REFUSED_AMBIGUOUS);
    r->times = d->nready;
    d->number += d->nready - 1;
    d->nready = 0;
    return next;
}

/* No way to read what follows: its first line is passed over. */
static enum tw_next refuse_line(struct doubled *d, struct tw_record *r)
{
    enum tw_refusal why = d->too_long     ? TW_REFUSED_TOO_LONG
                          : d->miscounted ? TW_REFUSED_RAGGED
                                          : TW_REFUSED_BAD_VALUE;
    *r = (struct tw_record){.number = ++d->number,
                            .offset = tw_text_window_place(&d->w),
                            .times = 1,
                            .refusal = why};
    if (tw_text_window_skip_line(&d->w, &r->bytes) != TW_OK)
        return tw_text_window_failed(&d->w);
    return TW_NEXT_REFUSED;
}

static struct tw_record_field value_of(struct doubled *d, struct tw_str record,
                                       const struct cell *cell)
{
    if (cell->is_null)
        return (struct tw_record_field){"", 0, true};
    struct tw_str raw =
        tw_str_first(tw_str_from(record, cell->from), cell->to - cell->from);
    if (!cell->encoded)
        return (struct tw_record_field){raw.ptr, raw.len, false};
    char *out = tw_arena_alloc(d->scratch, raw.len);
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        bool escaped = raw.ptr[i] == d->quote && i + 1 < raw.len;
        i += escaped;
        out[n++] = escaped && raw.ptr[i] == '0' ? '\0' : raw.ptr[i];
    }
    return (struct tw_record_field){out, n, false};
}

static enum tw_next give(struct doubled *d, struct tw_record *r)
{
    const struct ended *e = d->ready[d->given++];
    size_t used = e->end - d->taken;
    d->taken = e->end;
    if (!tw_text_window_valid(&d->w, used))
        return refuse(d, r, used, TW_REFUSED_BAD_ENCODING);
    struct tw_str record = tw_str_first(tw_text_window_rest(&d->w), used);
    for (size_t i = 0; i < d->nwanted; i++)
        d->fields[i] = value_of(d, record, &e->cells[d->wanted[i]]);
    *r = (struct tw_record){.fields = d->fields,
                            .nfields = d->nwanted,
                            .number = ++d->number,
                            .offset = tw_text_window_place(&d->w),
                            .bytes = used,
                            .times = 1};
    d->w.start += used;
    return TW_NEXT_RECORD;
}

/* Whether nothing but line ends follows up to the end of the input. */
static enum tw_status only_line_ends(struct doubled *d, bool *only)
{
    for (size_t i = 0;; i++) {
        while (i == d->w.fill - d->w.start && !d->w.ended) {
            enum tw_status status = tw_text_window_more(&d->w);
            if (status != TW_OK)
                return status;
        }
        *only = i == d->w.fill - d->w.start;
        if (*only || i > d->record_max ||
            (d->w.bytes[d->w.start + i] != '\n' && d->w.bytes[d->w.start + i] != '\r'))
            return TW_OK;
    }
}

/* Within the text of a single path most bytes change nothing: the next one that may. */
static size_t pass_text(const struct doubled *d, size_t at)
{
    size_t end = d->w.fill - d->w.start;
    if (d->npaths != 1 || d->paths[0].state != TEXT)
        return at;
    if (end > d->record_max)
        end = d->record_max;
    const char *p = d->w.bytes + d->w.start;
    while (at < end && p[at] != d->quote && p[at] != '\n' && p[at] != '\r')
        at++;
    return at;
}

/* Reads until something is sure. */
static enum tw_status read_on(struct doubled *d)
{
    tw_arena_rewind(d->scratch, (struct tw_arena_mark){0});
    d->miscounted = d->too_long = false;
    d->paths[0] =
        (struct path){.cells = tw_new_array(d->scratch, d->ncolumns, struct cell)};
    d->npaths = 1;
    for (size_t at = 0; d->npaths && !is_sure(d); at++) {
        d->at = at = pass_text(d, at);
        d->too_long = at > d->record_max;
        if (d->too_long)
            break;
        if (at == d->w.fill - d->w.start && !d->w.ended) {
            enum tw_status status = tw_text_window_more(&d->w);
            if (status != TW_OK)
                return status;
        }
        if (at == d->w.fill - d->w.start) {
            take_end(d, at);
            break;
        }
        take_byte(d, d->w.bytes[d->w.start + at], at);
    }
    return TW_OK;
}

static enum tw_next next_record(struct tw_records *records, struct tw_record *r)
{
    struct doubled *d = (struct doubled *)records;
    bool only;
    if (d->given < d->nready)
        return give(d, r);
    if (only_line_ends(d, &only) != TW_OK)
        return tw_text_window_failed(&d->w);
    if (only)
        return TW_NEXT_END;
    if (read_on(d) != TW_OK)
        return tw_text_window_failed(&d->w);
    if (d->npaths == 0 || d->too_long)
        return refuse_line(d, r);
    make_ready(d);
    return d->paths[0].twofold ? refuse_twofold(d, r) : give(d, r);
}

static void want(struct tw_records *records, const size_t *columns, size_t count)
{
    struct doubled *d = (struct doubled *)records;
    d->wanted = columns;
    d->nwanted = count;
    d->fields = tw_new_array(d->arena, count, struct tw_record_field);
}

struct tw_records *tw_text_doubled_open(const struct tw_dump_open *how,
                                        const struct tw_dump *dump, char delimiter)
{
    struct tw_csv_dialect dialect;
    if (!tw_text_dialect(how, (struct tw_csv_dialect){.delimiter = delimiter},
                         &dialect) ||
        !tw_text_no_table(how, dump))
        return NULL;
    if (how->dialect->ncolumns == 0) {
        TW_DIAG(how->diags, TW_D_outfile_needs_columns, TW_NOWHERE, how->name);
        return NULL;
    }
    struct doubled *d = tw_new(how->arena, struct doubled);
    size_t n = how->dialect->ncolumns;
    *d = (struct doubled){.base = {.dump = dump,
                                   .columns = tw_text_columns(how, n),
                                   .ncolumns = n,
                                   .want = want,
                                   .next = next_record},
                          .arena = how->arena,
                          .scratch = tw_arena_child(how->arena),
                          .record_max = how->dialect->record_max,
                          .ncolumns = n,
                          .delimiter = dialect.delimiter,
                          .quote = dialect.quote};
    d->paths = tw_new_array(how->arena, n * NSTATES, struct path);
    d->next = tw_new_array(how->arena, n * NSTATES, struct path);
    struct tw_str head = tw_utf8_stream_head(how->stream);
    d->crlf = tw_str_find_str(head, TW_STR("\r\n")) < head.len;
    tw_text_window_init(&d->w, how);
    return &d->base;
}
