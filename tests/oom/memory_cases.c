/* SPDX-License-Identifier: Apache-2.0 */
/* The readers and the fixtures that they read; see memory_cases.h. */
#include "memory_cases.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "estate.h"
#include "format.h"
#include "impact_bench.h"
#include "input.h"
#include "policy_text.h"
#include "xml.h"
#include "yaml_tree.h"

static const struct tw_time today = {.day = 20000};

static const struct tw_source *source_of(struct tw_arena *arena,
                                         const struct tw_memory_case *c,
                                         struct tw_diags *diags)
{
    tw_diags_init(diags, arena, TW_LANG_EN);
    return tw_source_decode(arena, c->name, c->bytes, TW_STR(""), diags);
}

/* Puts DIAGS behind the answer. Are they about memory alone? */
static bool finish(struct tw_buf *answer, const struct tw_diags *diags, bool refused)
{
    size_t errors = 0;
    tw_diags_print(diags, false, true, answer);
    for (size_t i = 0; i < diags->list.len; i++) {
        const struct tw_diag *d = &diags->list.at[i];
        errors += d->id == TW_D_too_large ||
                  (d->severity == TW_ERROR &&
                   tw_str_find_str(d->message, TW_STR("memory")) < d->message.len);
    }
    return refused && errors && errors == diags->errors;
}

/* --- policies -------------------------------------------------------------------- */

static bool read_policy(struct tw_arena *arena, const struct tw_memory_case *c,
                        struct tw_buf *answer)
{
    struct tw_diags diags;
    struct tw_format_options options = {.now = today};
    const struct tw_source *src = source_of(arena, c, &diags);
    const struct tw_policy *policy = NULL;
    if (src)
        policy =
            tw_policy_read(arena, TW_STR("wall"), c->format, &src, 1, &options, &diags);
    if (policy)
        text_policy(answer, policy);
    return finish(answer, &diags, !policy);
}

/* --- estates --------------------------------------------------------------------- */

static void put_ranges(struct tw_buf *out, const struct tw_ranges *r, int family)
{
    for (size_t i = 0; r && i < r->n; i++) {
        tw_buf_char(out, ' ');
        tw_buf_ip_range(out, (enum tw_family)family, r->at[i]);
    }
}

static void put_name(struct tw_buf *out, const char *what, struct tw_str name)
{
    tw_buf_text(out, what);
    tw_buf_str(out, name);
}

static void put_services(struct tw_buf *out, const struct tw_estate *e)
{
    for (size_t i = 0; i < e->services.len; i++) {
        const struct tw_service *s = &e->services.at[i];
        put_name(out, "\nservice ", s->name);
        put_name(out, " ", s->title);
        tw_buf_fmt(out, " %zu:", s->listen.n);
        for (int f = 0; f < TW_FAMILIES; f++)
            for (size_t k = 0; k < e->sites.len; k++)
                put_ranges(out, s->hosts[f][k], f);
    }
}

static void put_estate(struct tw_buf *out, const struct tw_estate *e)
{
    for (size_t i = 0; i < e->sites.len; i++)
        put_name(out, "\nsite ", e->sites.at[i].name);
    for (size_t i = 0; i < e->walls.len; i++) {
        put_name(out, "\nwall ", e->walls.at[i].name);
        for (size_t k = 0; k < e->walls.at[i].policy.n; k++)
            put_name(out, " ", e->walls.at[i].policy.at[k].text);
    }
    for (size_t i = 0; i < e->zones.len; i++) {
        put_name(out, "\nzone ", e->zones.at[i].name);
        for (int f = 0; f < TW_FAMILIES; f++)
            put_ranges(out, e->zones.at[i].networks[f], f);
    }
    for (size_t i = 0; i < e->paths.len; i++)
        tw_buf_fmt(out, "\npath %u %u %zu", e->paths.at[i].from, e->paths.at[i].to,
                   e->paths.at[i].nhops);
    put_services(out, e);
    for (size_t i = 0; i < e->flows.len; i++) {
        const struct tw_flow *f = &e->flows.at[i];
        put_name(out, "\nflow ", f->id);
        tw_buf_fmt(out, " %u %u %zu %zu", f->from, f->to, f->ports.n, f->npairs);
        for (size_t k = 0; k < f->ports.n; k++)
            put_name(out, " ", f->ports.at[k].text);
    }
    for (size_t i = 0; i < e->datasets.len; i++)
        put_name(out, "\ndataset ", e->datasets.at[i].name);
    tw_buf_char(out, '\n');
}

static bool read_estate(struct tw_arena *arena, const struct tw_memory_case *c,
                        struct tw_buf *answer)
{
    struct tw_diags diags;
    tw_diags_init(&diags, arena, TW_LANG_EN);
    const struct tw_estate *e = tw_estate_load(arena, c->path, today, &diags);
    if (e)
        put_estate(answer, e);
    return finish(answer, &diags, !e);
}

static void put_yaml(struct tw_buf *out, const struct tw_yaml *node, int depth)
{
    tw_buf_chars(out, ' ', (size_t)depth);
    tw_buf_fmt(out, "%d@%u+%u ", (int)node->kind, (unsigned)node->at.off,
               (unsigned)node->at.len);
    put_name(out, "", node->key);
    put_name(out, ": ", node->text);
    tw_buf_char(out, '\n');
    for (const struct tw_yaml *n = node->first; n; n = n->next)
        put_yaml(out, n, depth + 1);
}

static bool read_yaml(struct tw_arena *arena, const struct tw_memory_case *c,
                      struct tw_buf *answer)
{
    struct tw_diags diags;
    const struct tw_source *src = source_of(arena, c, &diags);
    const struct tw_yaml *root = src ? tw_yaml_parse(arena, src, &diags) : NULL;
    if (root)
        put_yaml(answer, root, 0);
    return finish(answer, &diags, !root);
}

/* --- XML ------------------------------------------------------------------------- */

static void put_element(struct tw_buf *out, const struct tw_xml *e)
{
    put_name(out, "<", e->name);
    put_name(out, "|", e->ns);
    for (size_t i = 0; i < e->nattrs; i++) {
        put_name(out, " ", e->attrs[i].name);
        put_name(out, "=", e->attrs[i].value);
    }
    tw_buf_fmt(out, " @%u+%u>", (unsigned)e->at.off, (unsigned)e->at.len);
    tw_buf_str(out, e->text);
    for (const struct tw_xml *c = e->first; c; c = c->next)
        put_element(out, c);
    tw_buf_text(out, "</>\n");
}

static bool read_xml(struct tw_arena *arena, const struct tw_memory_case *c,
                     struct tw_buf *answer)
{
    struct tw_diags diags;
    const struct tw_source *src = source_of(arena, c, &diags);
    const struct tw_xml *root = src ? tw_xml_parse(arena, src, &diags) : NULL;
    if (root)
        put_element(answer, root);
    return finish(answer, &diags, !root);
}

/* Goes two levels deep, then takes each element whole. */
static enum tw_xml_take visit_start(void *ctx, const struct tw_xml *e)
{
    put_name(ctx, "start ", e->name);
    return e->parent && e->parent->parent ? TW_XML_TREE : TW_XML_ENTER;
}

static void visit_end(void *ctx, const struct tw_xml *e)
{
    put_element(ctx, e);
}

static bool walk_xml(struct tw_arena *arena, const struct tw_memory_case *c,
                     struct tw_buf *answer)
{
    struct tw_diags diags;
    const struct tw_source *src = source_of(arena, c, &diags);
    struct tw_xml_visitor visitor = {visit_start, visit_end, answer};
    bool refused = !src || !tw_xml_walk(arena, src, &visitor, &diags);
    return finish(answer, &diags, refused);
}

/* --- dumps ----------------------------------------------------------------------- */

static bool read_dump(struct tw_arena *arena, const struct tw_memory_case *c,
                      struct tw_buf *answer)
{
    /* The columns of JSON have no numbers. */
    bool named = tw_str_find_str(c->path, TW_STR(".json")) < c->path.len;
    const char *const said[][2] = {
        {"wrong", "* ~ /[a-m]x?|失败/i"},
        {"where", named ? "v is not null" : "#1 is not null"},
        {"by", named ? "v" : "#1"},
        {"distinct", named ? "id" : "#2"},
        {"sum", named ? "id" : "#1"},
        {"columns", "id"},
    };
    size_t nsaid = sizeof said / sizeof said[0] - !named;
    struct tw_impact_options options;
    struct tw_diags diags;
    bool known;
    tw_diags_init(&diags, arena, TW_LANG_EN);
    tw_impact_options_init(&options);
    options.fingerprint = true;
    for (size_t i = 0; i < nsaid; i++)
        (void)tw_impact_option_set(arena, &options, said[i][0], tw_str_of(said[i][1]),
                                   TW_STR("test"), TW_NOWHERE, &diags, &known);
    tw_said_add(arena, &options.paths, c->path, TW_STR("test"));
    struct tw_impact *impact = tw_impact_new(arena, &options, &diags);
    enum tw_status status = impact ? tw_impact_count(impact) : TW_ERR_INPUT;
    tw_buf_fmt(answer, "%s\n", status == TW_OK ? "counted" : "failed");
    if (status == TW_OK)
        tw_buf_str(answer, bench_digest_of(arena, &impact->tally));
    for (size_t i = 0; status == TW_OK && i < impact->files.len; i++) {
        put_name(answer, "\n", impact->files.at[i].encoding);
        put_name(answer, " ", impact->files.at[i].sha256);
    }
    return finish(answer, &diags, status != TW_OK);
}

static bool read_input(struct tw_arena *arena, const struct tw_memory_case *c,
                       struct tw_buf *answer)
{
    struct tw_diags diags;
    tw_diags_init(&diags, arena, TW_LANG_EN);
    struct tw_input *in = tw_input_memory(arena, c->bytes, c->name, &diags);
    char bytes[64];
    size_t got = 0;
    enum tw_status status = in ? TW_OK : TW_ERR_INPUT;
    do {
        if (status == TW_OK)
            status = tw_input_read(in, bytes, sizeof bytes, &got);
        if (status == TW_OK)
            tw_buf_put(answer, bytes, got);
    } while (status == TW_OK && got);
    tw_buf_fmt(answer, "%s\n", status == TW_OK ? "read" : "failed");
    return finish(answer, &diags, status != TW_OK);
}

/* --- the list -------------------------------------------------------------------- */

static struct tw_str slurp(struct tw_arena *arena, struct tw_str path)
{
    FILE *file = fopen(tw_str_cstr(arena, path), "rb");
    struct tw_buf buf;
    char block[4096];
    size_t n;
    tw_buf_init(&buf, arena);
    while (file && (n = fread(block, 1, sizeof block, file)) > 0)
        tw_buf_put(&buf, block, n);
    if (file)
        fclose(file);
    return tw_buf_view(&buf);
}

struct collector {
    struct tw_arena *arena;
    struct tw_memory_cases *cases;
    const struct tw_format *format;
    bool (*read)(struct tw_arena *arena, const struct tw_memory_case *c,
                 struct tw_buf *answer);
};

static void add(const struct collector *to, struct tw_str path, struct tw_str bytes)
{
    size_t slash = path.len;
    for (int parts = 0; slash > 0 && parts < 2; slash--)
        parts += path.ptr[slash - 1] == '/';
    *tw_vec_add(to->arena, &to->cases->list) = (struct tw_memory_case){
        .name = tw_str_from(path, slash ? slash + 1 : 0),
        .path = path,
        .bytes = bytes,
        .format = to->format,
        .read = to->read,
    };
}

/* The files of FOLDER, or one level below, whose names hold PART. */
static size_t add_files(const struct collector *to, struct tw_str folder,
                        const char *part, int levels)
{
    struct dirent **entries;
    size_t added = 0;
    int n = scandir(tw_str_cstr(to->arena, folder), &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct tw_str path = tw_fmt(to->arena, "%.*s/%s", (int)folder.len, folder.ptr,
                                    entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && levels > 0)
            added += add_files(to, path, part, levels - 1);
        else if (entries[i]->d_name[0] != '.' && strstr(entries[i]->d_name, part))
            add(to, path, slurp(to->arena, path)), added++;
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return added;
}

static void add_bytes(const struct collector *to, const char *name, struct tw_str bytes)
{
    add(to, tw_str_of(name), bytes);
}

/* "k,v", "1,x", "2,x" in lines, by the tools xz and zstd. */
static void add_compressed(const struct collector *to)
{
    static const unsigned char xz[] = {
        0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46,
        0x02, 0x00, 0x21, 0x01, 0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3,
        0x01, 0x00, 0x0b, 0x6b, 0x2c, 0x76, 0x0a, 0x31, 0x2c, 0x78, 0x0a, 0x32,
        0x2c, 0x78, 0x0a, 0x00, 0x64, 0x50, 0xfa, 0xf1, 0x7f, 0x6b, 0xb4, 0x58,
        0x00, 0x01, 0x24, 0x0c, 0xa6, 0x18, 0xd8, 0xd8, 0x1f, 0xb6, 0xf3, 0x7d,
        0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a};
    static const unsigned char zstd[] = {
        0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x0c, 0x61, 0x00, 0x00, 0x6b, 0x2c, 0x76, 0x0a,
        0x31, 0x2c, 0x78, 0x0a, 0x32, 0x2c, 0x78, 0x0a, 0x76, 0x7a, 0xc0, 0x35};
    add_bytes(to, "table.csv.xz", (struct tw_str){(const char *)xz, sizeof xz});
    add_bytes(to, "table.csv.zst", (struct tw_str){(const char *)zstd, sizeof zstd});
}

static void add_xml(struct collector *to)
{
    static const char sound[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n"
        "<a:root xmlns:a=\"urn:a\" xmlns=\"urn:d\" a:k='1' k=\"x &amp; y\">\n"
        "  <list n=\"1\">one<!-- two --> &lt;three&gt; <![CDATA[<four>]]></list>\n"
        "  <list><m>甲&#x4e59;</m>\r\n<m/><m> a\r\nb </m></list>\n"
        "  <deep><deep><deep><deep x=\"y\">text</deep></deep></deep></deep>\n"
        "</a:root>\n";
    static const char *const broken[] = {"<a><b></a>", "<a>&nope;</a>", "<a",
                                         "<a/><b/>",
                                         "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"};
    bool (*const readers[])(struct tw_arena *, const struct tw_memory_case *,
                            struct tw_buf *) = {read_xml, walk_xml};
    for (size_t r = 0; r < 2; r++) {
        to->read = readers[r];
        add_bytes(to, r ? "walk/sound.xml" : "parse/sound.xml",
                  (struct tw_str){sound, sizeof sound - 1});
        for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
            add_bytes(to, r ? "walk/broken.xml" : "parse/broken.xml",
                      tw_str_of(broken[i]));
    }
}

void tw_memory_cases_collect(struct tw_arena *arena, struct tw_memory_cases *cases)
{
    struct collector to = {.arena = arena, .cases = cases, .read = read_policy};
    for (const struct tw_format *const *f = tw_formats; *f; f++) {
        to.format = *f;
        struct tw_str folder = tw_fmt(arena, TW_FIXTURES "/policies/%s", (*f)->name);
        assert_true(add_files(&to, folder, ".in", 0) > 0);
    }
    to.format = NULL;
    to.read = read_estate;
    assert_true(add_files(&to, TW_STR(TW_FIXTURES "/estates"), ".yaml", 1) > 0);
    to.read = read_yaml;
    assert_true(add_files(&to, TW_STR(TW_FIXTURES "/estates"), ".yaml", 1) > 0);
    to.read = read_dump;
    assert_true(add_files(&to, TW_STR(TW_FIXTURES "/impact"), "a.", 1) > 0);
    add(&to, TW_STR(TW_FIXTURES "/impact/empty-beside-full"), TW_STR(""));
    static const char *const trees[] = {"bills.jsonl", ".json_array", ".xml",
                                        ".mysql_xml"};
    for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++)
        assert_true(add_files(&to, TW_STR(TW_FIXTURES "/impact"), trees[i], 1) > 0);
    to.read = read_input;
    assert_true(add_files(&to, TW_STR(TW_FIXTURES "/impact"), ".gz", 1) > 0);
    add_compressed(&to);
    add_xml(&to);
}
