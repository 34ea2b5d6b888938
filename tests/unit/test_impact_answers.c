/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a count answers beyond counts: each part by itself, and that no order of merging
 * shows in a report.
 */
#include "answers_report.h"
#include "hash.h"
#include "impact_bench.h"
#include "json.h"
#include "renderer.h"

/* --- ratios ----------------------------------------------------------------------- */

static void the_house_style_is_cut_or_rounded_and_never_misleads(void **state)
{
    (void)state;
    static const struct {
        uint64_t k, n;
        struct tw_pct_style style;
        const char *text;
    } v[] = {
        {6131, 1496160, {3, true}, "0.409"},
        {6131, 1496160, {3, false}, "0.410"},
        {6131, 1496160, {-1, false}, "0.4098"},
        {3, 1864458, {3, false}, "0.0002"},
        {3, 1864458, {3, true}, "0.0001"},
        {0, 5, {3, true}, "0.000"},
        {5, 5, {2, true}, "100.00"},
        {99999, 100000, {2, false}, "99.999"},
        {99999, 100000, {2, true}, "99.99"},
        {1, 2, {0, true}, "50"},
    };
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
        assert_text(tw_percent_styled(&arena, v[i].k, v[i].n, v[i].style), v[i].text);
    tw_arena_release(&arena);
}

static void per_million_and_one_in_keep_four_digits(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    assert_text(tw_quotient(&arena, 6131, 1000000, 1496160, true), "4,098");
    assert_text(tw_quotient(&arena, 1496160, 1, 6131, true), "244.0");
    assert_text(tw_quotient(&arena, 3, 1000000, 1864458, true), "1.609");
    assert_text(tw_quotient(&arena, 1864458, 1, 3, true), "621,486");
    assert_text(tw_quotient(&arena, 1864458, 1, 3, false), "621486");
    assert_text(tw_quotient(&arena, 99996, 1, 10000, true), "10.00");
    assert_text(tw_quotient(&arena, 0, 1000000, 5, true), "0");
    assert_text(tw_billionths(&arena, 4065479), "0.004065479");
    assert_text(tw_billionths_percent(&arena, 4065479), "0.4065479");
    assert_text(tw_billionths(&arena, -52431472), "-0.052431472");
    tw_arena_release(&arena);
}

/* --- health ----------------------------------------------------------------------- */

static enum tw_detected detect_digits(struct tw_str text)
{
    bool star = false;
    for (size_t i = 0; i < text.len; i++) {
        star |= text.ptr[i] == '*';
        if (text.ptr[i] != '*' && (text.ptr[i] < '0' || text.ptr[i] > '9') &&
            !(i == 0 && text.ptr[i] == '+'))
            return TW_DETECTED_NO;
    }
    if (star)
        return TW_DETECTED_MASKED;
    return text.ptr[0] == '+' ? TW_DETECTED_ODD : TW_DETECTED_YES;
}

static enum tw_detected detect_letter_m(struct tw_str text)
{
    return text.ptr[0] == 'm' || text.ptr[0] == '9' ? TW_DETECTED_YES
           : text.ptr[0] == 'n'                     ? TW_DETECTED_ODD
                                                    : TW_DETECTED_NO;
}

static enum tw_detected detect_letter_c(struct tw_str text)
{
    return text.ptr[0] == 'c' || text.ptr[0] == '1' ? TW_DETECTED_YES : TW_DETECTED_NO;
}

static void each_cell_falls_into_one_class(void **state)
{
    (void)state;
    static const struct tw_detector digits = {.name = "digits",
                                              .detect = detect_digits},
                                    m = {.name = "m", .detect = detect_letter_m},
                                    c = {.name = "c", .detect = detect_letter_c};
    static const struct {
        const char *cell; /* NULL: NULL */
        enum tw_health_class with, without;
    } v[] = {
        {NULL, TW_HEALTH_NULL, TW_HEALTH_NULL},
        {"", TW_HEALTH_EMPTY, TW_HEALTH_EMPTY},
        {"-", TW_HEALTH_EMPTY_LIKE, TW_HEALTH_TEXT},
        {"NULL", TW_HEALTH_EMPTY_LIKE, TW_HEALTH_TEXT},
        {"\xe3\x80\x80 ", TW_HEALTH_EMPTY_LIKE, TW_HEALTH_TEXT},
        {"123", TW_HEALTH_VALID, TW_HEALTH_TEXT},    /* valid before ciphertext */
        {"923", TW_HEALTH_MOJIBAKE, TW_HEALTH_TEXT}, /* mojibake before valid */
        {"1**3", TW_HEALTH_MASKED, TW_HEALTH_TEXT},
        {"+123", TW_HEALTH_ODD, TW_HEALTH_TEXT},
        {"abc", TW_HEALTH_BAD_FORMAT, TW_HEALTH_TEXT},
        {"nbc", TW_HEALTH_BAD_FORMAT, TW_HEALTH_TEXT}, /* it cannot be told */
        {"cbc", TW_HEALTH_CIPHERTEXT, TW_HEALTH_TEXT},
        {"\xff\xfe", TW_HEALTH_BAD_FORMAT, TW_HEALTH_TEXT},
    };
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 24);
    struct tw_health_asked asked[] = {{TW_STR("a"), 0, &digits},
                                      {TW_STR("b"), 1, NULL}};
    struct tw_health_plan plan = {.asked = asked,
                                  .nasked = 2,
                                  .by = SIZE_MAX,
                                  .cells_max = 10,
                                  .mojibake = &m,
                                  .ciphertext = &c};
    struct tw_count_plan count = {.nwrong = 0};
    struct tw_column_ref refs[2] = {{0}};
    count.refs.list.at = refs;
    count.refs.list.len = 2;
    size_t slots[] = {0, 1};
    const struct tw_column columns[] = {{.name = TW_STR("a")}, {.name = TW_STR("b")}};
    struct tw_binding binding = {.slot = slots, .columns = columns, .nslots = 2};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct tw_health h;
        tw_health_init(&h, &arena, &plan);
        struct tw_str text = tw_str_of(v[i].cell);
        struct tw_record_field f = {text.ptr, text.len, !v[i].cell};
        const struct tw_record_field fields[] = {f, f};
        struct tw_record r = {.fields = fields, .nfields = 2, .number = 1};
        assert_true(tw_health_record(&h, &count, &r, &binding, 0, NULL));
        size_t n;
        struct tw_health_column **all = tw_health_columns(&h, &arena, &n);
        assert_int_equal(n, 2);
        assert_int_equal(all[0]->all.of[v[i].with], 1);
        assert_int_equal(all[1]->all.of[v[i].without], 1);
        assert_int_equal(tw_health_total(&all[0]->all), 1);
    }
    tw_arena_release(&arena);
}

static void texts_that_stand_for_nothing_are_known(void **state)
{
    (void)state;
    static const char *const yes[] = {"NULL", "null", "\\N", "N/A",  "-",   "--",
                                      " ",    "\t",   "{}",  "None", "nil", " null "};
    static const char *const no[] = {"0", "none at all", "-1", "a", "\xe5\xbc\xa0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (!tw_empty_like(tw_str_of(yes[i])))
            fail_msg("\"%s\" is taken for something", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (tw_empty_like(tw_str_of(no[i])))
            fail_msg("\"%s\" is taken for nothing", no[i]);
}

/* --- times ------------------------------------------------------------------------ */

static struct tw_time at(const char *text)
{
    struct tw_time t;
    assert_true(tw_time_parse(tw_str_of(text), &t));
    return t;
}

static void the_good_records_around_are_told_to_the_second(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_good_times g;
    struct tw_time t;
    tw_arena_init(&arena, 1 << 24);
    tw_good_times_init(&g, &arena, 3);
    static const char *const times[] = {"2023-02-09 10:00:00", "2023-02-09 10:00:05",
                                        "2023-02-09 23:59:59", "2023-02-08"};
    for (size_t i = 0; i < 4; i++) {
        t = at(times[i]);
        tw_good_times_add(&g, &t);
    }
    assert_true(tw_good_times_before(&g, at("2023-02-09 10:00:05"), &t));
    assert_int_equal(t.second, 36000);
    assert_true(tw_good_times_after(&g, at("2023-02-09 10:00:05"), &t));
    assert_int_equal(t.second, 86399);
    /* Only a day: whatever is of the same day is neither before nor after. */
    assert_true(tw_good_times_before(&g, at("2023-02-09"), &t));
    assert_false(t.has_clock);
    assert_false(tw_good_times_after(&g, at("2023-02-09"), &t));
    assert_true(tw_good_times_before(&g, at("2023-02-09 00:00:00"), &t));
    assert_int_equal(t.day, at("2023-02-08").day);
    assert_true(tw_good_times_before(&g, at("2023-03-01"), &t));
    assert_int_equal(t.second, 86399);
    assert_false(tw_good_times_before(&g, at("2023-02-08"), &t));
    /* One day too many: then it is not known, whatever part it came from. */
    struct tw_good_times other;
    tw_good_times_init(&other, &arena, 3);
    t = at("2023-01-01");
    tw_good_times_add(&other, &t);
    tw_good_times_merge(&g, &other);
    assert_false(g.full);
    t = at("2023-01-02");
    tw_good_times_add(&other, &t);
    tw_good_times_merge(&g, &other);
    assert_true(g.full);
    assert_false(tw_good_times_before(&g, at("2023-03-01"), &t));
    tw_good_times_init(&other, &arena, 3);
    tw_good_times_merge(&other, &g);
    assert_true(other.full);
    tw_arena_release(&arena);
}

/* --- masks and lists -------------------------------------------------------------- */

static void masks_show_what_their_class_allows(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum tw_mask_class class;
        const char *text; /* "": by its length alone */
        uint64_t characters;
    } v[] = {
        {"6222020200000000006", TW_MASK_CARD, "622202*********0006", 19},
        {"13800138000", TW_MASK_MOBILE, "138****8000", 11},
        {"11010519491231002X", TW_MASK_ID, "1****************X", 18},
        {"\xe5\xbc\xa0\xe5\xb0\x8f\xe4\xb8\x89", TW_MASK_NAME,
         "\xe5\xbc\xa0*\xe4\xb8\x89", 3},
        {"\xe5\xbc\xa0\xe4\xb8\x89", TW_MASK_NAME, "\xe5\xbc\xa0*", 2},
        {"\xe5\xbc\xa0", TW_MASK_NAME, "", 1},
        {"1234567", TW_MASK_MOBILE, "", 7},
        {"110101199003077513", TW_MASK_CARD, "", 18}, /* Luhn, and a birthday inside */
        {"378282246310005", TW_MASK_CARD, "", 15},
        {"anything", TW_MASK_LENGTH, "", 8},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct tw_masked m = tw_mask(tw_str_of(v[i].value), v[i].class);
        assert_text(((struct tw_str){m.text, m.len}), v[i].text);
        assert_int_equal(m.characters, v[i].characters);
        assert_int_equal(m.class, v[i].text[0] ? v[i].class : TW_MASK_LENGTH);
    }
    assert_int_equal(tw_mask_class_of(TW_STR("no form at all")), TW_MASK_LENGTH);
}

static void lists_are_sorted_whole_and_bounded(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_entity_list a, b;
    struct tw_buf out;
    tw_arena_init(&arena, 1 << 20);
    tw_entity_list_init(&a, &arena, 5, 20);
    tw_entity_list_init(&b, &arena, 5, 20);
    tw_buf_init(&out, &arena);
    assert_true(tw_entity_list_add(&a, TW_STR("b\nc")));
    assert_true(tw_entity_list_add(&a, TW_STR("a\\")));
    assert_true(tw_entity_list_add(&b, TW_STR("")));
    assert_true(tw_entity_list_add(&b, TW_STR("b\nc")));
    assert_true(tw_entity_list_add(&b, TW_STR("b\0c")));
    assert_true(tw_entity_list_merge(&a, &b));
    tw_entity_list_write(&a, &out);
    assert_text(tw_buf_view(&out), "\na\\\\\nb\\0c\nb\\nc\n");
    assert_true(tw_entity_list_add(&a, TW_STR("5th")));
    assert_true(tw_entity_list_add(&a, TW_STR("5th")));
    assert_false(tw_entity_list_add(&a, TW_STR("6th")));
    assert_false(tw_entity_list_add(&b, TW_STR("123456789012345")));
    tw_arena_release(&arena);
}

static void a_keyed_hash_is_that_of_the_standard(void **state)
{
    (void)state;
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    /* RFC 4231, case 2 */
    assert_text(tw_hmac_sha256_hex(&arena, TW_STR("Jefe"),
                                   TW_STR("what do ya want for nothing?")),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    tw_arena_release(&arena);
}

/* --- baselines -------------------------------------------------------------------- */

static const struct tw_baseline *baseline_of(struct bench *b, const char *text)
{
    const struct tw_source *src =
        tw_source_new(&b->arena, TW_STR("b.json"), tw_str_of(text));
    return tw_baseline_read(&b->arena, src, &b->diags);
}

#define HEAD                                                                       \
    "{\"schema\":\"twinwall.impact/1\",\"partial\":false,\"records\":{\"read\":9," \
    "\"refused\":0},\"ratio\":{\"num\":1,\"den\":9},"

static void a_baseline_is_read_or_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told; /* told "": it is read */
    } v[] = {
        {HEAD "\"health\":[]}", ""},
        {HEAD
         "\"wrong\":[{\"rule\":\"a is null\"},{}],\"health\":[{\"name\":\"a\","
         "\"format\":\"date\",\"records\":9,\"classes\":{\"null\":2,\"valid\":7}}]}",
         ""},
        {HEAD "\"health\":[{\"name\":\"a\",\"format\":null,\"records\":9,"
              "\"classes\":{\"null\":2,\"text\":6}}]}",
         "TW361"},
        {HEAD "\"health\":[{\"name\":\"a\",\"format\":null,\"records\":2,"
              "\"classes\":{\"null\":2,\"other\":0}}]}",
         "TW361"},
        {HEAD "\"health\":[{\"name\":\"a\",\"format\":null,\"records\":-1,"
              "\"classes\":{\"null\":-1}}]}",
         "TW361"},
        {HEAD
         "\"health\":[{\"name\":\"a\",\"format\":null,\"records\":0,\"classes\":{}},"
         "{\"name\":\"a\",\"format\":null,\"records\":0,\"classes\":{}}]}",
         "TW361"},
        {HEAD "\"health\":[1]}", "TW361"},
        {HEAD "\"external\":true}", "TW361"},
        {"{\"schema\":\"twinwall.impact/1\",\"partial\":true}", "TW361"},
        {"{\"schema\":\"twinwall.check/1\"}", "TW361"},
        {"[]", "TW361"},
        {"7", "TW361"},
        {"", "TW359"},
        {"{", "TW359"},
        {"{} {}", "TW359"},
        {"{\"a\":1,\"a\":1}", "TW359"},
        {"{\"a\":99999999999999999999}", "TW359"},
        {"{\"a\":\"\\u0000\"}", "TW359"},
        {"\xff\xfe", "TW359"},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct bench b;
        bench_begin(&b);
        const struct tw_baseline *got = baseline_of(&b, v[i].text);
        if ((got != NULL) != (v[i].told[0] == 0) ||
            strcmp(bench_told(&b), v[i].told) != 0)
            fail_msg("case %zu: %s, not %s", i, bench_told(&b), v[i].told);
        bench_end(&b);
    }
    struct bench b;
    bench_begin(&b);
    const struct tw_baseline *got = baseline_of(&b, v[1].text);
    const struct tw_baseline_column *a = tw_baseline_column(got, TW_STR("a"));
    assert_non_null(a);
    assert_text(a->format, "date");
    assert_int_equal(a->counts.of[TW_HEALTH_NULL], 2);
    assert_int_equal(got->affected.n, 9);
    assert_int_equal(got->wrong.len, 1);
    /* Too deep. */
    struct tw_buf deep;
    tw_buf_init(&deep, &b.arena);
    tw_buf_chars(&deep, '[', TW_JSON_DEPTH_MAX + 1);
    tw_buf_chars(&deep, ']', TW_JSON_DEPTH_MAX + 1);
    tw_buf_char(&deep, '\0');
    assert_null(baseline_of(&b, tw_buf_view(&deep).ptr));
    assert_string_equal(bench_told(&b), "TW360");
    bench_end(&b);
}

static void drift_is_a_sure_difference_that_matters(void **state)
{
    (void)state;
    static const struct {
        struct tw_part now, before;
        bool drifted;
    } v[] = {
        {{6131, 1496160}, {12, 371000}, true},
        {{3000, 3000000}, {0, 3000000}, false},      /* just 0.1 point */
        {{3001, 3000000}, {0, 3000000}, true},       /* a little more */
        {{30000, 1000000}, {10000, 1000000}, false}, /* just twice the share more */
        {{30001, 1000000}, {10000, 1000000}, true},
        {{1, 10}, {0, 10}, false},                /* the interval holds 0 */
        {{0, 1000000}, {500000, 1000000}, false}, /* fewer is no drift */
        {{0, 0}, {0, 10}, false},
        {{5, 5}, {0, 0}, false},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
        if (tw_drift_of(v[i].now, v[i].before).drifted != v[i].drifted)
            fail_msg("case %zu", i);
}

/* --- for readers outside ---------------------------------------------------------- */

static const struct tw_view *view_of_groups(struct bench *b, const uint64_t *affected,
                                            size_t n)
{
    struct tw_buf rows;
    bench_begin(b);
    bench_set(b, "wrong", "s = 'x'");
    bench_set(b, "by", "k");
    bench_set(b, "external", "");
    tw_buf_init(&rows, &b->arena);
    tw_buf_text(&rows, "k,s\n");
    for (size_t i = 0; i < n; i++) {
        for (uint64_t k = 0; k < affected[i]; k++)
            tw_buf_fmt(&rows, "g%02zu,x\n", i);
        tw_buf_fmt(&rows, "g%02zu,y\n", i);
    }
    assert_int_equal(bench_add(b, tw_buf_view(&rows), "a.csv"), TW_OK);
    return tw_view_of(b->impact);
}

/* May group AT be of VALUE, by what a reader knows: "<5" is 1 to 4, withheld is 5 or
 * more, and the sum of all that is hidden, where the total is shown? */
static bool could_be(const struct tw_view *view, uint64_t hidden_sum, size_t at,
                     uint64_t value)
{
    uint64_t least = 0, most = 0;
    bool open = false; /* a withheld one has no upper end */
    for (size_t g = 0; g < view->ngroups; g++) {
        if (view->groups[g].shown == TW_SHOWN || g == at)
            continue;
        bool small = view->groups[g].shown == TW_BELOW_FIVE;
        least += small ? 1 : 5;
        most += 4;
        open |= !small;
    }
    if (view->total != TW_SHOWN)
        return true;
    return hidden_sum >= value + least && (open || hidden_sum <= value + most);
}

static void nothing_suppressed_can_be_computed_back(void **state)
{
    (void)state;
    uint64_t seed = 20230216;
    for (int round = 0; round < 150; round++) {
        uint64_t affected[8];
        size_t n = 1 + (seed >> 40) % 8;
        for (size_t i = 0; i < n; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            affected[i] = (seed >> 33) % (round % 2 ? 7 : 14);
        }
        struct bench b;
        const struct tw_view *view = view_of_groups(&b, affected, n);
        uint64_t hidden = 0;
        for (size_t g = 0; g < view->ngroups; g++) {
            bool small = affected[g] > 0 && affected[g] < 5;
            assert_int_equal(small, view->groups[g].shown == TW_BELOW_FIVE);
            if (view->groups[g].shown != TW_SHOWN)
                hidden += affected[g];
        }
        for (size_t g = 0; g < view->ngroups; g++) {
            int ways = 0;
            if (view->groups[g].shown != TW_BELOW_FIVE)
                continue;
            for (uint64_t value = 1; value <= 4; value++)
                ways += could_be(view, hidden, g, value);
            if (ways < 3)
                fail_msg("round %d: group %zu can be computed back", round, g);
        }
        bench_end(&b);
    }
}

/* --- samples of records ----------------------------------------------------------- */

static void a_sample_takes_its_part_and_does_not_depend_on_anything(void **state)
{
    (void)state;
    const struct tw_sample_plan part = {true, 1, 10}, all = {true, 1, 1};
    uint64_t taken = 0, again = 0;
    for (uint64_t i = 1; i <= 100000; i++) {
        taken += tw_sample_takes(&part, 0, i);
        again += tw_sample_takes(&part, 0, i) && tw_sample_takes(&part, 1, i);
        assert_true(tw_sample_takes(&all, 3, i));
    }
    /* Ten thousand, and a thousand of both files, give or take five deviations. */
    assert_in_range(taken, 10000 - 475, 10000 + 475);
    assert_in_range(again, 1000 - 158, 1000 + 158);
}

/* --- no order of merging shows ---------------------------------------------------- */

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

enum { RECORDS = 300, COLUMNS = 4, PARTS = 5 };

struct made {
    struct tw_record records[RECORDS];
    struct tw_record_field fields[RECORDS][COLUMNS];
    size_t file[RECORDS];
};

static void make_records(struct tw_arena *arena, struct made *m, uint64_t *seed)
{
    static const char *const names[] = {"x", "xx", "-", "", "\xe5\xbc\xa0", "secret"};
    for (size_t i = 0; i < RECORDS; i++) {
        struct tw_str cells[COLUMNS] = {
            tw_fmt(arena, "2023-02-%02u %02u:%02u:07", (unsigned)(next(seed) % 5 + 8),
                   (unsigned)(next(seed) % 24), (unsigned)(next(seed) % 60)),
            tw_fmt(arena, "m%u", (unsigned)(next(seed) % 40)),
            tw_str_of(names[next(seed) % 6]),
            tw_fmt(arena, "%u.%02u", (unsigned)(next(seed) % 100),
                   (unsigned)(next(seed) % 100))};
        for (size_t c = 0; c < COLUMNS; c++)
            m->fields[i][c] = (struct tw_record_field){cells[c].ptr, cells[c].len,
                                                       next(seed) % 9 == 0};
        m->file[i] = i < RECORDS / 2 ? 0 : 1;
        m->records[i] = (struct tw_record){.fields = m->fields[i],
                                           .nfields = COLUMNS,
                                           .number = 1 + i - m->file[i] * (RECORDS / 2),
                                           .offset = i * 10};
    }
}

static struct tw_binding bind_all(struct tw_arena *arena, const struct tw_impact *im)
{
    static const struct tw_column columns[COLUMNS] = {{.name = {"at", 2}},
                                                      {.name = {"m", 1}},
                                                      {.name = {"s", 1}},
                                                      {.name = {"n", 1}}};
    size_t n = im->plan.refs.list.len;
    size_t *slots = tw_new_array(arena, n, size_t);
    for (size_t i = 0; i < n; i++) {
        const struct tw_column_ref *ref = &im->plan.refs.list.at[i];
        slots[i] = TW_SLOT_ANY;
        for (size_t c = 0; c < COLUMNS && ref->kind == TW_COLUMN_NAME; c++)
            if (tw_str_eq(columns[c].name, ref->name))
                slots[i] = c;
    }
    return (struct tw_binding){.slot = slots, .columns = columns, .nslots = COLUMNS};
}

static struct tw_str report(struct tw_impact *im, const struct tw_tally *tally)
{
    struct tw_render_options options = {0};
    struct tw_buf out;
    im->tally = *tally;
    const struct tw_doc *doc = tw_impact_report(im, TW_LANG_EN);
    tw_buf_init(&out, im->arena);
    tw_renderer_by_name(TW_STR("text"))->render(doc, &options, &out);
    tw_renderer_by_name(TW_STR("json"))->render(doc, &options, &out);
    tw_entity_list_write(&tally->answers->lists[0], &out);
    return tw_buf_view(&out);
}

static void no_partition_and_no_order_of_merging_shows_in_a_report(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    static const char *const options[][2] = {
        {"wrong", "s ~ /x/"}, {"wrong", "n < 20"}, {"by", "at:hour"},
        {"by", "m"},          {"distinct", "m"},   {"sum", "n"},
        {"health", "*"},      {"health", "s"},     {"list", "m:unused"},
        {"samples", "5"},     {"sample", "90%"},   {"where", "n < 90"}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        bench_set(&b, options[i][0], options[i][1]);
    assert_true(bench_plan(&b));
    struct tw_impact *im = b.impact;
    for (size_t i = 0; i < 2; i++)
        *tw_vec_add(&b.arena, &im->files) = (struct tw_impact_file){
            .name = tw_str_of(i ? "b" : "a"), .format = "csv", .compression = "plain"};
    struct tw_binding binding = bind_all(&b.arena, im);
    static struct made made;
    uint64_t seed = 20230209;
    for (int round = 0; round < 12; round++) {
        make_records(&b.arena, &made, &seed);
        struct tw_tally whole, parts[PARTS];
        tw_tally_init(&whole, &b.arena, &im->plan);
        for (size_t p = 0; p < PARTS; p++)
            tw_tally_init(&parts[p], &b.arena, &im->plan);
        for (size_t i = 0; i < RECORDS; i++) {
            tw_tally_record(&whole, &made.records[i], &binding, made.file[i]);
            tw_tally_record(&parts[next(&seed) % PARTS], &made.records[i], &binding,
                            made.file[i]);
        }
        tw_tally_settle(&whole);
        struct tw_str want = report(im, &whole);
        for (size_t left = PARTS; left > 1; left--) {
            size_t into = next(&seed) % left, from = next(&seed) % (left - 1);
            from += from >= into;
            tw_tally_merge(&parts[into], &parts[from]);
            parts[from] = parts[left - 1];
        }
        tw_tally_settle(&parts[0]);
        struct tw_str got = report(im, &parts[0]);
        if (!tw_str_eq(got, want))
            fail_msg("round %d:\n%.*s\nis not\n%.*s", round, (int)got.len, got.ptr,
                     (int)want.len, want.ptr);
        assert_true(tw_str_find_str(want, TW_STR("estimate")) < want.len);
        assert_true(tw_str_find_str(want, TW_STR("health of columns")) < want.len);
    }
    bench_end(&b);
}

static void what_runs_full_stops_the_count(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "list", "k:unused");
    b.options.list_count_max = 2;
    assert_int_equal(bench_add(&b, TW_STR("k,s\n1,x\n1,x\n2,x\n3,y\n"), "a.csv"),
                     TW_OK);
    assert_int_equal(bench_add(&b, TW_STR("k,s\n3,x\n"), "b.csv"), TW_ERR_INPUT);
    assert_string_equal(bench_told(&b), "TW318");
    bench_end(&b);

    bench_begin(&b);
    bench_set(&b, "wrong", "s = 'x'");
    bench_set(&b, "by", "k");
    bench_set(&b, "health", "*");
    b.options.health_cells_max = 4;
    assert_int_equal(bench_add(&b, TW_STR("k,s\n1,x\n2,x\n"), "a.csv"), TW_OK);
    assert_int_equal(bench_add(&b, TW_STR("k,s\n3,x\n"), "b.csv"), TW_ERR_INPUT);
    assert_string_equal(bench_told(&b), "TW318");
    bench_end(&b);
}

static void what_contradicts_itself_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options[4][2];
        const char *told;
    } v[] = {
        {{{"list", "unused"}}, "TW362"},
        {{{"list", ":unused"}}, "TW302"},
        {{{"list", "k:"}}, "TW366"},
        {{{"list", "k:a"}, {"list", "s:a"}}, "TW366"},
        {{{"samples", "6"}}, "TW366"},
        {{{"sample", "2/1"}}, "TW319"},
        {{{"sample", "0%"}}, "TW319"},
        {{{"sample", "1/0"}}, "TW319"},
        {{{"sample", "0.5"}}, "TW319"},
        {{{"pct-digits", "13"}}, "TW366"},
        {{{"pct-mode", "up"}}, "TW366"},
        {{{"pct-mode", "trunc"}}, "TW362"},
        {{{"keyed", "k"}}, "TW362"},
        {{{"key-file", "unused"}}, "TW362"},
        {{{"by", "k:day"}, {"keyed", "k"}, {"key-file", "unused"}}, "TW363"},
        {{{"external", ""}, {"samples", "1"}}, "TW363"},
        {{{"external", ""}, {"list", "k:unused"}}, "TW363"},
        {{{"fail-on-drift", ""}}, "TW362"},
        {{{"health", "s=no-such-format"}}, "TW316"},
        {{{"health", "s=null"}}, "TW316"},
        {{{"health", "s"}, {"health", "s"}}, "TW317"},
        {{{"health", "s"}, {"health", "'s'"}}, "TW317"},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "s = 'x'");
        for (size_t k = 0; k < 4 && v[i].options[k][0]; k++)
            bench_set(&b, v[i].options[k][0], v[i].options[k][1]);
        if (bench_plan(&b))
            fail_msg("case %zu is taken", i);
        if (strcmp(bench_told(&b), v[i].told) != 0)
            fail_msg("case %zu: %s, not %s", i, bench_told(&b), v[i].told);
        bench_end(&b);
    }
}

static void a_secret_column_hides_under_no_other_name(void **state)
{
    (void)state;
    static const char *const ways[][2] = {{"by", "#2"}, {"list", "#2:unused"}};
    for (size_t i = 0; i < 2; i++) {
        struct bench b;
        bench_begin(&b);
        bench_set(&b, "wrong", "s ~ /x/");
        bench_set(&b, "secret", "s");
        bench_set(&b, ways[i][0], ways[i][1]);
        assert_int_equal(bench_add(&b, TW_STR("k,s\n1,x\n"), "a.csv"), TW_ERR_INPUT);
        assert_string_equal(bench_told(&b), "TW364");
        bench_end(&b);
    }
    struct bench b;
    bench_begin(&b);
    bench_set(&b, "wrong", "#2 ~ /x/");
    bench_set(&b, "wrong", "k = '1'");
    bench_set(&b, "secret", "s");
    bench_set(&b, "samples", "5");
    assert_int_equal(bench_add(&b, TW_STR("k,s\n1,x\n"), "a.csv"), TW_OK);
    assert_int_equal(b.impact->tally.answers->samples[0].len, 0);
    assert_int_equal(b.impact->tally.answers->samples[1].len, 1);
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_house_style_is_cut_or_rounded_and_never_misleads),
        cmocka_unit_test(per_million_and_one_in_keep_four_digits),
        cmocka_unit_test(each_cell_falls_into_one_class),
        cmocka_unit_test(texts_that_stand_for_nothing_are_known),
        cmocka_unit_test(the_good_records_around_are_told_to_the_second),
        cmocka_unit_test(masks_show_what_their_class_allows),
        cmocka_unit_test(lists_are_sorted_whole_and_bounded),
        cmocka_unit_test(a_keyed_hash_is_that_of_the_standard),
        cmocka_unit_test(a_baseline_is_read_or_refused_whole),
        cmocka_unit_test(drift_is_a_sure_difference_that_matters),
        cmocka_unit_test(nothing_suppressed_can_be_computed_back),
        cmocka_unit_test(a_sample_takes_its_part_and_does_not_depend_on_anything),
        cmocka_unit_test(no_partition_and_no_order_of_merging_shows_in_a_report),
        cmocka_unit_test(what_runs_full_stops_the_count),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(a_secret_column_hides_under_no_other_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
