/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markers: finding all forms of one in a single pass (marker.h; marker_form.h has what
 * a form is).
 *
 * Each form is found by four bytes of its needle, a gram. The value's bytes are hashed
 * four by four into a table of 4,096 places; a place that is not empty leads to the
 * forms whose gram may stand there, and these are compared, from the needle to both
 * ends. Most values hit nothing, and cost a load, a product and a look-up per byte.
 */
#include <assert.h>
#include <string.h>

#include "marker_form.h"
#include "text.h"

enum {
    GRAM = 4,
    TABLE_BITS = 12,
    FORMS_MAX = 60,
    /* The shortest beginning that stands for the marker at the end of a value. */
    CUT_CHARS = 8,
    CUT_BYTES = 16,
    LOST_MAX = 3, /* bytes of a character that was cut */
    /* A mask has as many asterisks as characters, or one of these fixed numbers. */
    MASK_FIXED_MIN = 3,
    MASK_FIXED_MAX = 8
};

struct tw_marker {
    size_t nforms;
    struct tw_marker_form *forms;         /* by disguise */
    unsigned char next[FORMS_MAX + 1];    /* of a form: the next with its place */
    unsigned char table[1 << TABLE_BITS]; /* the first form of a place, from 1 */
    uint32_t mask;                        /* the bytes of a gram that count */
    size_t gram;                          /* their number */
    struct tw_str first, last;            /* of the masked form */
    size_t hidden;                        /* how many characters it hides */
    struct tw_needles needles;
};

/* The gram at PTR, of which ROOM bytes may be read. */
static inline uint32_t gram_at(const struct tw_marker *m, const char *ptr, size_t room)
{
    uint32_t word = 0;
    if (room >= GRAM)
        memcpy(&word, ptr, GRAM);
    else
        memcpy(&word, ptr, m->gram);
    return word & m->mask;
}

static inline size_t place_of(uint32_t gram)
{
    return gram * 0x9e3779b1u >> (32 - TABLE_BITS);
}

/* --- matching --------------------------------------------------------------------- */

/* Which spelling of UNIT begins REST; its length, or SIZE_MAX. */
static size_t spelled(const struct tw_marker_unit *unit, struct tw_str rest)
{
    for (size_t i = 0; i < unit->count; i++) {
        struct tw_str s = unit->spellings[i];
        if (s.len <= rest.len && (s.len == 0 || memcmp(rest.ptr, s.ptr, s.len) == 0))
            return s.len;
    }
    return SIZE_MAX;
}

/* The same for the end of BEFORE. */
static size_t spelled_before(const struct tw_marker_unit *unit, struct tw_str before)
{
    for (size_t i = 0; i < unit->count; i++) {
        struct tw_str s = unit->spellings[i];
        if (s.len <= before.len &&
            (s.len == 0 || memcmp(before.ptr + before.len - s.len, s.ptr, s.len) == 0))
            return s.len;
    }
    return SIZE_MAX;
}

/* Is REST, all that is left of the value, what a cut within UNIT leaves? */
static bool is_cut(const struct tw_marker_unit *unit, struct tw_str rest)
{
    for (size_t i = 0; i < unit->count; i++)
        if (rest.len < unit->spellings[i].len &&
            (rest.len == 0 || memcmp(unit->spellings[i].ptr, rest.ptr, rest.len) == 0))
            return true;
    for (size_t n = 1; n <= LOST_MAX; n++)
        if (tw_str_eq(rest, tw_str_first(TW_STR("???"), n)) ||
            tw_str_eq(rest, tw_str_first(TW_STR("\ufffd\ufffd\ufffd"), 3 * n)))
            return true;
    return false;
}

/* Does the form stand in VALUE with its needle at AT? *CUT: only its beginning. */
static bool stands_at(const struct tw_marker_form *f, struct tw_str value, size_t at,
                      bool *cut)
{
    *cut = false;
    if (value.len - at < f->needle.len ||
        memcmp(value.ptr + at, f->needle.ptr, f->needle.len) != 0)
        return false;
    size_t n, start = at;
    for (size_t i = f->run; i-- > 0; start -= n)
        if ((n = spelled_before(&f->units.at[i], tw_str_first(value, start))) ==
            SIZE_MAX)
            return false;
    struct tw_str rest = tw_str_from(value, at + f->needle.len);
    for (size_t i = f->run_end; i < f->units.len; i++) {
        n = spelled(&f->units.at[i], rest);
        if (n == SIZE_MAX) {
            *cut = true;
            return i >= f->must && is_cut(&f->units.at[i], rest);
        }
        rest = tw_str_from(rest, n);
    }
    return true;
}

static bool is_blank(struct tw_str s)
{
    while (s.len) {
        size_t n = tw_str_starts(s, "\u3000") ? 3 : s.ptr[0] == ' ' ? 1 : 0;
        if (n == 0)
            return false;
        s = tw_str_from(s, n);
    }
    return true;
}

/* The masked form at AT: anywhere with the right number of asterisks, with a fixed one
 * as the whole value. */
static bool masked_at(const struct tw_marker *m, struct tw_str value, size_t at)
{
    struct tw_str rest = tw_str_from(value, at);
    size_t stars = 0;
    if (rest.len < m->first.len || memcmp(rest.ptr, m->first.ptr, m->first.len) != 0)
        return false;
    rest = tw_str_from(rest, m->first.len);
    while (stars < rest.len && rest.ptr[stars] == '*')
        stars++;
    rest = tw_str_from(rest, stars);
    if (rest.len < m->last.len || memcmp(rest.ptr, m->last.ptr, m->last.len) != 0)
        return false;
    if (stars == m->hidden)
        return true;
    return stars >= MASK_FIXED_MIN && stars <= MASK_FIXED_MAX &&
           is_blank(tw_str_first(value, at)) &&
           is_blank(tw_str_from(rest, m->last.len));
}

/* The first disguise of the forms whose gram stands in VALUE at AT, or BEST where that
 * comes before it. */
static enum tw_disguise look(const struct tw_marker *m, struct tw_str value, size_t at,
                             enum tw_disguise best)
{
    uint32_t gram = gram_at(m, value.ptr + at, value.len - at);
    for (unsigned head = m->table[place_of(gram)]; head; head = m->next[head]) {
        const struct tw_marker_form *f = &m->forms[head - 1];
        if (f->disguise >= best || at < f->gram_offset)
            continue;
        const char *own = f->needle.ptr + f->gram_offset;
        if (gram != gram_at(m, own, f->needle.len - f->gram_offset))
            continue;
        size_t start = at - f->gram_offset;
        bool cut = false;
        if (f->disguise == TW_DISGUISE_MASKED ? !masked_at(m, value, start)
                                              : !stands_at(f, value, start, &cut))
            continue;
        enum tw_disguise found =
            cut && f->disguise == TW_DISGUISE_NONE ? TW_DISGUISE_CUT : f->disguise;
        best = found < best ? found : best;
    }
    return best;
}

/* The next place from AT on where a gram of a form may stand, or the value's length:
 * four places at a time while there is room for them. */
static size_t next_place(const struct tw_marker *m, struct tw_str value, size_t at)
{
    if (m->gram == GRAM)
        for (; at + GRAM + 3 <= value.len; at += 4) {
            uint32_t a, b, c, d;
            memcpy(&a, value.ptr + at, GRAM);
            memcpy(&b, value.ptr + at + 1, GRAM);
            memcpy(&c, value.ptr + at + 2, GRAM);
            memcpy(&d, value.ptr + at + 3, GRAM);
            if (m->table[place_of(a)] | m->table[place_of(b)] | m->table[place_of(c)] |
                m->table[place_of(d)])
                break;
        }
    for (; at + m->gram <= value.len; at++)
        if (m->table[place_of(gram_at(m, value.ptr + at, value.len - at))])
            return at;
    return value.len;
}

bool tw_marker_in(const struct tw_marker *m, struct tw_str value,
                  enum tw_disguise *disguise)
{
    enum tw_disguise best = TW_DISGUISE_COUNT;
    *disguise = TW_DISGUISE_NONE;
    for (size_t at = 0; (at = next_place(m, value, at)) < value.len; at++) {
        best = look(m, value, at, best);
        if (best == TW_DISGUISE_NONE)
            return true;
    }
    if (best == TW_DISGUISE_COUNT)
        return false;
    *disguise = best;
    return true;
}

bool tw_marker_needles(const struct tw_marker *m, struct tw_arena *arena,
                       struct tw_needles *needles)
{
    for (size_t i = 0; i < m->needles.list.len; i++)
        tw_needles_add(arena, needles, m->needles.list.at[i]);
    return true;
}

const char *tw_disguise_name(enum tw_disguise disguise)
{
    static const char *const names[] = {"plain",   "cut",      "json",    "html",
                                        "percent", "hex",      "gb18030", "utf16",
                                        "double",  "mojibake", "masked"};
    return names[disguise];
}

/* --- making ----------------------------------------------------------------------- */

/* Characters that no name or number begins or ends with: punctuation and symbols, but
 * for parentheses, which companies have, and what masks are made of. */
static bool is_distinctive(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x23, 0x23},     {0x3c, 0x3e},     {0x40, 0x40},     {0x5b, 0x5d},
        {0x7b, 0x7d},     {0x203b, 0x203b}, {0x2190, 0x2bff}, {0x3008, 0x3011},
        {0x3014, 0x301b}, {0xff03, 0xff03}, {0xff1c, 0xff1e}, {0xff20, 0xff20},
        {0xff3b, 0xff3d}, {0xff5b, 0xff5d}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static void plan_masked(struct tw_marker_plan *p, struct tw_marker *m)
{
    const struct tw_marker_char *first = p->chars, *last = first + p->nchars - 1;
    if (p->nchars < CUT_CHARS || !is_distinctive(first->code) ||
        !is_distinctive(last->code))
        return;
    m->first = first->utf8;
    m->last = last->utf8;
    m->hidden = p->nchars - 2;
    tw_form_begin(p, TW_DISGUISE_MASKED);
    tw_form_one(p, 0,
                tw_fmt(p->arena, "%.*s***", (int)first->utf8.len, first->utf8.ptr));
    tw_form_end(p, 1, NULL);
}

static void plan_plain(struct tw_marker_plan *p)
{
    tw_form_begin(p, TW_DISGUISE_NONE);
    for (size_t i = 0, end = 0; i < p->nchars; i++)
        tw_form_one(p, end += p->chars[i].utf8.len, p->chars[i].utf8);
    tw_form_end(p, 1, NULL);
}

/* Reads the characters. False: *WHY says why it cannot be. */
static bool plan_begin(struct tw_marker_plan *p, struct tw_str text, struct tw_str *why)
{
    p->text = tw_str_copy(p->arena, text);
    p->chars = tw_new_array(p->arena, TW_MARKER_CHARS_MAX, struct tw_marker_char);
    p->cut = text.len;
    *why = TW_STR("the text is empty");
    if (text.len == 0)
        return false;
    for (size_t at = 0, n; at < text.len; at += n) {
        struct tw_marker_char c = {0};
        n = tw_utf8_step(tw_str_from(p->text, at), &c.code);
        *why = n == 0 ? TW_STR("the text is not UTF-8")
                      : TW_STR("the text is longer than 500 characters");
        if (n == 0 || p->nchars == TW_MARKER_CHARS_MAX)
            return false;
        c.utf8 = (struct tw_str){p->text.ptr + at, n};
        p->foreign += n > 1;
        p->chars[p->nchars++] = c;
        if (p->cut == text.len && p->nchars >= CUT_CHARS && at + n >= CUT_BYTES)
            p->cut = at + n;
    }
    *why = TW_STR("the text begins or ends with a blank");
    static const uint32_t blanks[] = {' ', '\t', '\r', '\n', 0xa0, 0x3000, 0xfeff};
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
        if (p->chars[0].code == blanks[i] || p->chars[p->nchars - 1].code == blanks[i])
            return false;
    *why = TW_STR("this system's C library cannot convert it to GB18030");
    return !p->foreign || tw_marker_gb(p);
}

/* How common the byte is in data, roughly. */
static unsigned commonness(unsigned char byte)
{
    if (byte < 0x80)
        return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == ' '
                   ? 3
                   : 0;
    return byte >= 0xe4 && byte <= 0xe9 ? 1 : byte < 0xc0 ? 2 : 0;
}

/* The rarest gram of the form's needle. */
static void choose_gram(const struct tw_marker *m, struct tw_marker_form *f)
{
    unsigned best = UINT32_MAX;
    for (size_t at = 0; at + m->gram <= f->needle.len; at++) {
        unsigned cost = 0;
        for (size_t i = 0; i < m->gram; i++)
            cost += commonness((unsigned char)f->needle.ptr[at + i]);
        if (cost < best) {
            best = cost;
            f->gram_offset = at;
        }
    }
}

static void index_forms(struct tw_marker *m)
{
    m->gram = GRAM;
    for (size_t i = 0; i < m->nforms; i++)
        if (m->forms[i].needle.len < m->gram)
            m->gram = m->forms[i].needle.len;
    memset(&m->mask, 0xff, m->gram);
    for (size_t i = m->nforms; i-- > 0;) { /* the first one ends up first */
        struct tw_marker_form *f = &m->forms[i];
        choose_gram(m, f);
        const char *own = f->needle.ptr + f->gram_offset;
        size_t place = place_of(gram_at(m, own, f->needle.len - f->gram_offset));
        m->next[i + 1] = m->table[place];
        m->table[place] = (unsigned char)(i + 1);
    }
}

/* All needles, without those that hold another one. */
static void gather_needles(struct tw_arena *arena, struct tw_marker *m)
{
    for (size_t len = 1, left = m->nforms; left; len++)
        for (size_t i = 0; i < m->nforms; i++)
            if (m->forms[i].wanted.len == len) {
                tw_needles_add(arena, &m->needles, m->forms[i].wanted);
                left--;
            }
}

struct tw_marker *tw_marker_new(struct tw_arena *arena, struct tw_str text,
                                struct tw_str *why)
{
    struct tw_marker_plan plan = {.arena = arena};
    if (!plan_begin(&plan, text, why))
        return NULL;
    struct tw_marker *m = tw_new(arena, struct tw_marker);
    plan_plain(&plan);
    tw_marker_escapes(&plan);
    tw_marker_bytes(&plan);
    tw_marker_mojibake(&plan);
    plan_masked(&plan, m);
    m->forms = plan.forms.at;
    m->nforms = plan.forms.len;
    assert(m->nforms <= FORMS_MAX);
    index_forms(m);
    gather_needles(arena, m);
    *why = TW_NO_STR;
    return m;
}
