/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what is asked beyond counts, and refuses what contradicts itself. */
#include "answers_plan.h"

#include <string.h>

#include "input.h"
#include "messages.h"

enum {
    LIST_COUNT_MAX = 1000000,
    LIST_BYTES_MAX = 256 << 20,
    HEALTH_CELLS_MAX = 1000000,
    PCT_DIGITS_MAX = 12,
    KEY_MIN = 16,
    KEY_MAX = 4096
};

void tw_answers_options_init(struct tw_impact_options *o)
{
    o->pct_digits = UINT64_MAX;
    o->list_count_max = LIST_COUNT_MAX;
    o->list_bytes_max = LIST_BYTES_MAX;
    o->health_cells_max = HEALTH_CELLS_MAX;
}

static struct tw_str say(struct tw_impact *im, enum tw_message m)
{
    return TW_SAY(im->arena, im->diags->lang, m);
}

static bool bad_option(struct tw_impact *im, const char *option, struct tw_str value,
                       enum tw_message what)
{
    TW_DIAG(im->diags, TW_D_answers_option_bad, TW_NOWHERE, tw_str_of(option), value,
            say(im, what));
    return false;
}

static bool needs(struct tw_impact *im, const char *option, const char *other)
{
    TW_DIAG(im->diags, TW_D_answers_needs, TW_NOWHERE, tw_str_of(option),
            tw_str_of(other));
    return false;
}

static bool against(struct tw_impact *im, const char *option, const char *other)
{
    TW_DIAG(im->diags, TW_D_answers_against, TW_NOWHERE, tw_str_of(option),
            tw_str_of(other));
    return false;
}

/* The reference that is the whole of TEXT, a slice of SAID's. */
static bool read_column(struct tw_impact *im, const struct tw_source *src,
                        struct tw_str text, size_t *column)
{
    return tw_column_ref_parse(im->arena, src, text, &im->plan.refs, im->diags, column);
}

static const struct tw_source *source_of(struct tw_impact *im, struct tw_said said)
{
    return tw_source_new(im->arena, said.name, said.text);
}

/* Where a name in quotes ends; 0 where there is none. */
static size_t quoted_end(struct tw_str s)
{
    if (s.len == 0 || !strchr("'\"`", s.ptr[0]))
        return 0;
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] != s.ptr[0])
            continue;
        if (i + 1 == s.len || s.ptr[i + 1] != s.ptr[0])
            return i + 1;
        i++;
    }
    return 0;
}

/* --- health ----------------------------------------------------------------------- */

static const struct tw_detector *format_of(struct tw_impact *im, struct tw_str text,
                                           struct tw_str name)
{
    const struct tw_detector *d = tw_detector_by_name(name);
    if (d && d->use == TW_DETECTOR_FORMAT)
        return d;
    TW_VEC(const char *) names = {0};
    for (size_t i = 0; tw_detectors[i]; i++)
        if (tw_detectors[i]->use == TW_DETECTOR_FORMAT)
            *tw_vec_add(im->arena, &names) = tw_detectors[i]->name;
    *tw_vec_add(im->arena, &names) = NULL;
    const char *near = tw_nearest(name, names.at);
    struct tw_str hint = TW_STR("");
    if (near)
        hint = TW_SAY(im->arena, im->diags->lang, TW_M_answers_near, tw_str_of(near));
    TW_DIAG(im->diags, TW_D_answers_health_format, TW_NOWHERE, text, name, hint);
    return NULL;
}

/* COLUMN[=FORMAT], or * */
static bool read_health(struct tw_impact *im, struct tw_said said)
{
    struct tw_health_plan *plan = &im->answers.health;
    const struct tw_source *src = source_of(im, said);
    struct tw_str text = tw_str_trim(src->text), column = text;
    if (tw_str_is(text, "*")) {
        struct tw_column_ref any = {.kind = TW_COLUMN_ANY};
        plan->all = true;
        (void)tw_column_refs_add(im->arena, &im->plan.refs, any);
        return true;
    }
    struct tw_health_asked *asked = &plan->asked[plan->nasked];
    *asked = (struct tw_health_asked){.name = text};
    size_t from = quoted_end(text);
    size_t eq = from + tw_str_find(tw_str_from(text, from), '=');
    if (eq < text.len) {
        column = tw_str_trim(tw_str_first(text, eq));
        asked->format = format_of(im, text, tw_str_trim(tw_str_from(text, eq + 1)));
        if (!asked->format)
            return false;
    }
    if (!read_column(im, src, column, &asked->column))
        return false;
    const struct tw_column_ref *ref = &im->plan.refs.list.at[asked->column];
    asked->name = ref->kind == TW_COLUMN_NAME ? ref->name : column;
    for (size_t i = 0; i < plan->nasked; i++)
        if (plan->asked[i].column == asked->column) {
            TW_DIAG(im->diags, TW_D_answers_health_twice, TW_NOWHERE, asked->name);
            return false;
        }
    plan->nasked++;
    return true;
}

/* The text in quotes that is the whole of S, or false. */
static bool unquote(struct tw_arena *arena, struct tw_str s, struct tw_str *out)
{
    if (s.len < 2 || quoted_end(s) != s.len)
        return false;
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    for (size_t i = 1; i + 1 < s.len; i++) {
        tw_buf_char(&buf, s.ptr[i]);
        i += s.ptr[i] == s.ptr[0]; /* written twice */
    }
    *out = tw_buf_view(&buf);
    return true;
}

static bool take_word(struct tw_str *s, const char *word)
{
    struct tw_str rest = tw_str_trim(*s);
    if (!tw_str_starts(rest, word))
        return false;
    *s = tw_str_from(rest, strlen(word));
    return true;
}

/* The rules `COLUMN has marker 'TEXT'` of --wrong: no other operator begins with
 * "has". */
static void find_markers(struct tw_impact *im)
{
    struct tw_health_plan *plan = &im->answers.health;
    plan->markers = tw_new_array(im->arena, im->plan.nwrong, struct tw_health_marker);
    for (size_t i = 0; i < im->plan.nwrong; i++) {
        const struct tw_record_rule *rule = &im->plan.wrong[i];
        struct tw_str rest = tw_str_trim(rule->text), text, why;
        size_t end = quoted_end(rest);
        while (!end && rest.len && !strchr(" \t", rest.ptr[0]))
            rest = tw_str_from(rest, 1);
        rest = tw_str_from(rest, end);
        if (!take_word(&rest, "has") || !take_word(&rest, "marker") ||
            !unquote(im->arena, tw_str_trim(rest), &text))
            continue;
        const struct tw_marker *marker = tw_marker_new(im->arena, text, &why);
        if (marker)
            plan->markers[plan->nmarkers++] =
                (struct tw_health_marker){i, rule->column, marker};
    }
}

static bool plan_health(struct tw_impact *im)
{
    struct tw_health_plan *plan = &im->answers.health;
    const struct tw_said_list *said = &im->options->health;
    bool ok = true;
    plan->asked = tw_new_array(im->arena, said->list.len, struct tw_health_asked);
    plan->cells_max = im->options->health_cells_max;
    plan->mojibake = tw_detector_by_name(TW_STR("mojibake"));
    plan->ciphertext = tw_detector_by_name(TW_STR("ciphertext"));
    plan->empty = tw_detector_by_name(TW_STR("empty"));
    for (size_t i = 0; i < said->list.len; i++)
        ok &= read_health(im, said->list.at[i]);
    if (said->list.len)
        find_markers(im);
    plan->by = im->answers.time_by;
    if (plan->by == SIZE_MAX && im->plan.nby)
        plan->by = 0;
    im->answers.has_health = said->list.len > 0;
    return ok;
}

/* --- sample, percentages ---------------------------------------------------------- */

/* 1/100, or 0.5% */
static bool plan_sample(struct tw_impact *im)
{
    struct tw_sample_plan *s = &im->answers.sample;
    struct tw_str text = tw_str_trim(im->options->sample);
    if (text.len == 0)
        return true;
    bool ok = false;
    size_t slash = tw_str_find(text, '/');
    struct tw_decimal d;
    if (slash < text.len) {
        ok =
            tw_parse_u64(tw_str_trim(tw_str_first(text, slash)), UINT32_MAX, &s->num) &&
            tw_parse_u64(tw_str_trim(tw_str_from(text, slash + 1)), UINT32_MAX,
                         &s->den);
    } else if (tw_str_ends(text, "%") &&
               tw_parse_decimal(tw_str_trim(tw_str_first(text, text.len - 1)), &d) &&
               d.scale <= 9 && d.units > 0 && d.units <= 100 * (tw_i128)1000000000) {
        s->num = (uint64_t)d.units;
        s->den = 100;
        for (uint32_t i = 0; i < d.scale; i++)
            s->den *= 10;
        ok = true;
    }
    ok = ok && s->num > 0 && s->num <= s->den;
    if (!ok)
        TW_DIAG(im->diags, TW_D_answers_sample_bad, TW_NOWHERE, text);
    s->on = ok && s->num < s->den;
    return ok;
}

static bool plan_percentages(struct tw_impact *im)
{
    const struct tw_impact_options *o = im->options;
    struct tw_pct_style *style = &im->answers.pct;
    bool ok = true;
    style->digits = -1;
    if (o->pct_digits <= PCT_DIGITS_MAX)
        style->digits = (int)o->pct_digits;
    else if (o->pct_digits != UINT64_MAX)
        ok = bad_option(im, "--pct-digits",
                        tw_fmt(im->arena, "%llu", (unsigned long long)o->pct_digits),
                        TW_M_answers_word_digits);
    if (tw_str_is(o->pct_mode, "trunc"))
        style->truncated = true;
    else if (o->pct_mode.len && !tw_str_is(o->pct_mode, "half-up"))
        ok = bad_option(im, "--pct-mode", o->pct_mode, TW_M_answers_word_mode);
    if (style->truncated && o->pct_digits == UINT64_MAX)
        ok = needs(im, "--pct-mode trunc", "--pct-digits N");
    return ok;
}

/* --- lists, samples, secrets, keys ------------------------------------------------ */

/* FILE, or COLUMN:FILE */
static bool read_list(struct tw_impact *im, struct tw_said said,
                      struct tw_list_plan *list)
{
    const struct tw_source *src = source_of(im, said);
    size_t colon = src->text.len;
    for (size_t i = src->text.len; i-- > 0 && colon == src->text.len;)
        if (src->text.ptr[i] == ':')
            colon = i;
    list->file = src->text;
    if (colon < src->text.len) {
        list->file = tw_str_from(src->text, colon + 1);
        list->text = tw_str_trim(tw_str_first(src->text, colon));
        if (!read_column(im, src, list->text, &list->column))
            return false;
    } else if (im->plan.ndistinct == 0) {
        return needs(im, "--list FILE", "--distinct COLUMN");
    } else {
        list->column = im->plan.distinct[0].column;
        list->text = im->plan.distinct[0].text;
    }
    return list->file.len > 0 ||
           bad_option(im, "--list", src->text, TW_M_answers_word_list);
}

static bool plan_lists(struct tw_impact *im)
{
    const struct tw_said_list *said = &im->options->lists;
    struct tw_answers_plan *plan = &im->answers;
    bool ok = true;
    plan->nlists = said->list.len;
    plan->lists = tw_new_array(im->arena, plan->nlists, struct tw_list_plan);
    plan->list_count_max = im->options->list_count_max;
    plan->list_bytes_max = im->options->list_bytes_max;
    for (size_t i = 0; i < plan->nlists; i++) {
        ok &= read_list(im, said->list.at[i], &plan->lists[i]);
        for (size_t k = 0; ok && k < i; k++)
            if (tw_str_eq(plan->lists[k].file, plan->lists[i].file))
                ok = bad_option(im, "--list", plan->lists[i].file,
                                TW_M_answers_word_other);
    }
    return ok;
}

static bool plan_samples(struct tw_impact *im)
{
    im->answers.samples = im->options->samples;
    if (im->options->samples <= TW_SAMPLES_MAX)
        return true;
    return bad_option(
        im, "--samples",
        tw_fmt(im->arena, "%llu", (unsigned long long)im->options->samples),
        TW_M_answers_word_samples);
}

static bool plan_secrets(struct tw_impact *im)
{
    const struct tw_said_list *said = &im->options->secret;
    struct tw_answers_plan *plan = &im->answers;
    bool ok = true;
    plan->nsecret = said->list.len;
    plan->secret = tw_new_array(im->arena, plan->nsecret, size_t);
    for (size_t i = 0; i < plan->nsecret; i++) {
        const struct tw_source *src = source_of(im, said->list.at[i]);
        ok &= read_column(im, src, src->text, &plan->secret[i]);
    }
    return ok;
}

static bool read_key(struct tw_impact *im)
{
    struct tw_str path = im->options->key_file;
    if (path.len == 0)
        return needs(im, "--keyed", "--key-file FILE");
    struct tw_input *input = tw_input_open(im->arena, path, path, im->diags);
    if (!input)
        return false;
    char *key = tw_arena_alloc(im->arena, KEY_MAX + 2);
    size_t len = 0, got = 1;
    while (got && len < KEY_MAX + 2) {
        if (tw_input_read(input, key + len, KEY_MAX + 2 - len, &got) != TW_OK)
            return false;
        len += got;
    }
    if (len && key[len - 1] == '\n')
        len--;
    if (len && key[len - 1] == '\r')
        len--;
    im->answers.key = (struct tw_str){key, len};
    if (len >= KEY_MIN && len <= KEY_MAX)
        return true;
    TW_DIAG(im->diags, TW_D_key_file_bad, TW_NOWHERE, path,
            tw_fmt(im->arena, "%s%zu", len > KEY_MAX ? "> " : "",
                   len > KEY_MAX ? (size_t)KEY_MAX : len));
    return false;
}

static bool plan_keyed(struct tw_impact *im)
{
    const struct tw_said_list *said = &im->options->keyed;
    struct tw_answers_plan *plan = &im->answers;
    bool ok = true;
    plan->keyed = tw_new_array(im->arena, im->plan.nby, bool);
    plan->any_keyed = said->list.len > 0;
    for (size_t i = 0; i < said->list.len; i++) {
        const struct tw_source *src = source_of(im, said->list.at[i]);
        size_t column;
        if (!read_column(im, src, src->text, &column))
            return false;
        bool found = false;
        for (size_t k = 0; k < im->plan.nby; k++) {
            if (im->plan.by[k].column != column)
                continue;
            found = true;
            if (im->plan.by[k].bucket != TW_BUCKET_NONE)
                ok = against(im, "--keyed", "--by COLUMN:day|hour|month");
            plan->keyed[k] = true;
        }
        if (!found)
            ok = needs(im, "--keyed COLUMN", "--by COLUMN");
    }
    if (plan->any_keyed)
        return read_key(im) && ok;
    return !im->options->key_file.len || needs(im, "--key-file", "--keyed COLUMN");
}

static bool plan_external(struct tw_impact *im)
{
    im->answers.external = im->options->external;
    if (!im->options->external)
        return true;
    if (im->answers.nlists)
        return against(im, "--external", "--list");
    return !im->answers.samples || against(im, "--external", "--samples");
}

/* --- the baseline ----------------------------------------------------------------- */

static bool check_baseline(struct tw_impact *im)
{
    const struct tw_baseline *b = im->baseline;
    const struct tw_health_plan *health = &im->answers.health;
    bool ok = true;
    for (size_t i = 0; i < health->nasked; i++) {
        const struct tw_health_asked *a = &health->asked[i];
        const struct tw_baseline_column *c = tw_baseline_column(b, a->name);
        struct tw_str format = tw_str_of(a->format ? a->format->name : "");
        if (c && tw_str_eq(c->format, format))
            continue;
        TW_DIAG(im->diags, TW_D_baseline_bad, TW_NOWHERE, b->path,
                TW_SAY(im->arena, im->diags->lang,
                       c ? TW_M_baseline_other_format : TW_M_baseline_no_column,
                       a->name));
        ok = false;
    }
    if (!tw_baseline_same_rules(b->where.at, b->where.len, im->plan.where,
                                im->plan.nwhere))
        TW_DIAG(im->diags, TW_D_baseline_odd, TW_NOWHERE,
                say(im, TW_M_baseline_other_where));
    if (b->sampled)
        TW_DIAG(im->diags, TW_D_baseline_odd, TW_NOWHERE,
                say(im, TW_M_baseline_sample));
    if (b->refused)
        TW_DIAG(im->diags, TW_D_baseline_odd, TW_NOWHERE,
                TW_SAY(im->arena, im->diags->lang, TW_M_baseline_refused,
                       tw_thousands(im->arena, b->refused)));
    return ok;
}

static bool plan_baseline(struct tw_impact *im)
{
    const struct tw_impact_options *o = im->options;
    if (o->baseline.len == 0)
        return !o->fail_on_drift || needs(im, "--fail-on-drift", "--baseline FILE");
    im->baseline = tw_baseline_load(im->arena, o->baseline, im->diags);
    if (!im->baseline || !check_baseline(im))
        return false;
    return !o->fail_on_drift || im->answers.has_health ||
           needs(im, "--fail-on-drift", "--health COLUMN");
}

bool tw_answers_plan_make(struct tw_impact *im)
{
    struct tw_answers_plan *plan = &im->answers;
    plan->time_by = SIZE_MAX;
    for (size_t i = im->plan.nby; i-- > 0;)
        if (im->plan.by[i].bucket != TW_BUCKET_NONE)
            plan->time_by = i;
    bool ok = plan_health(im);
    ok &= plan_sample(im);
    ok &= plan_percentages(im);
    ok &= plan_lists(im);
    ok &= plan_samples(im);
    ok &= plan_secrets(im);
    ok &= plan_keyed(im);
    ok &= plan_external(im);
    ok = ok && plan_baseline(im);
    plan->records = plan->has_health || plan->sample.on || plan->nlists ||
                    plan->samples || plan->time_by != SIZE_MAX;
    im->plan.answers = plan;
    return ok;
}

/* --- a file's columns ------------------------------------------------------------- */

static bool same_column(const struct tw_binding *b, size_t secret, size_t other)
{
    return b->slot[secret] == b->slot[other];
}

bool tw_answers_bind(struct tw_impact *im, const struct tw_binding *b)
{
    const struct tw_answers_plan *plan = &im->answers;
    for (size_t i = 0; i < plan->nsecret; i++) {
        const char *by = NULL;
        for (size_t k = 0; k < im->plan.nby; k++)
            if (!plan->keyed[k] &&
                same_column(b, plan->secret[i], im->plan.by[k].column))
                by = "--by";
        for (size_t k = 0; k < plan->nlists; k++)
            if (same_column(b, plan->secret[i], plan->lists[k].column))
                by = "--list";
        if (by) {
            TW_DIAG(im->diags, TW_D_answers_secret, TW_NOWHERE,
                    im->options->secret.list.at[i].text, tw_str_of(by));
            return false;
        }
    }
    return true;
}

void tw_answers_tell_full(struct tw_impact *im)
{
    const struct tw_answers_plan *plan = &im->answers;
    bool list = im->tally.stop_index == TW_ANSWERS_LIST;
    TW_DIAG(
        im->diags, TW_D_answers_full, TW_NOWHERE,
        tw_str_of(list ? "--list" : "--health"),
        tw_thousands(im->arena, list ? plan->list_count_max : plan->health.cells_max),
        say(im, list ? TW_M_answers_word_entities : TW_M_answers_word_cells));
}
