/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A marker whose UTF-8 bytes were taken for GB18030 (or GBK), two by two:
 *
 *     解      密      服         E8 A7 | A3 E5 | AF 86 | E6 9C | 8D …   瑙ｅ瘑鏈…
 *     E8 A7 A3 E5 AF 86 E6 9C 8D
 *
 * Whether the marker's first byte begins a pair depends on what stands before it: both
 * ways are forms. The bytes at its two ends may have gone into pairs with foreign ones,
 * or are lost; they are not asked for. Where two bytes are no pair, decoders write `?`,
 * U+FFFD, something of their own or nothing, and go on behind one or behind both of
 * them: a seam. Both ways are forms, too. What the decoders agree in is the needle.
 */
#include <errno.h>
#include <iconv.h>

#include "marker_form.h"

#include "text.h"

#define LOST "\xef\xbf\xbd" /* U+FFFD */

enum codec { TO_GB18030, FROM_GB18030, FROM_GBK, CODECS };

/* Handles of the C library, closed with the arena. */
struct codecs {
    iconv_t of[CODECS];
};

static void close_codecs(void *ptr)
{
    struct codecs *c = ptr;
    for (int i = 0; i < CODECS; i++)
        if (c->of[i] != (iconv_t)-1)
            iconv_close(c->of[i]);
}

static struct codecs *open_codecs(struct tw_arena *arena)
{
    static const char *const to[] = {"GB18030", "UTF-8", "UTF-8"};
    static const char *const from[] = {"UTF-8", "GB18030", "GBK"};
    struct codecs *c = tw_new(arena, struct codecs);
    for (int i = 0; i < CODECS; i++)
        c->of[i] = (iconv_t)-1;
    tw_arena_defer(arena, close_codecs, c);
    for (int i = 0; i < CODECS; i++) {
        c->of[i] = iconv_open(to[i], from[i]);
        if (c->of[i] == (iconv_t)-1 && errno == ENOMEM)
            tw_arena_exhausted(arena);
        if (c->of[i] == (iconv_t)-1)
            return NULL;
    }
    return c;
}

/* IN, all of it, into OUT (8 bytes); the length, 0: it is not so. */
static size_t convert(iconv_t cd, struct tw_str in, char *out)
{
    char *from = (char *)(uintptr_t)in.ptr, *to = out;
    size_t left = in.len, room = 8;
    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &from, &left, &to, &room) != 0 || left)
        return 0;
    return 8 - room;
}

bool tw_marker_gb(struct tw_marker_plan *p)
{
    struct tw_arena *own = tw_arena_child(p->arena);
    struct codecs *codecs = open_codecs(own);
    bool ok = codecs != NULL;
    for (size_t i = 0; ok && i < p->nchars; i++) {
        char gb[8];
        size_t n = convert(codecs->of[TO_GB18030], p->chars[i].utf8, gb);
        p->chars[i].gb = tw_str_copy(p->arena, (struct tw_str){gb, n});
        ok = n != 0;
    }
    tw_arena_release(own);
    return ok;
}

/* The private use areas: what the tables do not agree in. */
static bool is_private(struct tw_str text)
{
    uint32_t c;
    return tw_utf8_step(text, &c) && c >= 0xe000 && c <= 0xf8ff;
}

/* What the decoders make of the two bytes PAIR. */
struct pair {
    char room[2][8];
    struct tw_str gb18030, gbk; /* empty: nothing */
    bool sure;                  /* the same character */
};

static void read_pair(const struct codecs *codecs, struct tw_str bytes,
                      struct pair *out)
{
    size_t a = convert(codecs->of[FROM_GB18030], bytes, out->room[0]);
    size_t b = convert(codecs->of[FROM_GBK], bytes, out->room[1]);
    out->gb18030 = (struct tw_str){out->room[0], a};
    out->gbk = (struct tw_str){out->room[1], b};
    out->sure = a && tw_str_eq(out->gb18030, out->gbk) && !is_private(out->gb18030);
}

static void pair_unit(struct tw_marker_plan *p, size_t end, const struct pair *pair)
{
    if (pair->sure) {
        tw_form_one(p, end, pair->gbk);
        return;
    }
    struct tw_str list[8];
    size_t n = 0;
    if (pair->gb18030.len)
        list[n++] = pair->gb18030;
    if (pair->gbk.len)
        list[n++] = pair->gbk;
    list[n++] = TW_STR(LOST LOST);
    list[n++] = TW_STR("??");
    list[n++] = TW_STR(LOST);
    list[n++] = TW_STR("?");
    list[n++] = TW_STR("");
    tw_form_unit(p, end, list, n);
}

/* A byte that begins no pair, or none with what follows. */
static void lone_unit(struct tw_marker_plan *p, size_t end)
{
    static const struct tw_str list[] = {
        {"\xe2\x82\xac", 3}, {"\xc2\x80", 2}, {LOST, 3}, {"?", 1}, {"", 0}};
    tw_form_unit(p, end, list, sizeof list / sizeof list[0]);
}

/* A first byte before ASCII that is no second byte: the decoder keeps it or not. */
static void broken_unit(struct tw_marker_plan *p, size_t end, char ascii)
{
    struct tw_arena *a = p->arena;
    struct tw_str list[] = {tw_fmt(a, LOST "%c", ascii), tw_fmt(a, "?%c", ascii),
                            tw_fmt(a, "%c", ascii), TW_STR(LOST), TW_STR("?")};
    tw_form_unit(p, end, list, sizeof list / sizeof list[0]);
}

/* Two characters that are sure and stand together are rare; whether it is the marker
 * is told by all of them. */
static bool enough(struct tw_str needle)
{
    enum { SURE_TOGETHER = 2 };
    size_t n = 0;
    for (size_t i = 0; i < needle.len; i++)
        n += (unsigned char)needle.ptr[i] >= 0xc2;
    return n >= SURE_TOGETHER;
}

/* The bytes from START on; at a seam the decoder goes on behind one byte (SHIFT) or
 * two. True: there was a seam. */
static bool decode(struct tw_marker_plan *p, const struct codecs *codecs, size_t start,
                   bool shift)
{
    enum { SURE_MIN = 4 };
    bool seam = false;
    size_t sure = 0;
    tw_form_begin(p, TW_DISGUISE_MOJIBAKE);
    struct tw_str t = p->text;
    for (size_t i = start; i < t.len;) {
        unsigned char byte = (unsigned char)t.ptr[i];
        unsigned char next = i + 1 < t.len ? (unsigned char)t.ptr[i + 1] : 0;
        if (byte < 0x80) {
            i++;
            tw_form_one(p, i, (struct tw_str){t.ptr + i - 1, 1});
        } else if (byte == 0x80) {
            lone_unit(p, ++i);
        } else if (i + 1 == t.len) {
            break;
        } else if (next < 0x40 || next == 0x7f) {
            i += 2;
            broken_unit(p, i, (char)next);
        } else {
            struct pair pair;
            read_pair(codecs, (struct tw_str){t.ptr + i, 2}, &pair);
            seam |= !pair.sure;
            sure += pair.sure;
            i += shift && !pair.sure ? 1 : 2;
            if (shift && !pair.sure)
                lone_unit(p, i);
            else
                pair_unit(p, i, &pair);
        }
    }
    if (sure < SURE_MIN)
        tw_form_drop(p);
    else
        tw_form_end(p, 1, enough);
    return seam;
}

void tw_marker_mojibake(struct tw_marker_plan *p)
{
    if (!p->foreign)
        return;
    struct tw_arena *own = tw_arena_child(p->arena);
    struct codecs *codecs = open_codecs(own);
    for (size_t start = 0; codecs && start < 2; start++)
        if ((start == 0 || (unsigned char)p->text.ptr[0] >= 0x40) &&
            decode(p, codecs, start, false))
            decode(p, codecs, start, true);
    tw_arena_release(own);
}
