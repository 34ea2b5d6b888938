/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the exports of a wall and hands them to the product's reader. */
#include "pan_read.h"

#include <stdlib.h>

#include "format.h"

static const struct tw_source *written(struct tw_arena *arena,
                                       const struct pan_wall *wall, const char *name,
                                       void (*put)(FILE *, const struct pan_wall *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    put(out, wall);
    fclose(out);
    struct tw_str copy = tw_str_copy(arena, (struct tw_str){text, size});
    free(text);
    return tw_source_new(arena, tw_str_of(name), copy);
}

const struct tw_policy *pan_read(struct tw_arena *arena, const struct pan_wall *wall,
                                 FILE *report)
{
    struct tw_diags diags;
    struct tw_format_options options = {.now = {.day = tw_day_of(2026, 11, 22)}};
    const struct tw_source *sources[2] = {written(arena, wall, "wall.xml", pan_xml)};
    if (wall->managed)
        sources[1] = written(arena, wall, "device.xml", pan_xml_device);
    if (wall->panorama)
        options.device_group.text =
            tw_str_of(wall->names[wall->scopes[wall->group].name]);
    if (!wall->panorama || wall->managed)
        options.vsys.text = tw_str_of(wall->names[wall->scopes[wall->chosen].name]);
    if (wall->ntable)
        options.app_ports = written(arena, wall, "app_ports.csv", pan_table);
    tw_diags_init(&diags, arena, TW_LANG_EN);
    const struct tw_policy *policy =
        tw_policy_read(arena, TW_STR("wall"), tw_format_by_name(TW_STR("panos")),
                       sources, wall->managed ? 2 : 1, &options, &diags);
    if (policy) {
        tw_policy_check(policy);
    } else if (report) {
        struct tw_buf out;
        tw_buf_init(&out, arena);
        tw_diags_print(&diags, false, true, &out);
        fprintf(report, "refused:\n%.*s", (int)out.len, out.ptr);
    }
    return policy;
}

uint32_t pan_rule_of(const struct tw_policy *policy, const struct pan_wall *wall,
                     int rule)
{
    const char *name = wall->names[wall->rules[rule].name];
    for (size_t i = 0; i < policy->rules.len; i++)
        if (!policy->rules.at[i].is_default && policy->rules.at[i].filtering &&
            tw_str_is(policy->rules.at[i].id, name))
            return (uint32_t)i;
    return UINT32_MAX;
}
