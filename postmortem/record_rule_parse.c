/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of rules: see record_rule.h. One error per rule; each points into its
 * text. */
#include <string.h>

#include "record_rule.h"
#include "text.h"

struct parser {
    struct tw_arena *arena;
    const struct tw_source *src;
    struct tw_str rest;
    struct tw_diags *diags;
};

static struct tw_span here(const struct parser *p, size_t len)
{
    uint64_t off = (uint64_t)(p->rest.ptr - p->src->text.ptr);
    return (struct tw_span){p->src, off, len};
}

static void skip_blanks(struct parser *p)
{
    while (p->rest.len && strchr(" \t\r\n", p->rest.ptr[0]) && p->rest.ptr[0])
        p->rest = tw_str_from(p->rest, 1);
}

static bool take(struct parser *p, const char *literal)
{
    if (!tw_str_starts(p->rest, literal))
        return false;
    p->rest = tw_str_from(p->rest, strlen(literal));
    return true;
}

/* A run up to a blank or an operator. */
static struct tw_str peek_word(const struct parser *p)
{
    size_t n = 0;
    while (n < p->rest.len && p->rest.ptr[n] &&
           !strchr(" \t\r\n~!=<>'\"`", p->rest.ptr[n]))
        n++;
    return tw_str_first(p->rest, n);
}

static struct tw_str take_word(struct parser *p)
{
    struct tw_str word = peek_word(p);
    p->rest = tw_str_from(p->rest, word.len);
    skip_blanks(p);
    return word;
}

static bool at_quote(const struct parser *p)
{
    return p->rest.len &&
           (p->rest.ptr[0] == '\'' || p->rest.ptr[0] == '"' || p->rest.ptr[0] == '`');
}

/* 'it''s' */
static bool take_quoted(struct parser *p, struct tw_str *out)
{
    char quote = p->rest.ptr[0];
    struct tw_buf buf;
    tw_buf_init(&buf, p->arena);
    for (size_t i = 1; i < p->rest.len; i++) {
        if (p->rest.ptr[i] != quote) {
            tw_buf_char(&buf, p->rest.ptr[i]);
            continue;
        }
        if (i + 1 < p->rest.len && p->rest.ptr[i + 1] == quote) {
            tw_buf_char(&buf, p->rest.ptr[i++]);
            continue;
        }
        p->rest = tw_str_from(p->rest, i + 1);
        skip_blanks(p);
        *out = tw_buf_view(&buf);
        return true;
    }
    TW_DIAG(p->diags, TW_D_rule_quote_open, here(p, p->rest.len));
    return false;
}

static bool column_number(struct parser *p, struct tw_str word,
                          struct tw_column_ref *out)
{
    out->kind = TW_COLUMN_NUMBER;
    if (tw_parse_u64(tw_str_from(word, 1), 1000000, &out->number) && out->number)
        return true;
    TW_DIAG(p->diags, TW_D_rule_column_number, out->at, word);
    return false;
}

static bool parse_column(struct parser *p, struct tw_column_ref *out)
{
    *out = (struct tw_column_ref){.kind = TW_COLUMN_NAME};
    struct tw_span at = here(p, 1);
    bool quoted = at_quote(p);
    if (quoted) {
        if (!take_quoted(p, &out->name))
            return false;
    } else {
        out->name = take_word(p);
    }
    struct tw_str written = {p->src->text.ptr + at.off, 0};
    written.len = (size_t)(p->rest.ptr - written.ptr);
    written = tw_str_trim(written);
    at.len = written.len;
    out->at = at;
    if (!quoted && tw_str_is(out->name, "*")) {
        out->kind = TW_COLUMN_ANY;
        return true;
    }
    if (!quoted && tw_str_starts(out->name, "#"))
        return column_number(p, out->name, out);
    if (out->name.len)
        return true;
    TW_DIAG(p->diags, TW_D_rule_no_column, at);
    return false;
}

/* No operator follows: a bare name may hold blanks. */
static bool parse_whole_column(struct parser *p, struct tw_column_ref *out)
{
    if (at_quote(p)) {
        if (!parse_column(p, out))
            return false;
        if (p->rest.len)
            TW_DIAG(p->diags, TW_D_rule_rest, here(p, p->rest.len));
        return p->rest.len == 0;
    }
    *out = (struct tw_column_ref){
        .kind = TW_COLUMN_NAME, .name = p->rest, .at = here(p, p->rest.len)};
    if (tw_str_starts(out->name, "#"))
        return column_number(p, out->name, out);
    if (out->name.len && !tw_str_is(out->name, "*"))
        return true;
    TW_DIAG(p->diags, TW_D_rule_no_column, out->at);
    return false;
}

bool tw_column_ref_parse(struct tw_arena *arena, const struct tw_source *src,
                         struct tw_str text, struct tw_column_refs *refs,
                         struct tw_diags *diags, size_t *column)
{
    struct parser p = {arena, src, tw_str_trim(text), diags};
    struct tw_column_ref ref;
    if (!parse_whole_column(&p, &ref))
        return false;
    *column = tw_column_refs_add(arena, refs, ref);
    return true;
}

static bool parse_regex(struct parser *p, struct tw_record_rule *rule)
{
    if (!tw_str_starts(p->rest, "/")) {
        TW_DIAG(p->diags, TW_D_rule_regex_expected, here(p, p->rest.len ? 1 : 0));
        return false;
    }
    struct tw_span open = here(p, p->rest.len);
    p->rest = tw_str_from(p->rest, 1);
    struct tw_span start = here(p, 0);
    size_t n = 0;
    while (n < p->rest.len && p->rest.ptr[n] != '/')
        n += p->rest.ptr[n] == '\\' && n + 1 < p->rest.len ? 2 : 1;
    if (n == p->rest.len) {
        TW_DIAG(p->diags, TW_D_rule_regex_open, open);
        return false;
    }
    struct tw_str pattern = tw_str_first(p->rest, n), why;
    p->rest = tw_str_from(p->rest, n + 1);
    bool ignore_case = take(p, "i");
    size_t at;
    rule->literal = pattern;
    rule->regex = tw_regex_compile(p->arena, pattern, ignore_case, &why, &at);
    if (!rule->regex) {
        start.off += at;
        start.len = at < n ? 1 : 0;
        TW_DIAG(p->diags, TW_D_rule_regex_bad, start, why);
    }
    return rule->regex != NULL;
}

/* What a literal is, it says itself. */
static bool typed_literal(struct tw_record_rule *rule)
{
    if (tw_parse_decimal(rule->literal, &rule->number))
        rule->kind = TW_LITERAL_NUMBER;
    else if (tw_time_parse(rule->literal, &rule->time))
        rule->kind = TW_LITERAL_TIME;
    else
        return false;
    return true;
}

static bool parse_literal(struct parser *p, struct tw_record_rule *rule)
{
    bool ordered = rule->op != TW_TEST_EQ && rule->op != TW_TEST_NE;
    struct tw_span at = here(p, p->rest.len);
    if (p->rest.len == 0) {
        TW_DIAG(p->diags, TW_D_rule_literal_expected, at);
        return false;
    }
    bool quoted = at_quote(p);
    if (quoted) {
        if (!take_quoted(p, &rule->literal))
            return false;
    } else {
        /* A bare literal is the whole rest: a time may hold a blank. */
        rule->literal = tw_str_trim(p->rest);
        p->rest = tw_str_from(p->rest, p->rest.len);
    }
    if (quoted && !ordered) {
        rule->kind = TW_LITERAL_TEXT;
        return true;
    }
    if (typed_literal(rule))
        return true;
    TW_DIAG(p->diags, ordered ? TW_D_rule_literal_untyped : TW_D_rule_text_unquoted, at,
            rule->literal);
    return false;
}

static bool parse_is(struct parser *p, struct tw_record_rule *rule)
{
    struct tw_span at = here(p, peek_word(p).len);
    struct tw_str word = take_word(p);
    bool not = tw_str_eq_nocase(word, TW_STR("not"));
    if (not ) {
        at = here(p, peek_word(p).len);
        word = take_word(p);
    }
    if (tw_str_eq_nocase(word, TW_STR("null"))) {
        rule->op = not ? TW_TEST_NOT_NULL : TW_TEST_NULL;
        return true;
    }
    if (tw_str_eq_nocase(word, TW_STR("empty"))) {
        rule->op = not ? TW_TEST_NOT_EMPTY : TW_TEST_EMPTY;
        return true;
    }
    TW_DIAG(p->diags, TW_D_rule_is_what, at);
    return false;
}

/* The names of the detectors that USE takes, as a list and as one text. */
static size_t names_of(enum tw_detector_use use, const char *names[], size_t room)
{
    size_t n = 0;
    for (size_t i = 0; tw_detectors[i] && n + 1 < room; i++)
        if (tw_detectors[i]->use == use)
            names[n++] = tw_detectors[i]->name;
    names[n] = NULL;
    return n;
}

static struct tw_str joined(struct tw_arena *arena, const char *const *names)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    for (size_t i = 0; names[i]; i++)
        tw_buf_fmt(&buf, "%s%s", i ? ", " : "", names[i]);
    return tw_buf_view(&buf);
}

/* fails NAME, looks NAME */
static bool parse_detector(struct parser *p, struct tw_record_rule *rule)
{
    bool fails = rule->op == TW_TEST_FAILS;
    enum tw_detector_use use = fails ? TW_DETECTOR_FORMAT : TW_DETECTOR_LOOKS;
    struct tw_str verb = fails ? TW_STR("fails") : TW_STR("looks");
    struct tw_str word = peek_word(p);
    struct tw_span at = here(p, word.len);
    const char *names[64];
    names_of(use, names, sizeof names / sizeof names[0]);
    if (word.len == 0) {
        TW_DIAG(p->diags, TW_D_rule_detector_missing, at, verb,
                joined(p->arena, names));
        return false;
    }
    rule->detector = tw_detector_by_name(word);
    if (rule->detector && rule->detector->use == use) {
        take_word(p);
        return true;
    }
    if (rule->detector && rule->detector->use != TW_DETECTOR_RULE) {
        TW_DIAG(p->diags, TW_D_rule_detector_use, at, word, verb,
                fails ? TW_STR("looks") : TW_STR("fails"));
        return false;
    }
    const char *near = tw_nearest(word, names);
    if (near)
        TW_DIAG(p->diags, TW_D_rule_detector_near, at, word, verb, tw_str_of(near));
    else
        TW_DIAG(p->diags, TW_D_rule_detector_missing, at, verb,
                joined(p->arena, names));
    return false;
}

/* has marker 'TEXT' */
static bool parse_marker(struct parser *p, struct tw_record_rule *rule)
{
    struct tw_span at = here(p, peek_word(p).len);
    if (!tw_str_eq_nocase(take_word(p), TW_STR("marker"))) {
        TW_DIAG(p->diags, TW_D_rule_has_what, at);
        return false;
    }
    at = here(p, p->rest.len);
    if (!at_quote(p)) {
        TW_DIAG(p->diags, TW_D_rule_has_what, at);
        return false;
    }
    if (!take_quoted(p, &rule->literal))
        return false;
    struct tw_str why;
    rule->marker = tw_marker_new(p->arena, rule->literal, &why);
    if (!rule->marker)
        TW_DIAG(p->diags, TW_D_rule_marker_bad, at, why);
    return rule->marker != NULL;
}

static bool parse_operator(struct parser *p, struct tw_record_rule *rule)
{
    static const struct {
        const char *text;
        enum tw_record_test op;
    } ops[] = {{"!~", TW_TEST_MATCHES_NOT}, {"~", TW_TEST_MATCHES}, {"!=", TW_TEST_NE},
               {"<=", TW_TEST_LE},          {">=", TW_TEST_GE},     {"<", TW_TEST_LT},
               {">", TW_TEST_GT},           {"=", TW_TEST_EQ}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (!take(p, ops[i].text))
            continue;
        skip_blanks(p);
        rule->op = ops[i].op;
        bool regex = rule->op == TW_TEST_MATCHES || rule->op == TW_TEST_MATCHES_NOT;
        return regex ? parse_regex(p, rule) : parse_literal(p, rule);
    }
    struct tw_str word = peek_word(p);
    struct tw_span at = here(p, p->rest.len);
    if (tw_str_eq_nocase(word, TW_STR("is"))) {
        take_word(p);
        return parse_is(p, rule);
    }
    if (tw_str_eq_nocase(word, TW_STR("fails")) ||
        tw_str_eq_nocase(word, TW_STR("looks"))) {
        bool fails = tw_str_eq_nocase(take_word(p), TW_STR("fails"));
        rule->op = fails ? TW_TEST_FAILS : TW_TEST_LOOKS;
        return parse_detector(p, rule);
    }
    if (tw_str_eq_nocase(word, TW_STR("has"))) {
        take_word(p);
        rule->op = TW_TEST_HAS_MARKER;
        return parse_marker(p, rule);
    }
    TW_DIAG(p->diags, TW_D_rule_operator, at);
    return false;
}

bool tw_record_rule_parse(struct tw_arena *arena, const struct tw_source *src,
                          struct tw_column_refs *refs, struct tw_diags *diags,
                          struct tw_record_rule *out)
{
    struct parser p = {arena, src, src->text, diags};
    *out = (struct tw_record_rule){.text = tw_str_trim(src->text)};
    if (!tw_utf8_valid(src->text)) {
        TW_DIAG(diags, TW_D_rule_not_utf8, TW_NOWHERE);
        return false;
    }
    skip_blanks(&p);
    struct tw_column_ref ref;
    if (!parse_column(&p, &ref) || !parse_operator(&p, out))
        return false;
    skip_blanks(&p);
    if (p.rest.len) {
        TW_DIAG(diags, TW_D_rule_rest, here(&p, p.rest.len));
        return false;
    }
    out->column = tw_column_refs_add(arena, refs, ref);
    return true;
}
