/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading the estate, for every command that looks at walls: the order of the sections,
 * the files beside the YAML file, and where all of them lie.
 */
#include "estate.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "estate_load.h"
#include "input.h"

enum { COMPARISONS_MAX = 2000000, FOLDERS_MAX = 256 };

/* ---- files and folders */

static struct tw_str join(struct tw_arena *arena, struct tw_str folder,
                          struct tw_str name)
{
    struct tw_buf buf;
    if (folder.len == 0 || tw_str_starts(name, "/") || tw_str_is(name, "-"))
        return name;
    tw_buf_init(&buf, arena);
    tw_buf_str(&buf, folder);
    if (!tw_str_ends(folder, "/"))
        tw_buf_char(&buf, '/');
    tw_buf_str(&buf, name);
    return tw_buf_view(&buf);
}

struct tw_str tw_estate_path(struct tw_arena *arena, const struct tw_estate *estate,
                             struct tw_str name)
{
    return join(arena, estate->folder, name);
}

/* "a/b/twinwall.yaml" lies in "a/b", "/x" in "/". */
static struct tw_str folder_of(struct tw_str path)
{
    size_t n = path.len;
    while (n && path.ptr[n - 1] != '/')
        n--;
    return n > 1 ? tw_str_first(path, n - 1) : tw_str_first(path, n);
}

static bool look(struct tw_arena *arena, struct tw_str folder, const char *name,
                 struct stat *out)
{
    struct tw_str path = join(arena, folder, tw_str_of(name));
    return stat(tw_str_cstr(arena, path), out) == 0;
}

struct tw_str tw_estate_find(struct tw_arena *arena, struct tw_str start)
{
    struct stat here, above, found;
    struct tw_str folder = tw_str_is(start, ".") ? TW_STR("") : start;
    for (unsigned i = 0; i < FOLDERS_MAX; i++) {
        if (look(arena, folder, "twinwall.yaml", &found) && !S_ISDIR(found.st_mode))
            return join(arena, folder, TW_STR("twinwall.yaml"));
        if (look(arena, folder, ".git", &found))
            break;
        if (!look(arena, folder, ".", &here) || !look(arena, folder, "..", &above))
            break;
        if (here.st_dev == above.st_dev && here.st_ino == above.st_ino)
            break; /* the root */
        folder = join(arena, folder, TW_STR(".."));
    }
    return TW_STR("");
}

static const struct tw_source *open_file(void *ctx, struct tw_arena *arena,
                                         struct tw_str path, struct tw_diags *diags)
{
    (void)ctx;
    return tw_source_load(arena, path, path, TW_ESTATE_BYTES_MAX, TW_STR(""), diags);
}

static const struct tw_estate_files file_system = {open_file, NULL};

/* ---- the order of the diagnostics */

struct ranked {
    struct tw_diag diag;
    size_t source, order;
};

static int by_place(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    uint64_t from = x->diag.nspans ? x->diag.spans[0].off : 0;
    uint64_t to = y->diag.nspans ? y->diag.spans[0].off : 0;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (from != to)
        return from < to ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Sections are read in the order in which they need each other; people read a file from
 * its top. */
static void sort_diags(struct tw_loader *l, size_t first)
{
    size_t n = l->diags->list.len - first;
    if (n == 0)
        return;
    struct tw_diag *list = l->diags->list.at + first;
    struct ranked *ranked = tw_new_array(l->scratch, n, struct ranked);
    for (size_t i = 0; i < n; i++) {
        size_t s = 0;
        while (list[i].nspans && s < l->estate->sources.len &&
               l->estate->sources.at[s] != list[i].spans[0].src)
            s++;
        ranked[i] = (struct ranked){list[i], s, i};
    }
    qsort(ranked, n, sizeof *ranked, by_place);
    for (size_t i = 0; i < n; i++)
        list[i] = ranked[i].diag;
}

/* ---- the whole file */

enum top_key {
    TOP_VERSION,
    TOP_SITES,
    TOP_ROUTING,
    TOP_WALLS,
    TOP_ZONES,
    TOP_PATHS,
    TOP_SERVICES,
    TOP_FLOWS,
    TOP_DATASETS,
    TOP_SERVICES_CSV,
    TOP_FLOWS_CSV
};

enum { SECTION = TW_KEY_MAY_BE_EMPTY | TW_KEY_MAY_BE_NULL };

static const struct tw_key top_keys[] = {
    [TOP_VERSION] = {"version", TW_KEY_TEXT, TW_KEY_REQUIRED},
    [TOP_SITES] = {"sites", TW_KEY_MAPPING, SECTION},
    [TOP_ROUTING] = {"routing", TW_KEY_MAPPING, SECTION},
    [TOP_WALLS] = {"walls", TW_KEY_MAPPING, SECTION},
    [TOP_ZONES] = {"zones", TW_KEY_MAPPING, SECTION},
    [TOP_PATHS] = {"paths", TW_KEY_LIST, SECTION},
    [TOP_SERVICES] = {"services", TW_KEY_MAPPING, SECTION},
    [TOP_FLOWS] = {"flows", TW_KEY_LIST, SECTION},
    [TOP_DATASETS] = {"datasets", TW_KEY_MAPPING, SECTION},
    [TOP_SERVICES_CSV] = {"services_csv", TW_KEY_TEXTS, 0},
    [TOP_FLOWS_CSV] = {"flows_csv", TW_KEY_TEXTS, 0},
    {NULL, TW_KEY_ANY, 0},
};

static void read_tables(struct tw_loader *l, const struct tw_yaml *names,
                        void (*read)(struct tw_loader *, const struct tw_source *))
{
    struct tw_names words = tw_yaml_words(l, names);
    for (size_t i = 0; i < words.n; i++) {
        struct tw_str path = join(l->arena, l->estate->folder, words.at[i].text);
        if (!tw_room_check(l, names->key.len > 9 ? "services_csv" : "flows_csv",
                           l->estate->sources.len, TW_ESTATE_FILES_MAX, words.at[i].at))
            return;
        size_t before = l->diags->list.len;
        const struct tw_source *src = l->files->open(
            l->files->ctx, l->arena, tw_str_copy(l->arena, path), l->diags);
        if (src) {
            *tw_vec_add(l->arena, &l->estate->sources) = src;
            read(l, src);
            continue;
        }
        /* What could not be opened is named by the YAML file: say where. */
        for (; before < l->diags->list.len; before++)
            if (l->diags->list.at[before].nspans == 0)
                tw_diag_also(&l->diags->list.at[before], words.at[i].at);
    }
}

static void read_services(struct tw_loader *l, const struct tw_yaml *mapping,
                          const struct tw_yaml *tables)
{
    tw_services_read(l, mapping);
    size_t errors = l->diags->errors;
    read_tables(l, tables, tw_services_csv_read);
    l->services_missing = l->diags->errors != errors;
    tw_services_resolve(l);
}

static void read_sections(struct tw_loader *l, const struct tw_yaml *root)
{
    const struct tw_yaml *v[TW_KEYS_MAX];
    tw_keys_read(l, root, "twinwall.yaml", top_keys, v);
    if (root->kind != TW_YAML_MAPPING)
        return;
    if (v[TOP_VERSION] && !tw_str_is(v[TOP_VERSION]->text, "1"))
        TW_DIAG(l->diags, TW_D_estate_version, v[TOP_VERSION]->at,
                v[TOP_VERSION]->text);
    tw_sites_read(l, v[TOP_SITES], v[TOP_ROUTING]);
    tw_walls_read(l, v[TOP_WALLS]);
    tw_zones_read(l, v[TOP_ZONES]);
    tw_paths_read(l, v[TOP_PATHS]);
    tw_paths_order(l);
    tw_datasets_read(l, v[TOP_DATASETS]);
    read_services(l, v[TOP_SERVICES], v[TOP_SERVICES_CSV]);
    tw_flows_begin(l);
    tw_flows_read(l, v[TOP_FLOWS]);
    read_tables(l, v[TOP_FLOWS_CSV], tw_flows_csv_read);
}

struct tw_estate *tw_estate_read(struct tw_arena *arena, const struct tw_source *yaml,
                                 struct tw_str folder,
                                 const struct tw_estate_files *files,
                                 struct tw_time now, struct tw_diags *diags)
{
    size_t errors = diags->errors, first = diags->list.len;
    struct tw_arena *scratch = tw_arena_child(arena);
    struct tw_estate *estate = tw_new(arena, struct tw_estate);
    struct tw_loader *l = tw_new(scratch, struct tw_loader);
    *l = (struct tw_loader){
        .arena = arena,
        .scratch = scratch,
        .diags = diags,
        .estate = estate,
        .files = files ? files : &file_system,
        .now = now,
        .comparisons = COMPARISONS_MAX,
    };
    struct tw_map *maps[] = {&l->walls,     &l->zones, &l->datasets, &l->flows,
                             &l->raw_names, &l->told,  &l->entered};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        tw_map_init(maps[i], scratch);
    estate->arena = arena;
    estate->folder = tw_str_copy(arena, folder);
    tw_map_init(&estate->site_index, arena);
    tw_map_init(&estate->service_index, arena);
    *tw_vec_add(arena, &estate->sources) = yaml;
    const struct tw_yaml *root = tw_yaml_parse_on(scratch, yaml, diags);
    if (root)
        read_sections(l, root);
    sort_diags(l, first);
    tw_arena_release(scratch);
    return diags->errors == errors ? estate : NULL;
}

struct tw_estate *tw_estate_load(struct tw_arena *arena, struct tw_str path,
                                 struct tw_time now, struct tw_diags *diags)
{
    path = tw_str_copy(arena, path);
    const struct tw_source *yaml = open_file(NULL, arena, path, diags);
    if (!yaml)
        return NULL;
    return tw_estate_read(arena, yaml, folder_of(path), NULL, now, diags);
}

uint32_t tw_estate_site(const struct tw_estate *estate, struct tw_str name)
{
    return tw_index_get(&estate->site_index, name);
}

uint32_t tw_estate_service(const struct tw_estate *estate, struct tw_str name)
{
    return tw_index_get(&estate->service_index, name);
}
