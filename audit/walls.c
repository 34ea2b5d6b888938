/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the walls' policies. */
#include "walls.h"

#include "index.h"
#include "input.h"

static const struct tw_format *format_of(const struct tw_wall_spec *spec,
                                         struct tw_diags *diags)
{
    struct tw_str name = spec->format.text;
    if (name.len == 0 || tw_str_is(name, "auto"))
        return NULL;
    const struct tw_format *format = tw_format_by_name(name);
    if (!format)
        TW_DIAG(diags, TW_D_wall_format, spec->format.at, name);
    return format;
}

/* `as_of: 2023-02-08` with `max_age: 30d` (or 30): an older export says little about
 * today. */
static void weigh_age(struct tw_wall *wall, struct tw_time now, struct tw_diags *diags)
{
    const struct tw_wall_spec *spec = wall->spec;
    struct tw_str max = spec->max_age.text;
    struct tw_time as_of;
    uint64_t days = 0;
    if (tw_str_ends(max, "d"))
        max.len--;
    if (max.len && !tw_parse_u64(max, 36500, &days))
        TW_DIAG(diags, TW_D_wall_max_age, spec->max_age.at, spec->max_age.text);
    if (spec->as_of.text.len == 0) {
        if (spec->max_age.text.len)
            TW_DIAG(diags, TW_D_wall_no_as_of, spec->max_age.at, spec->name);
        return;
    }
    if (!tw_time_parse(spec->as_of.text, &as_of)) {
        TW_DIAG(diags, TW_D_wall_as_of, spec->as_of.at, spec->as_of.text);
        return;
    }
    wall->aged = true;
    wall->age = now.day - as_of.day;
    wall->stale = max.len && wall->age > (int64_t)days;
    if (wall->stale)
        TW_DIAG(diags, TW_D_wall_stale, spec->as_of.at, spec->name,
                tw_fmt(diags->arena, "%lld", (long long)wall->age), spec->max_age.text);
}

/* Keys that only other formats have a use for: whoever wrote one believes otherwise. */
static void tell_unused_keys(const struct tw_wall *wall, struct tw_diags *diags)
{
    const struct tw_wall_spec *spec = wall->spec;
    const struct {
        const struct tw_named *value;
        const char *key;
    } keys[] = {{&spec->vsys, "vsys"},
                {&spec->device_group, "device_group"},
                {&spec->app_ports, "app_ports"},
                {&spec->hits, "hits"}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].value->text.len)
            TW_DIAG(diags, TW_D_wall_unused_key, keys[i].value->at,
                    tw_str_of(keys[i].key), tw_str_of(wall->policy->format->name));
}

/* The files of the wall; all that cannot be read are told, at the words that name them.
 */
static const struct tw_source **load_files(struct tw_arena *arena,
                                           const struct tw_estate *estate,
                                           const struct tw_wall_spec *spec,
                                           struct tw_diags *diags)
{
    const struct tw_source **sources =
        tw_new_array(arena, spec->policy.n, const struct tw_source *);
    bool good = true;
    for (size_t i = 0; i < spec->policy.n; i++) {
        struct tw_str path = tw_estate_path(arena, estate, spec->policy.at[i].text);
        size_t told = diags->list.len;
        sources[i] = tw_source_load(arena, path, path, TW_SOURCE_MAX, TW_NO_STR, diags);
        good &= sources[i] != NULL;
        for (; told < diags->list.len; told++)
            if (diags->list.at[told].nspans == 0)
                tw_diag_also(&diags->list.at[told], spec->policy.at[i].at);
    }
    return good ? sources : NULL;
}

static void note_translations(struct tw_arena *arena, struct tw_wall *wall)
{
    TW_VEC(uint32_t) list = {0};
    for (uint32_t i = 0; i < wall->policy->rules.len; i++)
        if (wall->policy->rules.at[i].action == TW_ACTION_TRANSLATE)
            *tw_vec_add(arena, &list) = i;
    wall->translations = list.at;
    wall->ntranslations = list.len;
}

static bool read_wall(struct tw_arena *arena, const struct tw_estate *estate,
                      const struct tw_format_options *options, struct tw_wall *wall,
                      struct tw_diags *diags)
{
    const struct tw_wall_spec *spec = wall->spec;
    size_t errors = diags->errors;
    const struct tw_source **sources = load_files(arena, estate, spec, diags);
    const struct tw_format *format = format_of(spec, diags);
    if (!sources || diags->errors != errors)
        return false;
    wall->policy = tw_policy_read(arena, spec->name, format, sources, spec->policy.n,
                                  options, diags);
    if (!wall->policy)
        return false;
    tell_unused_keys(wall, diags);
    weigh_age(wall, options->now, diags);
    wall->receipt = tw_policy_receipt(wall->policy);
    note_translations(arena, wall);
    wall->empty = wall->receipt.rules == 0 && !spec->allow_empty;
    if (wall->empty)
        TW_DIAG(diags, TW_D_wall_without_rules, spec->at, spec->name);
    wall->index = tw_index_build(arena, wall->policy);
    return true;
}

static void check_interfaces(const struct tw_wall *wall, struct tw_names names,
                             struct tw_diags *diags)
{
    for (size_t i = 0; i < names.n; i++)
        if (!tw_policy_knows_interface(wall->policy, names.at[i].text))
            TW_DIAG(diags, TW_D_wall_interface, names.at[i].at, names.at[i].text,
                    wall->spec->name);
}

/* Every choice of interfaces is a way that is judged: their number is bounded, and what
 * is beyond is refused, not left out. */
static void check_ways(const struct tw_path *path, struct tw_diags *diags)
{
    size_t ways = 1;
    for (size_t h = 0; h < path->nhops && ways <= TW_WAYS_MAX; h++) {
        const struct tw_hop *hop = &path->hops[h];
        size_t in = hop->in.n ? hop->in.n : 1, out = hop->out.n ? hop->out.n : 1;
        ways =
            in > TW_WAYS_MAX || out > TW_WAYS_MAX ? TW_WAYS_MAX + 1 : ways * in * out;
    }
    if (ways > TW_WAYS_MAX)
        TW_DIAG(diags, TW_D_path_too_many_ways, path->at,
                tw_fmt(diags->arena, "%d", TW_WAYS_MAX));
}

struct tw_walls *tw_walls_load(struct tw_arena *arena, const struct tw_estate *estate,
                               const struct tw_format_options *options,
                               bool strict_limits, struct tw_diags *diags)
{
    size_t errors = diags->errors;
    struct tw_walls *walls = tw_new(arena, struct tw_walls);
    walls->estate = estate;
    walls->n = estate->walls.len;
    walls->at = tw_new_array(arena, walls->n + 1, struct tw_wall);
    walls->strict_limits = strict_limits;
    walls->crossings = tw_new(arena, struct tw_map);
    tw_map_init(walls->crossings, arena);
    walls->scratch = tw_arena_child(arena);
    bool ok = true;
    for (size_t i = 0; i < walls->n; i++) {
        walls->at[i].spec = &estate->walls.at[i];
        ok &= read_wall(arena, estate, options, &walls->at[i], diags);
    }
    for (size_t p = 0; ok && p < estate->paths.len; p++) {
        const struct tw_path *path = &estate->paths.at[p];
        check_ways(path, diags);
        for (size_t h = 0; h < path->nhops; h++) {
            const struct tw_hop *hop = &path->hops[h];
            check_interfaces(&walls->at[hop->wall], hop->in, diags);
            check_interfaces(&walls->at[hop->wall], hop->out, diags);
        }
    }
    return ok && diags->errors == errors ? walls : NULL;
}

const struct tw_crossing *tw_walls_crossing(struct tw_arena *arena,
                                            struct tw_walls *walls, uint32_t wall,
                                            struct tw_str in, struct tw_str out,
                                            bool unseen)
{
    struct tw_buf key;
    tw_buf_init(&key, arena);
    tw_buf_u64(&key, wall);
    tw_buf_char(&key, '\0');
    tw_buf_str(&key, in);
    tw_buf_char(&key, '\0');
    tw_buf_str(&key, out);
    tw_buf_char(&key, '\0');
    tw_buf_char(&key, unseen ? 'u' : 's');
    void **slot = tw_map_slot(walls->crossings, tw_buf_view(&key));
    if (!*slot) {
        const struct tw_wall *w = &walls->at[wall];
        struct tw_crossing_options options = {
            .hook = w->spec->hook_input ? TW_HOOK_INPUT : TW_HOOK_FORWARD,
            .in = in,
            .out = out,
            .strict_limits = walls->strict_limits,
            .unseen = unseen};
        *slot =
            (void *)(uintptr_t)tw_crossing_new(arena, w->policy, w->index, &options);
    }
    return *slot;
}

bool tw_wall_keeps_state(const struct tw_wall *wall)
{
    return !wall->policy->state_in_rules && wall->spec->stateful != TW_NO;
}
