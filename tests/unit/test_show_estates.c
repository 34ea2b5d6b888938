/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every estate of fixtures/check is checked twice: with its exports, and with the
 * neutral XML of each wall in their place. Verdicts, packets, deciders, doubts and
 * walls must be the same; places and what is told of the files may differ.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check_report.h"
#include "cmocka_all.h"
#include "input.h"
#include "policy_write.h"

struct run {
    struct tw_arena arena;
    struct tw_diags diags;
    const char *folder;  /* of the estate */
    const char *scratch; /* where the neutral files go */
    struct tw_str words; /* the command line */
    struct tw_check_options options;
    struct tw_walls_options walls;
    struct tw_time at;
    size_t replaced;
};

/* --- the command line of a golden folder
 * ---------------------------------------------- */

static struct tw_str slurp(struct run *run, const char *name)
{
    char block[4096];
    struct tw_str path = tw_fmt(&run->arena, "%s/%s", run->folder, name);
    FILE *file = fopen(tw_str_cstr(&run->arena, path), "rb");
    if (!file)
        return TW_NO_STR;
    size_t n = fread(block, 1, sizeof block, file);
    fclose(file);
    return tw_str_trim(tw_str_copy(&run->arena, (struct tw_str){block, n}));
}

/* The word behind OPTION, or "". */
static struct tw_str value_of(const struct run *run, const char *option)
{
    struct tw_str rest = run->words, word;
    bool found = false;
    while (tw_str_split(&rest, ' ', &word)) {
        if (found)
            return word;
        found = tw_str_is(word, option);
    }
    return TW_STR("");
}

static bool has_word(const struct run *run, const char *option)
{
    struct tw_str rest = run->words, word;
    while (tw_str_split(&rest, ' ', &word))
        if (tw_str_is(word, option))
            return true;
    return false;
}

static void read_options(struct run *run)
{
    struct tw_time now = {0};
    run->words = slurp(run, "cmd");
    if (value_of(run, "--now").len)
        assert_true(tw_time_parse(value_of(run, "--now"), &now));
    run->options =
        (struct tw_check_options){.site = TW_NONE,
                                  .verify = has_word(run, "--verify"),
                                  .certificates = has_word(run, "--certificates"),
                                  .now = now,
                                  .lang = TW_LANG_EN};
    run->walls =
        (struct tw_walls_options){.now = now,
                                  .strict_limits = has_word(run, "--strict-limits"),
                                  .certify = run->options.certificates};
    if (value_of(run, "--at").len) {
        assert_true(tw_time_parse(value_of(run, "--at"), &run->at));
        run->walls.at = &run->at;
    }
}

/* --- two runs
 * ------------------------------------------------------------------------- */

static struct tw_estate *load_estate(struct run *run)
{
    struct tw_str path = tw_fmt(&run->arena, "%s/twinwall.yaml", run->folder);
    struct tw_estate *estate =
        tw_estate_load(&run->arena, path, run->walls.now, &run->diags);
    assert_non_null(estate);
    return estate;
}

static const struct tw_value *checked(struct run *run, const struct tw_estate *estate,
                                      struct tw_walls **walls)
{
    *walls = tw_walls_load(&run->arena, estate, &run->walls, &run->diags);
    if (!*walls) {
        struct tw_buf told;
        tw_buf_init(&told, &run->arena);
        tw_diags_print(&run->diags, false, true, &told);
        fail_msg("%s: %.*s", run->folder, (int)told.len, told.ptr);
    }
    struct tw_str site = value_of(run, "--site");
    run->options.site = site.len ? tw_estate_site(estate, site) : TW_NONE;
    struct tw_doc *doc = tw_doc_new(&run->arena, TW_LANG_EN, "twinwall.check/1");
    tw_check_data(doc, tw_check_run(&run->arena, *walls, &run->options));
    return doc->data;
}

/* Writes the policy of wall I into the scratch folder. */
static struct tw_str neutral_file(struct run *run, const struct tw_wall *wall, size_t i)
{
    const struct tw_write_options all = {.without_counters = false};
    struct tw_str path = tw_fmt(&run->arena, "%s/%zu.xml", run->scratch, i);
    struct tw_buf xml;
    tw_buf_init(&xml, &run->arena);
    tw_policy_write_xml(wall->policy, &all, &xml);
    FILE *file = fopen(tw_str_cstr(&run->arena, path), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(xml.ptr, 1, xml.len, file), xml.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void replace_policies(struct run *run, struct tw_estate *estate,
                             const struct tw_walls *walls)
{
    for (size_t i = 0; i < walls->n; i++) {
        struct tw_wall_spec *spec = &estate->walls.at[i];
        struct tw_named *file = tw_new(&run->arena, struct tw_named);
        *file = (struct tw_named){neutral_file(run, &walls->at[i], i),
                                  spec->policy.at[0].at};
        spec->policy = (struct tw_names){file, 1};
        spec->format.text = TW_STR("twinwall_xml");
        spec->vsys = spec->device_group = spec->app_ports = spec->hits =
            (struct tw_named){.text = TW_STR("")};
        run->replaced++;
    }
}

static void remove_files(struct run *run, size_t n)
{
    for (size_t i = 0; i < n; i++)
        unlink(tw_str_cstr(&run->arena,
                           tw_fmt(&run->arena, "%s/%zu.xml", run->scratch, i)));
}

/* --- what must be the same
 * ------------------------------------------------------------ */

static bool may_differ(struct tw_str key)
{
    static const char *const keys[] = {"path",   "line",        "format",
                                       "inputs", "fingerprint", "not_understood"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (tw_str_is(key, keys[i]))
            return true;
    return false;
}

static void same_value(const struct run *run, const struct tw_value *a,
                       const struct tw_value *b, struct tw_str where)
{
    bool same = a->kind == b->kind && a->boolean == b->boolean &&
                a->integer == b->integer && tw_str_eq(a->text, b->text);
    if (!same)
        fail_msg("%s: %.*s: %.*s %lld is not %.*s %lld", run->folder, (int)where.len,
                 where.ptr, (int)a->text.len, a->text.ptr, (long long)a->integer,
                 (int)b->text.len, b->text.ptr, (long long)b->integer);
    const struct tw_value *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next) {
        if (!tw_str_eq(x->key, y->key))
            fail_msg("%s: %.*s is not %.*s", run->folder, (int)x->key.len, x->key.ptr,
                     (int)y->key.len, y->key.ptr);
        if (!may_differ(x->key))
            same_value(run, x, y, x->key.len ? x->key : where);
    }
    if (x || y)
        fail_msg("%s: %.*s: more members in one", run->folder, (int)where.len,
                 where.ptr);
}

static void check_estate(struct run *run)
{
    struct tw_walls *walls, *neutral;
    read_options(run);
    struct tw_estate *estate = load_estate(run);
    const struct tw_value *before = checked(run, estate, &walls);
    replace_policies(run, estate, walls);
    const struct tw_value *after = checked(run, estate, &neutral);
    remove_files(run, walls->n);
    same_value(run, before, after, TW_STR("data"));
}

static void neutral_walls_give_the_same_answers(void **state)
{
    (void)state;
    char scratch[] = "/tmp/tw-show-XXXXXX";
    assert_non_null(mkdtemp(scratch));
    struct dirent **entries;
    int n = scandir(TW_FIXTURES "/check", &entries, NULL, alphasort);
    size_t estates = 0, walls = 0;
    for (int i = 0; i < n; i++) {
        struct run run = {.scratch = scratch};
        tw_arena_init(&run.arena, (size_t)1 << 30);
        tw_diags_init(&run.diags, &run.arena, TW_LANG_EN);
        run.folder = tw_str_cstr(&run.arena, tw_fmt(&run.arena, "%s/check/%s",
                                                    TW_FIXTURES, entries[i]->d_name));
        free(entries[i]);
        struct tw_str code = slurp(&run, "expected.exit");
        if (code.len && !tw_str_is(code, "2")) {
            check_estate(&run);
            estates++;
        }
        walls += run.replaced;
        tw_arena_release(&run.arena);
    }
    free(entries);
    assert_int_equal(rmdir(scratch), 0);
    assert_true(estates > 80 && walls > estates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neutral_walls_give_the_same_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
