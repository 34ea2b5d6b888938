/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundled incident is what its story says: services, flows, gaps, bills, the same
 * bytes each time, and nobody else's files touched. Needs about 200 MB under TMPDIR.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demo.h"
#include "demo_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256]; /* the demo, written once by the group's setup */

static const char *const names[] = {"twinwall.yaml",
                                    "cmdb.csv",
                                    "flows.csv",
                                    "policy/jinfu-fw.xml",
                                    "policy/jinfu-hits.xml",
                                    "policy/app-ports.csv",
                                    "policy/lft-fw.rules",
                                    "policy/channel-allowlist.csv",
                                    "README.txt",
                                    "bills.csv"};

enum { NAME_COUNT = sizeof names / sizeof names[0] };

static FILE *demo_open(const char *dir, const char *name, const char *mode)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return fopen(path, mode);
}

static void folder_remove(const char *dir)
{
    char path[512];
    size_t i;

    for (i = 0; i < NAME_COUNT; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/policy", dir);
    rmdir(path);
    rmdir(dir);
}

static void folder_make(char out[256])
{
    const char *base = getenv("TMPDIR");

    snprintf(out, 256, "%s/twinwall-demo-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(out));
}

/* FNV-1a over all files, so that two demos can be compared without a second copy. */
static uint64_t folder_sum(const char *dir)
{
    static unsigned char buffer[1 << 16];
    uint64_t sum = 0xcbf29ce484222325u;
    size_t i, j, n;

    for (i = 0; i < NAME_COUNT; i++) {
        FILE *in = demo_open(dir, names[i], "rb");

        assert_non_null(in);
        while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
            for (j = 0; j < n; j++)
                sum = (sum ^ buffer[j]) * 0x100000001b3u;
        fclose(in);
    }
    return sum;
}

static int demo_setup(void **state)
{
    const char *failed = NULL;

    (void)state;
    folder_make(folder);
    return tw_demo_write(folder, &failed);
}

static int demo_teardown(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static void the_catalogue_has_126_services_in_the_new_room(void **state)
{
    unsigned in_dr = 0, dr_only = 0;
    size_t i;

    (void)state;
    for (i = 0; i < tw_demo_catalogue_count; i++) {
        in_dr += tw_demo_service_at(&tw_demo_catalogue[i], TW_DEMO_DR);
        dr_only += tw_demo_catalogue[i].sites == TW_DEMO_IN_DR;
    }
    assert_int_equal(in_dr, 126);
    assert_int_equal(dr_only, 2);
}

static void no_two_services_share_an_address(void **state)
{
    static struct tw_demo_pool all[1024];
    size_t count = 0, i, j;
    int site;

    (void)state;
    for (i = 0; i < tw_demo_catalogue_count; i++)
        for (site = 0; site < TW_DEMO_SITES; site++)
            count += tw_demo_pools(&tw_demo_catalogue[i], (enum tw_demo_site)site,
                                   &all[count]);
    assert_true(count > 200);
    for (i = 0; i < count; i++)
        for (j = 0; j < i; j++)
            assert_true(all[i].hi < all[j].lo || all[j].hi < all[i].lo);
}

static void prefixes_of_a_pool_cover_it_exactly(void **state)
{
    struct tw_demo_pool rest = {10, 19}, got;
    uint32_t next = 10;
    unsigned n = 0;

    (void)state;
    while (tw_demo_pool_take(&rest, &got)) {
        assert_int_equal(got.lo, next);
        assert_true(tw_demo_pool_prefix(got) >= 0);
        next = got.hi + 1;
        n++;
    }
    assert_int_equal(next, 20);
    assert_int_equal(n, 3); /* 10-11, 12-15, 16-19: there is no shorter way */
}

static void six_services_cannot_start_in_the_new_room(void **state)
{
    struct tw_demo_plan plan;
    const struct tw_demo_service *seen[8] = {NULL};
    unsigned walls[8] = {0}, allow = 0, deny = 0, count = 0, one_wall = 0, both = 0;
    size_t i;
    int to;

    (void)state;
    tw_demo_plan_init(&plan);
    for (i = 0; i < plan.flow_count; i++) {
        const struct tw_demo_flow *f = &plan.flows[i];
        unsigned gap = 0;

        allow += !f->deny;
        deny += f->deny;
        for (to = 0; to < TW_DEMO_SITES; to++)
            gap |= tw_demo_gap(f, TW_DEMO_DR, (enum tw_demo_site)to);
        if (gap == 0)
            continue;
        assert_true(count < 8);
        assert_true(count == 0 || seen[count - 1] != f->from);
        seen[count] = f->from;
        walls[count++] = gap;
    }
    assert_int_equal(allow, 396);
    assert_int_equal(deny, 8);
    assert_int_equal(count, 6);
    for (i = 0; i < count; i++) {
        one_wall += walls[i] == TW_DEMO_JINFU_FW || walls[i] == TW_DEMO_LFT_FW;
        both += walls[i] == (TW_DEMO_JINFU_FW | TW_DEMO_LFT_FW);
    }
    assert_int_equal(one_wall, 3);
    assert_int_equal(both, 1);
}

static void calls_from_main_fail_only_towards_the_new_ark(void **state)
{
    struct tw_demo_plan plan;
    size_t i;
    int to;

    (void)state;
    tw_demo_plan_init(&plan);
    for (i = 0; i < plan.flow_count; i++)
        for (to = 0; to < TW_DEMO_SITES; to++)
            if (tw_demo_gap(&plan.flows[i], TW_DEMO_MAIN, (enum tw_demo_site)to) != 0) {
                assert_string_equal(plan.flows[i].id, "FD-ARK");
                assert_int_equal(to, TW_DEMO_DR);
            }
}

/* A reader of its own, a byte at a time: fields end at commas, records at line ends,
   both only outside quotes. */
static void the_bills_have_their_rows_and_their_affected_ones(void **state)
{
    static const char marker[] = "解密服务初始化失败";
    FILE *in = demo_open(folder, "bills.csv", "rb");
    char field[512];
    size_t len = 0;
    unsigned column = 0, records = 0, affected = 0;
    bool quoted = false;
    int c;

    (void)state;
    assert_non_null(in);
    while ((c = getc(in)) != EOF) {
        if (c == '"')
            quoted = !quoted;
        if (quoted || (c != ',' && c != '\n')) {
            assert_true(len < sizeof field - 1);
            field[len++] = (char)c;
            continue;
        }
        field[len] = '\0';
        len = 0;
        affected += column == 4 && strstr(field, marker) != NULL;
        column++;
        if (c == '\n') {
            assert_int_equal(column, 10);
            column = 0;
            records++;
        }
    }
    fclose(in);
    assert_false(quoted);
    assert_int_equal(records, 1496160 + 1);
    assert_int_equal(affected, 6131);
}

static unsigned rules_count(const char *name)
{
    char line[1024];
    unsigned n = 0;
    FILE *in = demo_open(folder, name, "rb");

    assert_non_null(in);
    while (fgets(line, sizeof line, in) != NULL)
        n += line[0] == '[' && strstr(line, "] -A ") != NULL;
    fclose(in);
    return n;
}

/*
 * A reader of its own for jinfu-fw, which knows that each element stands on a line: the
 * elements that are open, and what the line holds.
 */
struct walk {
    FILE *in;
    char line[1024];
    char open[32][64]; /* tags */
    size_t depth;
    char tag[64], name[128], text[512];
    bool rule; /* an entry with a uuid */
};

static void copy_until(char *out, size_t size, const char *from, const char *end)
{
    size_t n = strcspn(from, end);

    assert_true(n < size);
    memcpy(out, from, n);
    out[n] = '\0';
}

/* The next element; closing tags only lead out of open ones. */
static bool walk_next(struct walk *w)
{
    while (fgets(w->line, sizeof w->line, w->in) != NULL) {
        const char *p = w->line + strspn(w->line, " "), *end;

        if (*p != '<' || p[1] == '?')
            continue;
        if (p[1] == '/') {
            assert_true(w->depth > 0);
            w->depth--;
            assert_int_equal(
                strncmp(w->open[w->depth], p + 2, strlen(w->open[w->depth])), 0);
            continue;
        }
        copy_until(w->tag, sizeof w->tag, p + 1, " />");
        w->name[0] = w->text[0] = '\0';
        if (strstr(p, " name=\"") != NULL)
            copy_until(w->name, sizeof w->name, strstr(p, " name=\"") + 7, "\"");
        w->rule = strstr(p, " uuid=\"") != NULL;
        end = strstr(p, "</");
        if (end != NULL)
            copy_until(w->text, sizeof w->text, strchr(p, '>') + 1, "<");
        else if (strstr(p, "/>") == NULL)
            copy_until(w->open[w->depth++], 64, w->tag, "");
        return true;
    }
    assert_int_equal(w->depth, 0);
    return false;
}

static struct walk walk_of(const char *name)
{
    struct walk w = {.in = demo_open(folder, name, "rb")};

    assert_non_null(w.in);
    return w;
}

/* Is TAG the element that is open LEVELS further out? 1: the innermost one. */
static bool inside(const struct walk *w, const char *tag, size_t levels)
{
    return w->depth >= levels && strcmp(w->open[w->depth - levels], tag) == 0;
}

enum { RULES_MAX = 4096, NAMES_MAX = 8192 };

static char rule_names[RULES_MAX][64];

static unsigned rules_read(void)
{
    struct walk w = walk_of("policy/jinfu-fw.xml");
    unsigned n = 0;

    while (walk_next(&w))
        if (w.rule) {
            assert_true(n < RULES_MAX);
            copy_until(rule_names[n++], 64, w.name, "");
        }
    fclose(w.in);
    return n;
}

static int names_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void the_walls_have_thousands_of_rules(void **state)
{
    unsigned jinfu = rules_read();

    (void)state;
    assert_true(jinfu >= 2500 && jinfu <= 4000);
    assert_true(rules_count("policy/lft-fw.rules") >= 3500);
}

static void every_rule_of_jinfu_fw_has_its_counters(void **state)
{
    struct walk w = walk_of("policy/jinfu-hits.xml");
    unsigned n = 0, count = rules_read();
    bool deny = false;

    (void)state;
    while (walk_next(&w)) {
        if (strcmp(w.tag, "entry") == 0 && inside(&w, "rules", 2)) {
            assert_true(n < count);
            assert_string_equal(w.name, rule_names[n++]);
            deny = strcmp(w.name, "newroom-out-deny") == 0;
        }
        if (deny && strcmp(w.tag, "first-hit-timestamp") == 0)
            assert_string_equal(w.text, "1675872007"); /* 2023-02-09 00:00:07 +08:00 */
    }
    fclose(w.in);
    assert_int_equal(n, count);
}

static char defined[NAMES_MAX][64];

/* The names of the address objects and groups, sorted; a name may stand once in the
   virtual system and once in shared. */
static size_t addresses_read(void)
{
    struct walk w = walk_of("policy/jinfu-fw.xml");
    size_t n = 0, i;

    while (walk_next(&w))
        if (strcmp(w.tag, "entry") == 0 &&
            (inside(&w, "address", 2) || inside(&w, "address-group", 2))) {
            assert_true(n < NAMES_MAX);
            copy_until(defined[n++], 64, w.name, "");
        }
    fclose(w.in);
    qsort(defined, n, sizeof defined[0], names_compare);
    for (i = 2; i < n; i++)
        assert_true(strcmp(defined[i], defined[i - 2]) != 0);
    return n;
}

static void every_address_that_a_rule_names_is_defined(void **state)
{
    size_t n = addresses_read(), members = 0;
    struct walk w = walk_of("policy/jinfu-fw.xml");

    (void)state;
    while (walk_next(&w)) {
        if (strcmp(w.tag, "member") != 0 ||
            !(inside(&w, "source", 1) || inside(&w, "destination", 1) ||
              inside(&w, "static", 1)) ||
            strcmp(w.text, "any") == 0 || strcmp(w.text, "edl-known-bad") == 0)
            continue;
        members++;
        if (bsearch(w.text, defined, n, sizeof defined[0], names_compare) == NULL)
            fail_msg("line with %s: not defined", w.text);
    }
    fclose(w.in);
    assert_true(members > 5000);
}

static void no_two_rules_of_jinfu_fw_share_a_name(void **state)
{
    unsigned i, n = rules_read();

    (void)state;
    qsort(rule_names, n, sizeof rule_names[0], names_compare);
    for (i = 1; i < n; i++)
        assert_string_not_equal(rule_names[i], rule_names[i - 1]);
}

static void the_export_holds_no_secret(void **state)
{
    static const char *const words[] = {"phash", "password>", "secret",
                                        "<key>", "private",   "BEGIN"};
    struct walk w = walk_of("policy/jinfu-fw.xml");
    size_t i;

    (void)state;
    while (walk_next(&w))
        for (i = 0; i < sizeof words / sizeof words[0]; i++)
            assert_null(strstr(w.line, words[i]));
    fclose(w.in);
}

static void writing_again_gives_the_same_bytes(void **state)
{
    const char *failed = NULL;
    uint64_t before = folder_sum(folder);

    (void)state;
    assert_int_equal(tw_demo_write(folder, &failed), 0);
    assert_null(failed);
    assert_true(folder_sum(folder) == before);
}

static void refuses_a_folder_with(const char *name, const char *text)
{
    char dir[256], got[64] = {0};
    const char *failed = NULL;
    FILE *f;

    folder_make(dir);
    f = demo_open(dir, name, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    errno = 0;
    assert_int_equal(tw_demo_write(dir, &failed), -1);
    assert_int_equal(errno, EEXIST);
    assert_string_equal(failed, name);
    f = demo_open(dir, name, "rb");
    assert_non_null(f);
    assert_int_equal(fread(got, 1, sizeof got - 1, f), strlen(text));
    fclose(f);
    assert_string_equal(got, text);
    folder_remove(dir);
}

static void a_folder_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    refuses_a_folder_with("twinwall.yaml", "version: 1\n");
    refuses_a_folder_with("twinwall.yaml", "");
    refuses_a_folder_with("bills.csv", "bill_id\n");
}

static void a_file_in_place_of_the_folder_is_told(void **state)
{
    char path[512];
    const char *failed = NULL;

    (void)state;
    snprintf(path, sizeof path, "%s/README.txt", folder);
    assert_int_equal(tw_demo_write(path, &failed), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_string_equal(failed, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_catalogue_has_126_services_in_the_new_room),
        cmocka_unit_test(no_two_services_share_an_address),
        cmocka_unit_test(prefixes_of_a_pool_cover_it_exactly),
        cmocka_unit_test(six_services_cannot_start_in_the_new_room),
        cmocka_unit_test(calls_from_main_fail_only_towards_the_new_ark),
        cmocka_unit_test(the_bills_have_their_rows_and_their_affected_ones),
        cmocka_unit_test(the_walls_have_thousands_of_rules),
        cmocka_unit_test(every_rule_of_jinfu_fw_has_its_counters),
        cmocka_unit_test(every_address_that_a_rule_names_is_defined),
        cmocka_unit_test(no_two_rules_of_jinfu_fw_share_a_name),
        cmocka_unit_test(the_export_holds_no_secret),
        cmocka_unit_test(writing_again_gives_the_same_bytes),
        cmocka_unit_test(a_folder_of_somebody_else_is_left_alone),
        cmocka_unit_test(a_file_in_place_of_the_folder_is_told),
    };

    return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
