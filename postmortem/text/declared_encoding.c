/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings that files declare: see declared_encoding.h.
 *
 * SET NAMES counts where only comments and statements that prepare a session stand
 * before it, so that a text in the data cannot pass for it. All that is read here is
 * ASCII in every encoding that a dump can be in.
 */
#include "declared_encoding.h"

#include "sql_lexer.h"

static const struct {
    const char *mysql, *iconv;
} charsets[] = {
    {"utf8mb4", "UTF-8"},      {"utf8", "UTF-8"},        {"utf8mb3", "UTF-8"},
    {"binary", "binary"},      {"gbk", "GBK"},           {"gb2312", "GBK"},
    {"gb18030", "GB18030"},    {"big5", "BIG5"},         {"latin1", "CP1252"},
    {"ascii", "UTF-8"},        {"latin2", "ISO-8859-2"}, {"latin5", "ISO-8859-9"},
    {"latin7", "ISO-8859-13"}, {"greek", "ISO-8859-7"},  {"hebrew", "ISO-8859-8"},
    {"cp1250", "CP1250"},      {"cp1251", "CP1251"},     {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},      {"cp850", "CP850"},       {"cp852", "CP852"},
    {"cp866", "CP866"},        {"koi8r", "KOI8-R"},      {"koi8u", "KOI8-U"},
    {"tis620", "TIS-620"},     {"euckr", "CP949"},       {"ujis", "EUC-JP"},
    {"eucjpms", "EUC-JP-MS"},  {"sjis", "SJIS"},         {"cp932", "CP932"},
};

struct tw_str tw_mysql_encoding(struct tw_str charset)
{
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
        if (tw_str_eq_nocase(charset, tw_str_of(charsets[i].mysql)))
            return tw_str_of(charsets[i].iconv);
    return TW_STR("");
}

/* encoding="…" of `<?xml version="1.0" encoding="…"?>`. */
static struct tw_str of_xml(struct tw_str head)
{
    struct tw_str decl = tw_str_first(head, tw_str_find(head, '>'));
    struct tw_str key = TW_STR("encoding");
    size_t at = tw_str_find_str(decl, key);
    if (at == decl.len)
        return TW_STR("");
    struct tw_str value = tw_str_trim(tw_str_from(decl, at + key.len));
    if (!tw_str_starts(value, "="))
        return TW_STR("");
    value = tw_str_trim(tw_str_from(value, 1));
    if (!tw_str_starts(value, "\"") && !tw_str_starts(value, "'"))
        return TW_STR("");
    char quote = value.ptr[0];
    value = tw_str_from(value, 1);
    size_t n = tw_str_find(value, quote);
    return n < value.len ? tw_str_first(value, n) : TW_STR("");
}

/* Words that begin statements which prepare a session. */
static bool prepares(const struct tw_sql_lexer *lx)
{
    static const char *const words[] = {"SET",  "USE",  "START",  "BEGIN",
                                        "DROP", "LOCK", "UNLOCK", "COMMIT"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tw_sql_is_word(lx, words[i]))
            return true;
    return false;
}

/* Goes on behind the statement's end; false where it does not end here. */
static bool pass_statement(struct tw_sql_lexer *lx)
{
    struct tw_sql_walk walk = {.delimiter = TW_STR(";")};
    bool ended;
    lx->at += tw_sql_pass(&walk, tw_str_from(lx->bytes, lx->at), true, &ended);
    return ended;
}

static struct tw_str of_sql(struct tw_str head)
{
    struct tw_sql_lexer lx = {.bytes = head, .last = true};
    for (;;) {
        tw_sql_step(&lx);
        if (!prepares(&lx))
            return TW_STR("");
        bool set = tw_sql_is_word(&lx, "SET");
        struct tw_sql_lexer behind = lx;
        tw_sql_step(&behind);
        if (set && tw_sql_is_word(&behind, "NAMES")) {
            tw_sql_step(&behind);
            bool named =
                behind.now.kind == TW_SQL_WORD || behind.now.kind == TW_SQL_STRING;
            return named ? behind.now.raw : TW_STR("");
        }
        if (!pass_statement(&lx))
            return TW_STR("");
    }
}

struct tw_str tw_declared_encoding(struct tw_str head, bool *sql)
{
    *sql = !tw_str_starts(head, "<?xml");
    return *sql ? of_sql(head) : of_xml(head);
}

enum tw_backslash_family tw_backslash_family(struct tw_str encoding)
{
    static const struct {
        const char *name;
        enum tw_backslash_family family;
    } families[] = {{"GBK", TW_FAMILY_GBK},       {"GB18030", TW_FAMILY_GBK},
                    {"CP936", TW_FAMILY_GBK},     {"BIG5", TW_FAMILY_BIG5},
                    {"CP950", TW_FAMILY_BIG5},    {"SJIS", TW_FAMILY_SJIS},
                    {"CP932", TW_FAMILY_SJIS},    {"SHIFT_JIS", TW_FAMILY_SJIS},
                    {"SHIFT-JIS", TW_FAMILY_SJIS}};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (tw_str_eq_nocase(encoding, tw_str_of(families[i].name)))
            return families[i].family;
    return TW_FAMILY_NONE;
}

static bool within(unsigned char c, unsigned low, unsigned high)
{
    return c >= low && c <= high;
}

size_t tw_backslash_step(enum tw_backslash_family family, struct tw_str bytes,
                         bool last)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    bool lead = family == TW_FAMILY_GBK    ? within(p[0], 0x81, 0xfe)
                : family == TW_FAMILY_BIG5 ? within(p[0], 0xa1, 0xf9)
                : family == TW_FAMILY_SJIS
                    ? within(p[0], 0x81, 0x9f) || within(p[0], 0xe0, 0xfc)
                    : false;
    if (!lead)
        return 1;
    if (bytes.len < 2)
        return last ? 1 : 0;
    if (family == TW_FAMILY_GBK && within(p[1], 0x30, 0x39)) {
        if (bytes.len < 4)
            return last ? 1 : 0;
        return within(p[2], 0x81, 0xfe) && within(p[3], 0x30, 0x39) ? 4 : 1;
    }
    bool low = within(p[1], 0x40, 0x7e);
    bool high = family == TW_FAMILY_BIG5   ? within(p[1], 0xa1, 0xfe)
                : family == TW_FAMILY_SJIS ? within(p[1], 0x80, 0xfc)
                                           : within(p[1], 0x80, 0xfe);
    return low || high ? 2 : 1;
}
