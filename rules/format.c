/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of export formats, and reading by content. */
#include "format.h"

#define X(name) extern const struct tw_format tw_format_##name;
#include "formats.inc"
#undef X

const struct tw_format *const tw_formats[] = {
#define X(name) &tw_format_##name,
#include "formats.inc"
#undef X
    NULL};

const struct tw_format *tw_format_by_name(struct tw_str name)
{
    for (const struct tw_format *const *f = tw_formats; *f; f++)
        if (tw_str_is(name, (*f)->name))
            return *f;
    return NULL;
}

static const struct tw_format *recognise(const struct tw_source *src,
                                         struct tw_diags *diags)
{
    enum { HEAD = 1 << 16 };
    struct tw_str head = tw_str_first(src->text, HEAD);
    const struct tw_format *best = NULL, *other = NULL;
    enum tw_probe best_probe = TW_PROBE_NO;
    for (const struct tw_format *const *f = tw_formats; *f; f++) {
        enum tw_probe probe = (*f)->probe(head);
        if (probe == TW_PROBE_NO)
            continue;
        if (probe > best_probe) {
            best = *f;
            best_probe = probe;
            other = NULL;
        } else if (probe == best_probe) {
            other = *f;
        }
    }
    struct tw_span at = {src, 0, 0};
    if (!best)
        TW_DIAG(diags, TW_D_format_unknown, at, src->name);
    else if (other)
        TW_DIAG(diags, TW_D_format_ambiguous, at, src->name, tw_str_of(best->name),
                tw_str_of(other->name));
    return other ? NULL : best;
}

struct tw_policy *tw_policy_read(struct tw_arena *arena, struct tw_str name,
                                 const struct tw_format *format,
                                 const struct tw_source *const *sources,
                                 size_t nsources,
                                 const struct tw_format_options *options,
                                 struct tw_diags *diags)
{
    size_t errors = diags->errors;
    for (size_t i = 0; !format && i < nsources; i++)
        format = recognise(sources[i], diags);
    if (!format || diags->errors != errors)
        return NULL;
    struct tw_policy *policy = tw_policy_new(arena, name);
    policy->format = format;
    for (size_t i = 0; i < nsources; i++)
        *tw_vec_add(arena, &policy->sources) = sources[i];
    format->read(policy, sources, nsources, options, diags);
    if (diags->errors != errors)
        return NULL;
    tw_policy_check(policy);
    return policy;
}
