/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estate's loader: what a sound file means, and what every unsound one is told.
 *
 * fixtures/estates/NAME holds a twinwall.yaml with its tables and expected.diag, the
 * diagnostics as they are printed; with BLESS=1 in the environment the expectations are
 * written anew. All diagnostics of the room must occur there.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "estate.h"
#include "input.h"

static struct tw_arena arena;
static const struct tw_time now = {.day = 19397}; /* 2023-02-09 */

/* ---- estates in memory */

struct table {
    const char *name, *text;
};

static const struct tw_source *open_table(void *ctx, struct tw_arena *to,
                                          struct tw_str path, struct tw_diags *diags)
{
    for (const struct table *t = ctx; t->name; t++)
        if (tw_str_is(path, t->name))
            return tw_source_decode(to, path, tw_str_of(t->text), TW_STR(""), diags);
    fail_msg("\"%.*s\" was opened", (int)path.len, path.ptr);
    return NULL;
}

static struct tw_estate *read_text(struct tw_str text, struct table *tables,
                                   struct tw_diags *diags)
{
    static struct table none[] = {{NULL, NULL}};
    struct tw_estate_files files = {open_table, tables ? tables : none};
    const struct tw_source *src = tw_source_new(&arena, TW_STR("e.yaml"), text);
    tw_diags_init(diags, &arena, TW_LANG_EN);
    return tw_estate_read(&arena, src, TW_STR(""), &files, now, diags);
}

static struct tw_str printed(const struct tw_diags *diags)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_diags_print(diags, false, true, &buf);
    return tw_buf_view(&buf);
}

/* All of PARTS (NULL at the end) as one text. */
static char *glued(const char *const *parts)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    for (; *parts; parts++)
        tw_buf_text(&buf, *parts);
    return tw_str_cstr(&arena, tw_buf_view(&buf));
}

/* An estate that must load without a word. */
static struct tw_estate *sound(const char *text, struct table *tables)
{
    struct tw_diags diags;
    struct tw_estate *e = read_text(tw_str_of(text), tables, &diags);
    if (!e || diags.list.len) {
        struct tw_str all = printed(&diags);
        fail_msg("%.*s", (int)all.len, all.ptr);
    }
    return e;
}

#define HEAD                                                                  \
    "version: 1\n"                                                            \
    "zones:\n"                                                                \
    "  a: { networks: [10.0.0.0/16, 2001:db8::/32] }\n"                       \
    "  b: { networks: [10.1.0.0/16] }\n"                                      \
    "walls: { w1: { policy: x }, w2: { policy: y } }\n"                       \
    "paths:\n"                                                                \
    "  - { from: a, to: b, walls: [w1] }\n"                                   \
    "  - { from: a, to: b, from_site: dr, walls: [w2] }\n"                    \
    "  - { from: a, to: b, from_site: dr, to_site: main, walls: [w1, w2] }\n" \
    "  - { from: b, to: a, to_site: main, walls: [] }\n"                      \
    "  - { from: outside, to: b, walls: [w2] }\n"
#define SITES "sites: { main: { traffic: 90% }, dr: { traffic: 10% } }\n"
#define SERVICES                                                                   \
    "services:\n"                                                                  \
    "  app: { zone: a, sites: { main: 10.0.0.1, dr: [10.0.1.1, 2001:db8::1] } }\n" \
    "  ark: { zone: b, sites: { main: [10.1.0.1], dr: [10.1.1.1] }, listen: tcp/1 }\n"

/* "main->dr 0.09, …" */
static struct tw_str shares_text(const struct tw_estate *e, size_t flow)
{
    struct tw_buf buf;
    const struct tw_flow *f = &e->flows.at[flow];
    const struct tw_rational **shares = tw_flow_shares(&arena, e, f);
    tw_buf_init(&buf, &arena);
    for (size_t i = 0; i < f->npairs; i++) {
        uint32_t from = f->pairs[i].from;
        tw_buf_text(&buf, i ? ", " : "");
        tw_buf_str(&buf, from == TW_NONE ? TW_STR("any") : e->sites.at[from].name);
        tw_buf_text(&buf, "->");
        tw_buf_str(&buf, e->sites.at[f->pairs[i].to].name);
        tw_buf_char(&buf, ' ');
        tw_buf_str(&buf, tw_rational_text(&arena, shares[i], 6));
    }
    return tw_buf_view(&buf);
}

static void shares_are_products_or_routing_over_the_pairs_that_count(void **state)
{
    (void)state;
    static const struct {
        const char *extra, *main, *dr, *flow, *shares;
    } cases[] = {
        {"", "90%", "10%", "from: app",
         "main->main 0.81, main->dr 0.09, dr->main 0.09, "
         "dr->dr 0.01"},
        {"routing: { main: { main: 100% }, dr: { main: 80%, dr: 0.2 } }\n", "90%",
         "10%", "from: app", "main->main 0.9, main->dr 0, dr->main 0.08, dr->dr 0.02"},
        {"routing: { main: { dr: 100% } }\n", "90%", "10%", "from: app",
         "main->main 0, main->dr 0.9, dr->main 0.09, dr->dr 0.01"},
        {"", "90%", "10%", "from: app, site_pairs: [dr->main, main->main]",
         "dr->main 0.1, main->main 0.9"},
        {"", "90%", "10%", "from: app, site_pairs: dr -> dr", "dr->dr 1"},
        {"", "100%", "0%", "from: app, site_pairs: [main->dr, dr->dr, dr->main]",
         "main->dr 0.333333, dr->dr 0.333333, dr->main 0.333333"},
        {"", "75%", "25%", "from: any", "any->main 0.75, any->dr 0.25"},
        {"", "75%", "25%", "from: any, site_pairs: [any->dr]", "any->dr 1"},
        {"", "0.3333333333", "66.66666667 %", "from: any",
         "any->main 0.333333, any->dr 0.666667"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *parts[] = {HEAD SERVICES "sites: { main: { traffic: ",
                               cases[i].main,
                               " }, dr: { traffic: ",
                               cases[i].dr,
                               " } }\n",
                               cases[i].extra,
                               "flows:\n  - { id: F, to: ark, ",
                               cases[i].flow,
                               " }\n",
                               NULL};
        assert_text(shares_text(sound(glued(parts), NULL), 0), cases[i].shares);
    }
}

/* The paths of a question as the numbers of their entries. */
static struct tw_str paths_text(const struct tw_estate *e, uint32_t from, uint32_t s,
                                uint32_t to, uint32_t t)
{
    struct tw_buf buf;
    struct tw_path_list list = tw_estate_paths(&arena, e, from, s, to, t);
    tw_buf_init(&buf, &arena);
    for (size_t i = 0; i < list.n; i++)
        tw_buf_fmt(&buf, "%s%d", i ? " " : "", (int)(list.at[i] - e->paths.at));
    return tw_buf_view(&buf);
}

static void entries_that_fit_a_pair_of_sites_are_alternatives(void **state)
{
    (void)state;
    const struct tw_estate *e = sound(HEAD SITES SERVICES, NULL);
    enum { A, B, MAIN = 0, DR = 1 };
    assert_text(paths_text(e, A, MAIN, B, MAIN), "0");
    assert_text(paths_text(e, A, DR, B, DR), "0 1");
    assert_text(paths_text(e, A, DR, B, MAIN), "0 1 2");
    assert_text(paths_text(e, A, TW_NONE, B, TW_NONE), "0 1 2");
    assert_text(paths_text(e, A, TW_NONE, B, DR), "0 1");
    assert_text(paths_text(e, B, MAIN, A, MAIN), "3");
    assert_text(paths_text(e, B, MAIN, A, DR), "");
    assert_text(paths_text(e, TW_ZONE_OUTSIDE, TW_NONE, B, DR), "4");
    assert_text(paths_text(e, A, MAIN, A, MAIN), "");
    assert_int_equal(e->paths.at[2].nhops, 2);
    assert_int_equal(e->paths.at[2].hops[1].wall, 1);
}

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    const struct tw_estate *e =
        sound(HEAD SITES SERVICES "flows:\n"
                                  "  - { id: F, from: app, to: ark }\n"
                                  "  - { id: G, to: ark, expect: nothing-else }\n",
              NULL);
    const struct tw_wall_spec *wall = &e->walls.at[0];
    assert_int_equal(wall->stateful, TW_UNSAID);
    assert_int_equal(wall->role, TW_ROLE_ENFORCE);
    assert_false(wall->hook_input || wall->allow_empty);
    assert_text(wall->format.text, "");
    assert_text(wall->policy.at[0].text, "x");
    const struct tw_flow *f = &e->flows.at[0], *g = &e->flows.at[1];
    assert_int_equal(f->severity, TW_LEVEL_HIGH);
    assert_int_equal(f->expect, TW_EXPECT_ALLOW);
    assert_null(f->source_ports);
    assert_int_equal(f->ports.n, 1);
    assert_text(f->ports.at[0].text, "tcp/1");
    assert_int_equal(f->npairs, 4);
    assert_int_equal(g->from, TW_NONE);
    assert_int_equal(g->ports.n, 1);
    assert_true(g->ports.at[0].any);
    assert_int_equal(g->npairs, 2);
    assert_int_equal(tw_estate_service(e, TW_STR("ark")), 1);
    assert_int_equal(tw_estate_service(e, TW_STR("arc")), TW_NONE);
    assert_int_equal(tw_estate_site(e, TW_STR("dr")), 1);
    const struct tw_service *app = &e->services.at[0];
    assert_int_equal(app->hosts[TW_IPV6][0]->n, 0);
    assert_int_equal(app->hosts[TW_IPV6][1]->n, 1);
}

static void port_entries_say_protocol_ports_and_families(void **state)
{
    (void)state;
    enum { NO_PORTS = -1 };
    static const struct {
        const char *text;
        bool any, icmp, four, six;
        unsigned proto;
        int lo, hi;
    } cases[] = {
        {"tcp/8443", false, false, true, true, 6, 8443, 8443},
        {"udp/5000-5010", false, false, true, true, 17, 5000, 5010},
        {"TCP/any", false, false, true, true, 6, NO_PORTS, 0},
        {"sctp/0-65535", false, false, true, true, 132, 0, 65535},
        {"icmp/8", false, true, true, false, 1, 0x0800, 0x08ff},
        {"icmp", false, true, true, true, 1, NO_PORTS, 0},
        {"icmpv6/128", false, true, false, true, 58, 0x8000, 0x80ff},
        {"icmpv6", false, true, false, true, 58, NO_PORTS, 0},
        {"ip/47", false, false, true, true, 47, NO_PORTS, 0},
        {"ip/1", false, true, true, false, 1, NO_PORTS, 0},
        {"ip/58", false, true, false, true, 58, NO_PORTS, 0},
        {"any", true, false, true, true, 0, NO_PORTS, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *parts[] = {HEAD SITES SERVICES
                               "  pit: { zone: b, sites: { main: 10.1.0.9 }, listen: [",
                               cases[i].text, "] }\n", NULL};
        const struct tw_estate *e = sound(glued(parts), NULL);
        const struct tw_port_entry *p = &e->services.at[2].listen.at[0];
        assert_text(p->text, cases[i].text);
        assert_int_equal(p->any, cases[i].any);
        assert_int_equal(p->icmp, cases[i].icmp);
        assert_int_equal(p->in[TW_IPV4], cases[i].four);
        assert_int_equal(p->in[TW_IPV6], cases[i].six);
        assert_int_equal(p->proto, cases[i].proto);
        assert_int_equal(p->dport == NULL, cases[i].lo == NO_PORTS);
        if (p->dport) {
            assert_int_equal(p->dport->n, 1);
            assert_int_equal((int)p->dport->at[0].lo, cases[i].lo);
            assert_int_equal((int)p->dport->at[0].hi, cases[i].hi);
        }
    }
}

static void tables_join_the_catalogue_of_the_file(void **state)
{
    (void)state;
    static struct table tables[] = {
        {"cmdb.csv", "\xef\xbb\xbf"
                     "服务,名称,区域,负责人,机房,地址,监听端口\r\n"
                     "pay,\"支付, \"\"二期\"\"\",b,pay-team,main,10.1.0.7；10.1.0.8,"
                     "tcp/7;udp/7\r\n"
                     "pay,,,,dr,10.1.1.7,\r\n"},
        {"more.csv", "name,zone,site,hosts\nlog,a,main,10.0.0.3-10.0.0.4\n"},
        {"flows.csv", "编号,源,目的,端口,期望,级别,理由,工单,到期日,site_pairs\n"
                      "F1,app,pay,,deny,critical,\"a\nb\",CHG-7,2099/1/2,"
                      "main->dr ; dr->dr\n"
                      "F2,any,pay,udp/7,,,,,,\n"},
        {NULL, NULL}};
    const struct tw_estate *e = sound(
        HEAD SITES SERVICES "services_csv: [cmdb.csv, more.csv]\nflows_csv: flows.csv\n"
                            "flows:\n  - { id: F0, from: app, to: pay }\n",
        tables);
    assert_int_equal(e->services.len, 4);
    const struct tw_service *pay = &e->services.at[2];
    assert_text(pay->name, "pay");
    assert_text(pay->title, "支付, \"二期\"");
    assert_text(pay->owner, "pay-team");
    assert_int_equal(pay->zone, 1);
    assert_int_equal(pay->listen.n, 2);
    assert_int_equal((int)tw_ranges_size(pay->hosts[TW_IPV4][0]), 2);
    assert_int_equal((int)tw_ranges_size(pay->hosts[TW_IPV4][1]), 1);
    assert_int_equal(tw_span_line(pay->at), 2);
    assert_null(e->services.at[3].hosts[TW_IPV4][1]);
    assert_int_equal(e->flows.len, 3);
    const struct tw_flow *f = &e->flows.at[1];
    assert_text(f->id, "F1");
    assert_int_equal(f->expect, TW_EXPECT_DENY);
    assert_int_equal(f->severity, TW_LEVEL_CRITICAL);
    assert_int_equal(f->ports.n, 2);
    assert_text(f->why, "a\nb");
    assert_text(f->expires.text, "2099/1/2");
    assert_text(shares_text(e, 1), "main->dr 0.9, dr->dr 0.1");
    assert_int_equal(e->flows.at[2].from, TW_NONE);
    assert_int_equal(e->sources.len, 4);
}

static void tables_in_gb18030_are_read(void **state)
{
    (void)state;
    static struct table tables[] = {{"cmdb.csv",
                                     "\xb7\xfe\xce\xf1,zone,site,\xb5\xd8\xd6\xb7\n"
                                     "\xb7\xbd\xd6\xdb,b,main,10.1.0.7\n"},
                                    {NULL, NULL}};
    const struct tw_estate *e =
        sound(HEAD SITES SERVICES "services_csv: cmdb.csv\n", tables);
    assert_text(e->services.at[2].name, "方舟");
    assert_text(e->sources.at[1]->encoding, "GB18030");
}

static void an_estate_without_sections_is_sound(void **state)
{
    (void)state;
    const struct tw_estate *e =
        sound("version: 1\nsites:\nwalls: {}\nflows: []\nservices: ~\n", NULL);
    assert_int_equal(e->flows.len, 0);
}

static void places_hold_where_yaml_breaks_lines_that_we_do_not(void **state)
{
    (void)state;
    struct tw_diags diags;
    struct tw_str text =
        tw_str_of("version: 1 # \r\n"
                  "datasets:\r\n"
                  "  名: { title: \"a\xe2\x80\xa8\xc2\x85 b\", dump: x, dmp: x }\n");
    assert_null(read_text(text, NULL, &diags));
    const struct tw_diag *last = &diags.list.at[diags.list.len - 1];
    assert_text(tw_span_text(last->spans[0]), "dmp");
    assert_int_equal(tw_span_line(last->spans[0]), 3);
}

static void what_is_no_text_is_refused_where_it_stands(void **state)
{
    (void)state;
    struct tw_diags diags;
    struct tw_str text = {"version: 1\nsites: {\0}\n", 23};
    assert_null(read_text(text, NULL, &diags));
    assert_int_equal(diags.errors, 1);
    assert_int_equal(diags.list.at[0].spans[0].off, 19);
}

/* ---- limits */

static void sites_are_limited_because_pairs_are_their_square(void **state)
{
    (void)state;
    struct tw_buf buf;
    struct tw_diags diags;
    tw_buf_init(&buf, &arena);
    tw_buf_text(&buf, "version: 1\nsites:\n");
    for (int i = 0; i < 400; i++)
        tw_buf_fmt(&buf, "  s%d: { traffic: 0%% }\n", i);
    assert_null(read_text(tw_buf_view(&buf), NULL, &diags));
    assert_int_equal(diags.errors, 2); /* and the sum is 0 % */
    assert_string_equal(tw_diag_def(diags.list.at[1].id)->id, "TW212");
    assert_int_equal(tw_span_line(diags.list.at[1].spans[0]), 2 + 257);
}

static void a_hundred_thousand_wrong_words_do_not_take_minutes(void **state)
{
    (void)state;
    struct tw_buf buf;
    struct tw_diags diags;
    tw_buf_init(&buf, &arena);
    tw_buf_text(&buf, HEAD SITES SERVICES "flows: [");
    for (int i = 0; i < 100000; i++)
        tw_buf_fmt(&buf, "{id: f%d, from: a%d, to: zq%d}, ", i, i % 9, i);
    tw_buf_text(&buf, "]\n");
    assert_null(read_text(tw_buf_view(&buf), NULL, &diags));
    assert_int_equal(diags.errors, 200000);
    assert_true(diags.dropped > 0);
}

struct allowance {
    struct tw_str text;
    bool loaded, refused;
};

static enum tw_status load_within(void *ctx)
{
    struct allowance *a = ctx;
    struct tw_diags diags;
    const struct tw_estate *e = read_text(a->text, NULL, &diags);
    a->refused = !e;
    a->loaded = e && e->flows.len == 1;
    return TW_OK;
}

static void memory_runs_out_cleanly_at_every_size(void **state)
{
    (void)state;
    struct allowance a = {.text =
                              tw_str_of(HEAD SITES SERVICES
                                        "flows:\n  - { id: F, from: app, to: ark }\n")};
    struct tw_arena saved = arena;
    size_t refused = 0;
    for (size_t limit = 4096; !a.loaded; limit += 100) {
        tw_arena_init(&arena, limit);
        refused += tw_arena_run(&arena, load_within, &a) == TW_ERR_MEMORY;
        tw_arena_release(&arena);
        assert_false(a.refused);
        assert_true(limit < 1 << 24);
    }
    arena = saved;
    assert_true(refused > 100);
}

/* ---- files */

static struct tw_str read_file(const char *path)
{
    struct tw_buf buf;
    char block[4096];
    FILE *file = fopen(path, "rb");
    tw_buf_init(&buf, &arena);
    for (size_t n; file && (n = fread(block, 1, sizeof block, file)) != 0;)
        tw_buf_put(&buf, block, n);
    if (file)
        fclose(file);
    return tw_buf_view(&buf);
}

static void write_file(const char *path, struct tw_str text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static struct tw_str golden_print(enum tw_lang lang)
{
    struct tw_diags diags;
    struct tw_arena *own = tw_arena_child(&arena);
    tw_diags_init(&diags, own, lang);
    struct tw_estate *e = tw_estate_load(own, TW_STR("twinwall.yaml"), now, &diags);
    assert_int_equal(e == NULL, diags.errors != 0);
    return printed(&diags);
}

static int is_estate(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void every_fixture_is_told_what_its_golden_says(void **state)
{
    (void)state;
    struct dirent **entries;
    struct tw_buf all;
    tw_buf_init(&all, &arena);
    int n = scandir(TW_ESTATES, &entries, is_estate, alphasort), wrong = 0;
    assert_true(n > 10);
    char *home = getcwd(NULL, 0);
    for (int i = 0; i < n; i++) {
        assert_int_equal(chdir(TW_ESTATES), 0);
        assert_int_equal(chdir(entries[i]->d_name), 0);
        struct tw_str got = golden_print(TW_LANG_EN);
        assert_int_equal(golden_print(TW_LANG_ZH).len != 0, got.len != 0);
        if (getenv("BLESS"))
            write_file("expected.diag", got);
        if (!tw_str_eq(got, read_file("expected.diag"))) {
            print_error("%s:\n%.*s\n", entries[i]->d_name, (int)got.len, got.ptr);
            wrong++;
        }
        tw_buf_str(&all, got);
        free(entries[i]);
    }
    free(entries);
    assert_int_equal(chdir(home), 0);
    free(home);
    assert_int_equal(wrong, 0);
    for (int i = 0; i < TW_DIAG_COUNT; i++) {
        const char *id = tw_diag_def((enum tw_diag_id)i)->id;
        bool ours = id[2] == '2' && id[3] < '6' && strcmp(id, "TW212") != 0;
        size_t at = tw_str_find_str(tw_buf_view(&all), tw_str_of(id));
        if (ours && at == all.len)
            fail_msg("%s occurs in no golden", id);
    }
}

static void the_example_of_the_manual_loads(void **state)
{
    (void)state;
    struct tw_str page = read_file(TW_ESTATE_PAGE), fence = TW_STR("```yaml\n");
    size_t start = tw_str_find_str(page, fence);
    assert_true(start < page.len);
    struct tw_str text = tw_str_from(page, start + fence.len);
    text = tw_str_first(text, tw_str_find_str(text, TW_STR("```")));
    const struct tw_estate *e = sound(tw_str_cstr(&arena, text), NULL);
    assert_true(e->flows.len >= 3);
    assert_text(shares_text(e, 0),
                "main->main 0.81, main->dr 0.09, dr->main 0.09, dr->dr 0.01");
}

static void the_file_is_found_upward_to_the_repository(void **state)
{
    (void)state;
    char folder[] = "/tmp/twinwall-estate-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *home = getcwd(NULL, 0);
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("a", 0700) | mkdir("a/b", 0700) | mkdir("a/.git", 0700), 0);
    write_file("twinwall.yaml", TW_STR("version: 1\n"));
    assert_text(tw_estate_find(&arena, TW_STR(".")), "twinwall.yaml");
    assert_text(tw_estate_find(&arena, TW_STR("a/b")), ""); /* a holds .git */
    write_file("a/twinwall.yaml", TW_STR("version: 1\nservices_csv: s.csv\n"));
    write_file("a/s.csv", TW_STR("name,zone,site,hosts\n"));
    assert_text(tw_estate_find(&arena, TW_STR("a/b")), "a/b/../twinwall.yaml");
    assert_int_equal(chdir("a/b"), 0);
    assert_text(tw_estate_find(&arena, TW_STR("")), "../twinwall.yaml");
    struct tw_diags diags;
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    const struct tw_estate *e =
        tw_estate_load(&arena, TW_STR("../twinwall.yaml"), now, &diags);
    assert_non_null(e);
    assert_text(e->folder, "..");
    assert_text(e->sources.at[1]->name, "../s.csv");
    assert_text(tw_estate_path(&arena, e, TW_STR("p/x")), "../p/x");
    assert_text(tw_estate_path(&arena, e, TW_STR("/p/x")), "/p/x");
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(unlink("a/twinwall.yaml") | unlink("a/s.csv"), 0);
    assert_int_equal(unlink("twinwall.yaml"), 0);
    assert_int_equal(rmdir("a/.git") | rmdir("a/b") | rmdir("a"), 0);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(folder), 0);
    free(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_products_or_routing_over_the_pairs_that_count),
        cmocka_unit_test(entries_that_fit_a_pair_of_sites_are_alternatives),
        cmocka_unit_test(what_is_not_said_has_its_default),
        cmocka_unit_test(port_entries_say_protocol_ports_and_families),
        cmocka_unit_test(tables_join_the_catalogue_of_the_file),
        cmocka_unit_test(tables_in_gb18030_are_read),
        cmocka_unit_test(an_estate_without_sections_is_sound),
        cmocka_unit_test(places_hold_where_yaml_breaks_lines_that_we_do_not),
        cmocka_unit_test(what_is_no_text_is_refused_where_it_stands),
        cmocka_unit_test(sites_are_limited_because_pairs_are_their_square),
        cmocka_unit_test(a_hundred_thousand_wrong_words_do_not_take_minutes),
        cmocka_unit_test(memory_runs_out_cleanly_at_every_size),
        cmocka_unit_test(every_fixture_is_told_what_its_golden_says),
        cmocka_unit_test(the_example_of_the_manual_loads),
        cmocka_unit_test(the_file_is_found_upward_to_the_repository),
    };
    tw_arena_init(&arena, (size_t)1 << 31);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}
