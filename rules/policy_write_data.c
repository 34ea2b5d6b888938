/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as data, for programs: the fields of the neutral XML, and where each rule
 * stands in the export. */
#include "format.h"
#include "policy_fields.h"
#include "policy_words.h"
#include "policy_write.h"

struct writer {
    const struct tw_policy *policy;
    struct tw_policy_view *view;
    struct tw_arena *arena;
};

static void add_fields(struct writer *w, struct tw_value *object,
                       const struct tw_fields *fields)
{
    for (size_t i = 0; i < fields->list.len; i++) {
        const struct tw_field *f = &fields->list.at[i];
        bool yes = tw_str_is(f->value, "yes"), no = tw_str_is(f->value, "no");
        if (yes || no)
            tw_value_add_bool(w->arena, object, f->key, yes);
        else
            tw_value_add_text(w->arena, object, f->key, f->value);
    }
}

static void add_place(struct writer *w, struct tw_value *object, struct tw_span at)
{
    if (!at.src)
        return;
    tw_value_add_text(w->arena, object, "path", at.src->name);
    tw_value_add_int(w->arena, object, "line", tw_span_line(at));
}

static void add_rule(struct writer *w, struct tw_value *list, uint32_t index,
                     struct tw_chain_words chain)
{
    const struct tw_rule *rule = &w->policy->rules.at[index];
    struct tw_value *v = tw_value_add(w->arena, list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(w->arena, v, "rule", rule->id);
    tw_value_add_int(w->arena, v, "index", rule->index);
    add_place(w, v, rule->at);
    struct tw_fields before = {.arena = w->arena}, behind = {.arena = w->arena};
    tw_fields_before(&before, w->view, index);
    add_fields(w, v, &before);
    struct tw_value *matches = tw_value_add(w->arena, v, "matches", TW_VALUE_ARRAY);
    for (size_t m = 0; m < rule->nmatches; m++) {
        struct tw_fields fields = {.arena = w->arena};
        tw_fields_of_match(&fields, w->view, &rule->matches[m], chain);
        add_fields(w, tw_value_add(w->arena, matches, NULL, TW_VALUE_OBJECT), &fields);
    }
    tw_fields_behind(&behind, w->view, index, chain);
    add_fields(w, v, &behind);
}

static void add_chain(struct writer *w, struct tw_value *list, uint32_t index)
{
    const struct tw_chain *chain = &w->policy->chains.at[index];
    struct tw_chain_words words = tw_chain_words(w->policy, chain);
    struct tw_value *v = tw_value_add(w->arena, list, NULL, TW_VALUE_OBJECT);
    tw_value_add_text(w->arena, v, "name", w->view->chains[index]);
    if (chain->is_base)
        tw_value_add_text(w->arena, v, "policy",
                          chain->policy_unstated
                              ? TW_STR("unknown")
                              : tw_str_of(tw_words_of_action[chain->policy]));
    struct tw_value *rules = tw_value_add(w->arena, v, "rules", TW_VALUE_ARRAY);
    /* Every product says its family itself. */
    words.family = -1;
    for (uint32_t i = 0; i < chain->count; i++)
        add_rule(w, rules, chain->first + i, words);
}

static void add_unknowns(struct writer *w, struct tw_value *data)
{
    struct tw_value *list = tw_value_add(w->arena, data, "unknowns", TW_VALUE_ARRAY);
    for (uint32_t i = 0; i < w->policy->unknowns.len; i++) {
        const struct tw_unknown *u = &w->policy->unknowns.at[i];
        struct tw_value *v = tw_value_add(w->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(w->arena, v, "id", w->view->unknowns[i]);
        tw_value_add_text(w->arena, v, "kind", tw_str_of(tw_words_of_kind[u->kind]));
        tw_value_add_text(w->arena, v, "name", u->name);
    }
}

static void add_families(struct writer *w, struct tw_value *data)
{
    struct tw_value *families =
        tw_value_add(w->arena, data, "families", TW_VALUE_ARRAY);
    for (int f = 0; f < TW_FAMILIES; f++) {
        if (!w->policy->has_family[f])
            continue;
        struct tw_value *v = tw_value_add(w->arena, families, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(w->arena, v, "name", tw_str_of(tw_words_of_family[f]));
        for (int h = 0; h < TW_HOOKS; h++) {
            struct tw_value *stages =
                tw_value_add(w->arena, v, tw_words_of_hook[h], TW_VALUE_ARRAY);
            for (size_t i = 0; i < w->policy->stages[f][h].len; i++)
                tw_value_add_text(w->arena, stages, NULL,
                                  w->view->chains[w->policy->stages[f][h].at[i].chain]);
        }
    }
}

static void add_inputs(struct writer *w, struct tw_value *data)
{
    struct tw_value *list = tw_value_add(w->arena, data, "inputs", TW_VALUE_ARRAY);
    for (size_t i = 0; i < w->policy->sources.len; i++) {
        const struct tw_source *src = w->policy->sources.at[i];
        struct tw_value *v = tw_value_add(w->arena, list, NULL, TW_VALUE_OBJECT);
        tw_value_add_text(w->arena, v, "path", src->name);
        tw_value_add_text(w->arena, v, "sha256", src->sha256);
        tw_value_add_int(w->arena, v, "bytes", src->bytes);
        tw_value_add_text(w->arena, v, "encoding", src->encoding);
    }
}

void tw_policy_write_data(const struct tw_policy *policy,
                          const struct tw_write_options *options, struct tw_doc *doc)
{
    struct writer writer = {policy, tw_policy_view_new(doc->arena, policy), doc->arena};
    struct writer *w = &writer;
    struct tw_value *data = doc->data;
    struct tw_receipt receipt = tw_policy_receipt(policy);
    w->view->counters = !options->without_counters;
    if (tw_policy_expires(policy)) {
        struct tw_buf now;
        tw_buf_init(&now, w->arena);
        tw_buf_time(&now, options->now);
        tw_value_add_text(w->arena, data, "now", tw_buf_view(&now));
    }
    add_inputs(w, data);
    tw_value_add_text(w->arena, data, "format", tw_str_of(policy->format->name));
    tw_value_add_int(w->arena, data, "rules", receipt.rules);
    tw_value_add_int(w->arena, data, "understood", receipt.understood);
    tw_value_add_int(w->arena, data, "unsure", receipt.rules - receipt.understood);
    struct tw_value *lines =
        tw_value_add(w->arena, data, "not_understood", TW_VALUE_ARRAY);
    for (size_t i = 0; i < policy->not_understood.len; i++)
        add_place(w, tw_value_add(w->arena, lines, NULL, TW_VALUE_OBJECT),
                  policy->not_understood.at[i]);
    if (policy->assumptions.len)
        tw_value_add_text(w->arena, data, "assumptions", policy->assumptions);
    add_families(w, data);
    add_unknowns(w, data);
    struct tw_value *chains = tw_value_add(w->arena, data, "chains", TW_VALUE_ARRAY);
    for (uint32_t c = 0; c < policy->chains.len; c++)
        add_chain(w, chains, c);
}
