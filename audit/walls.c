/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the walls' policies. */
#include "walls.h"

#include "index.h"
#include "input.h"
#include "time_zone.h"

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
    const struct tw_format *format = wall->policy->format;
    const struct {
        const struct tw_named *value;
        const char *key;
        enum tw_format_key use;
    } keys[] = {{&spec->vsys, "vsys", TW_FORMAT_VSYS},
                {&spec->device_group, "device_group", TW_FORMAT_DEVICE_GROUP},
                {&spec->app_ports, "app_ports", TW_FORMAT_APP_PORTS},
                {&spec->hits, "hits", TW_FORMAT_HITS}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].value->text.len && !(format->keys & keys[i].use))
            TW_DIAG(diags, TW_D_wall_unused_key, keys[i].value->at,
                    tw_str_of(keys[i].key), tw_str_of(format->name));
}

/* The file that WORD names; NULL after a diagnostic, which points at the word. */
static const struct tw_source *load_file(struct tw_arena *arena,
                                         const struct tw_estate *estate,
                                         const struct tw_named *word,
                                         struct tw_diags *diags)
{
    struct tw_str path = tw_estate_path(arena, estate, word->text);
    size_t told = diags->list.len;
    const struct tw_source *source =
        tw_source_load(arena, path, path, TW_SOURCE_MAX, TW_NO_STR, diags);
    for (; told < diags->list.len; told++)
        if (diags->list.at[told].nspans == 0)
            tw_diag_also(&diags->list.at[told], word->at);
    return source;
}

/* The files of the wall; all that cannot be read are told. */
static const struct tw_source **load_files(struct tw_arena *arena,
                                           const struct tw_estate *estate,
                                           const struct tw_wall_spec *spec,
                                           struct tw_diags *diags)
{
    const struct tw_source **sources =
        tw_new_array(arena, spec->policy.n, const struct tw_source *);
    bool good = true;
    for (size_t i = 0; i < spec->policy.n; i++) {
        sources[i] = load_file(arena, estate, &spec->policy.at[i], diags);
        good &= sources[i] != NULL;
    }
    return good ? sources : NULL;
}

/* What the estate says of the export; false where a file cannot be read. */
static bool format_options(struct tw_arena *arena, const struct tw_estate *estate,
                           const struct tw_wall_spec *spec, struct tw_time now,
                           struct tw_format_options *out, struct tw_diags *diags)
{
    *out = (struct tw_format_options){
        .now = now,
        .vsys = {spec->vsys.text, spec->vsys.at},
        .device_group = {spec->device_group.text, spec->device_group.at}};
    if (spec->app_ports.text.len)
        out->app_ports = load_file(arena, estate, &spec->app_ports, diags);
    if (spec->hits.text.len)
        out->hits = load_file(arena, estate, &spec->hits, diags);
    return (!spec->app_ports.text.len || out->app_ports) &&
           (!spec->hits.text.len || out->hits);
}

/* --at by the clock of the wall: as written, or moved to the wall's zone. */
static void set_clock(struct tw_arena *arena, struct tw_wall *wall,
                      const struct tw_time *at, struct tw_diags *diags)
{
    const struct tw_named *tz = &wall->spec->tz;
    struct tw_tz zone = {0};
    if (tz->text.len && !tw_tz_parse(tz->text, &zone))
        TW_DIAG(diags, TW_D_wall_tz, tz->at, tz->text);
    if (!at)
        return;
    bool asks = false;
    for (size_t i = 0; i < wall->policy->unknowns.len; i++)
        asks |= wall->policy->unknowns.at[i].schedule != NULL;
    if (asks && at->has_offset && !zone.given) {
        TW_DIAG(diags, TW_D_wall_no_tz, wall->spec->at, wall->spec->name);
        return;
    }
    struct tw_time *clock = tw_new(arena, struct tw_time);
    *clock = *at;
    if (at->has_offset && zone.given)
        tw_time_to_zone(clock, &zone);
    wall->clock = clock;
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
                      const struct tw_walls_options *options, struct tw_wall *wall,
                      struct tw_diags *diags)
{
    const struct tw_wall_spec *spec = wall->spec;
    size_t errors = diags->errors;
    const struct tw_source **sources = load_files(arena, estate, spec, diags);
    const struct tw_format *format = format_of(spec, diags);
    struct tw_format_options reading;
    if (!format_options(arena, estate, spec, options->now, &reading, diags) ||
        !sources || diags->errors != errors)
        return false;
    wall->policy = tw_policy_read(arena, spec->name, format, sources, spec->policy.n,
                                  &reading, diags);
    if (!wall->policy)
        return false;
    tell_unused_keys(wall, diags);
    weigh_age(wall, options->now, diags);
    set_clock(arena, wall, options->at, diags);
    wall->app_ports = reading.app_ports;
    wall->hits = reading.hits;
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

/* The most applications that one flow may be. */
static size_t most_apps(const struct tw_estate *estate)
{
    size_t most = 1;
    for (size_t i = 0; i < estate->flows.len; i++)
        most = estate->flows.at[i].apps.n > most ? estate->flows.at[i].apps.n : most;
    for (size_t i = 0; i < estate->services.len; i++)
        most =
            estate->services.at[i].apps.n > most ? estate->services.at[i].apps.n : most;
    return most;
}

/* Every choice of interfaces and applications is a way that is judged: their number is
 * bounded, and what is beyond is refused, not left out. */
static void check_ways(const struct tw_walls *walls, const struct tw_path *path,
                       size_t napps, struct tw_diags *diags)
{
    size_t ways = 1;
    bool asked = false;
    for (size_t h = 0; h < path->nhops && ways <= TW_WAYS_MAX; h++) {
        const struct tw_hop *hop = &path->hops[h];
        size_t in = hop->in.n ? hop->in.n : 1, out = hop->out.n ? hop->out.n : 1;
        ways =
            in > TW_WAYS_MAX || out > TW_WAYS_MAX ? TW_WAYS_MAX + 1 : ways * in * out;
        asked |= tw_wall_asks_app(&walls->at[hop->wall]);
    }
    if (ways > TW_WAYS_MAX || (asked && napps > TW_WAYS_MAX / ways))
        TW_DIAG(diags, TW_D_path_too_many_ways, path->at,
                tw_fmt(diags->arena, "%d", TW_WAYS_MAX));
}

struct tw_walls *tw_walls_load(struct tw_arena *arena, const struct tw_estate *estate,
                               const struct tw_walls_options *options,
                               struct tw_diags *diags)
{
    size_t errors = diags->errors;
    struct tw_walls *walls = tw_new(arena, struct tw_walls);
    walls->estate = estate;
    walls->n = estate->walls.len;
    walls->at = tw_new_array(arena, walls->n + 1, struct tw_wall);
    walls->options = *options;
    if (options->at) {
        struct tw_time *at = tw_new(arena, struct tw_time);
        *at = *options->at;
        walls->options.at = at;
    }
    walls->crossings = tw_new(arena, struct tw_map);
    tw_map_init(walls->crossings, arena);
    walls->scratch = tw_arena_child(arena);
    bool ok = true;
    size_t napps = most_apps(estate);
    for (size_t i = 0; i < walls->n; i++) {
        walls->at[i].spec = &estate->walls.at[i];
        ok &= read_wall(arena, estate, options, &walls->at[i], diags);
    }
    for (size_t p = 0; ok && p < estate->paths.len; p++) {
        const struct tw_path *path = &estate->paths.at[p];
        check_ways(walls, path, napps, diags);
        for (size_t h = 0; h < path->nhops; h++) {
            const struct tw_hop *hop = &path->hops[h];
            check_interfaces(&walls->at[hop->wall], hop->in, diags);
            check_interfaces(&walls->at[hop->wall], hop->out, diags);
        }
    }
    return ok && diags->errors == errors ? walls : NULL;
}

static void key_word(struct tw_buf *key, struct tw_str word)
{
    tw_buf_u64(key, word.len);
    tw_buf_char(key, ' ');
    tw_buf_str(key, word);
}

const struct tw_crossing *tw_walls_crossing(struct tw_arena *arena,
                                            struct tw_walls *walls, uint32_t wall,
                                            const struct tw_settled *settled)
{
    struct tw_buf key;
    tw_buf_init(&key, arena);
    tw_buf_u64(&key, wall);
    tw_buf_char(&key, settled->unseen ? 'u' : 's');
    key_word(&key, settled->in);
    key_word(&key, settled->out);
    key_word(&key, settled->app);
    for (size_t i = 0; i < settled->users.n; i++)
        key_word(&key, settled->users.at[i].text);
    void **slot = tw_map_slot(walls->crossings, tw_buf_view(&key));
    if (!*slot) {
        const struct tw_wall *w = &walls->at[wall];
        struct tw_str *users = tw_new_array(arena, settled->users.n, struct tw_str);
        for (size_t i = 0; i < settled->users.n; i++)
            users[i] = settled->users.at[i].text;
        struct tw_crossing_options options = {
            .hook = w->spec->hook_input ? TW_HOOK_INPUT : TW_HOOK_FORWARD,
            .in = settled->in,
            .out = settled->out,
            .strict_limits = walls->options.strict_limits,
            .app = settled->app,
            .users = users,
            .nusers = settled->users.n,
            .at = w->clock,
            .unseen = settled->unseen};
        *slot =
            (void *)(uintptr_t)tw_crossing_new(arena, w->policy, w->index, &options);
    }
    return *slot;
}

bool tw_wall_asks_app(const struct tw_wall *wall)
{
    for (size_t i = 0; i < wall->policy->unknowns.len; i++)
        if (wall->policy->unknowns.at[i].kind == TW_UNKNOWN_APP)
            return true;
    return false;
}

bool tw_wall_keeps_state(const struct tw_wall *wall)
{
    return !wall->policy->state_in_rules && wall->spec->stateful != TW_NO;
}
