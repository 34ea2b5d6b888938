/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule: its words to uses of options, these to a tw_rule.
 *
 *     -A FORWARD -s 10.0.0.0/8 -p tcp -m tcp ! --dport 80 -m mac --mac-source … -j x
 *
 * First every word finds its option: a core one, or one of the modules that the rule
 * has named so far, the last one first. Then the uses are read in order; what has no
 * reader becomes a condition on an unknown named by its words. Whatever finds no option
 * is not understood: the rule keeps the rest of its match and a condition that nobody
 * can settle.
 */
#include <stdio.h>
#include <string.h>

#include "iptables_parts.h"

/* --- core options -------------------------------------------------------------- */

enum core {
    CORE_SRC,
    CORE_DST,
    CORE_PROTO,
    CORE_IN,
    CORE_OUT,
    CORE_FRAGMENT,
    CORE_JUMP,
    CORE_GOTO,
    CORE_MATCH,
    CORE_COUNTERS
};

#define CORE(what, text, n, reader)                   \
    {                                                 \
        what,                                         \
        {                                             \
            TW_IPT_S(text), n, TW_IPT_MAIN, reader, 0 \
        }                                             \
    }

static const struct core_option {
    enum core core;
    struct tw_ipt_option option;
} core_options[] = {
    CORE(CORE_SRC, "-s", 1, tw_ipt_read_src),
    CORE(CORE_DST, "-d", 1, tw_ipt_read_dst),
    CORE(CORE_PROTO, "-p", 1, tw_ipt_read_proto),
    CORE(CORE_IN, "-i", 1, tw_ipt_read_in),
    CORE(CORE_OUT, "-o", 1, tw_ipt_read_out),
    CORE(CORE_FRAGMENT, "-f", 0, tw_ipt_read_fragment),
    CORE(CORE_JUMP, "-j", 1, NULL),
    CORE(CORE_GOTO, "-g", 1, NULL),
    CORE(CORE_MATCH, "-m", 1, NULL),
    CORE(CORE_COUNTERS, "-c", 2, NULL),
    CORE(CORE_SRC, "--source", 1, tw_ipt_read_src),
    CORE(CORE_SRC, "--src", 1, tw_ipt_read_src),
    CORE(CORE_DST, "--destination", 1, tw_ipt_read_dst),
    CORE(CORE_DST, "--dst", 1, tw_ipt_read_dst),
    CORE(CORE_PROTO, "--protocol", 1, tw_ipt_read_proto),
    CORE(CORE_IN, "--in-interface", 1, tw_ipt_read_in),
    CORE(CORE_OUT, "--out-interface", 1, tw_ipt_read_out),
    CORE(CORE_FRAGMENT, "--fragment", 0, tw_ipt_read_fragment),
    CORE(CORE_FRAGMENT, "--fragments", 0, tw_ipt_read_fragment),
    CORE(CORE_JUMP, "--jump", 1, NULL),
    CORE(CORE_GOTO, "--goto", 1, NULL),
    CORE(CORE_MATCH, "--match", 1, NULL),
    CORE(CORE_COUNTERS, "--set-counters", 2, NULL),
};

static const struct core_option *core_find(struct tw_str name)
{
    enum { SHORT = 10 };
    size_t n = sizeof core_options / sizeof core_options[0];
    if (name.len == 2) {
        for (size_t i = 0; i < SHORT; i++)
            if (core_options[i].option.name.ptr[1] == name.ptr[1])
                return &core_options[i];
        return NULL;
    }
    for (size_t i = SHORT; i < n; i++)
        if (tw_str_eq(core_options[i].option.name, name))
            return &core_options[i];
    return NULL;
}

/* --- conditions and what was not understood ------------------------------------ */

void tw_ipt_rule_want(struct tw_ipt_rule *rule, unsigned proto,
                      const struct tw_ipt_word *word)
{
    if (rule->wants_proto >= 0 && rule->wants_proto != (int)proto)
        rule->wants_proto = TW_IPT_TWO_PROTOS;
    else
        rule->wants_proto = (int)proto;
    rule->want = word;
}

void tw_ipt_rule_condition(struct tw_ipt_rule *rule, enum tw_unknown_kind kind,
                           struct tw_str text, bool unique, bool negated)
{
    struct tw_ipt *in = rule->in;
    struct tw_buf key;
    struct tw_str full = text;
    if (unique) {
        tw_buf_init(&key, in->arena);
        tw_buf_str(&key, rule->rule.id);
        tw_buf_fmt(&key, " %u ", (unsigned)in->conditions.len);
        tw_buf_str(&key, text);
        full = tw_buf_view(&key);
    }
    uint32_t unknown = tw_policy_unknown(in->policy, kind, full, text);
    *tw_vec_add(in->scratch, &in->conditions) = tw_condition_yes(unknown, negated);
}

void tw_ipt_rule_unclear(struct tw_ipt_rule *rule, size_t first, size_t end)
{
    struct tw_ipt *in = rule->in;
    for (size_t i = 0; i < in->pieces.len; i++) {
        struct tw_ipt_piece *piece = &in->pieces.at[i];
        if (first <= piece->end && piece->first <= end) {
            piece->first = first < piece->first ? first : piece->first;
            piece->end = end > piece->end ? end : piece->end;
            return;
        }
    }
    *tw_vec_add(in->scratch, &in->pieces) = (struct tw_ipt_piece){first, end};
}

/* The words [first, end) as they stand in the source. */
static struct tw_str words_slice(const struct tw_ipt_rule *rule, size_t first,
                                 size_t end)
{
    struct tw_str a = rule->words[first].raw, b = rule->words[end - 1].raw;
    return (struct tw_str){a.ptr, (size_t)(b.ptr + b.len - a.ptr)};
}

static void tell_unclear(struct tw_ipt_rule *rule)
{
    struct tw_ipt *in = rule->in;
    for (size_t i = 0; i < in->pieces.len; i++) {
        struct tw_ipt_piece piece = in->pieces.at[i];
        struct tw_str text = words_slice(rule, piece.first, piece.end);
        struct tw_span span = tw_ipt_span(in, text);
        TW_DIAG(in->diags, TW_D_ipt_not_understood, span, text, rule->rule.id);
        *tw_vec_add(in->arena, &in->policy->not_understood) = span;
        tw_ipt_rule_condition(rule, TW_UNKNOWN_TOKEN, text, true, false);
    }
    if (in->pieces.len)
        rule->rule.understood = false;
}

/* --- words to uses ------------------------------------------------------------- */

static bool is_bang(const struct tw_ipt_word *word)
{
    return !word->quoted && tw_str_is(word->text, "!");
}

static bool looks_like_option(const struct tw_ipt_word *word)
{
    struct tw_str s = word->text;
    return !word->quoted && s.len > 1 && s.ptr[0] == '-' &&
           (s.ptr[1] == '-' || (s.len == 2 && (s.ptr[1] < '0' || s.ptr[1] > '9')));
}

/* Words up to the next option belong to one that nobody knows. */
static size_t unclear_option(struct tw_ipt_rule *rule, size_t first, size_t at)
{
    size_t end = at + 1;
    while (end < rule->nwords && !looks_like_option(&rule->words[end]) &&
           !is_bang(&rule->words[end]))
        end++;
    tw_ipt_rule_unclear(rule, first, end);
    return end;
}

/* getopt takes the beginning of a name for the whole where only one begins so. */
static const struct tw_ipt_option *abbreviated(struct tw_ipt_rule *rule,
                                               struct tw_str name, size_t *load)
{
    enum { SHORTEST = 4 }; /* "--" and two letters */
    struct tw_ipt *in = rule->in;
    const struct tw_ipt_option *found = NULL;
    if (name.len < SHORTEST)
        return NULL;
    for (size_t i = 0; i < in->loads.len; i++) {
        const struct tw_ipt_module *module = in->loads.at[i].module;
        for (size_t o = 0; module && o < module->noptions; o++) {
            const struct tw_ipt_option *option = &module->options[o];
            if (!tw_str_eq(tw_str_first(option->name, name.len), name))
                continue;
            if (found && !tw_str_eq(found->name, option->name))
                return NULL;
            found = option;
            *load = i;
        }
    }
    return found;
}

/* The option called NAME, and by *LOAD the module that it belongs to. */
static const struct tw_ipt_option *module_option(struct tw_ipt_rule *rule,
                                                 struct tw_str name, size_t *load)
{
    struct tw_ipt *in = rule->in;
    for (size_t i = in->loads.len; i-- > 0;) {
        const struct tw_ipt_module *module = in->loads.at[i].module;
        if (!module)
            return NULL; /* it may be the unknown module's */
        const struct tw_ipt_option *option = tw_ipt_option_find(module, name);
        if (option) {
            *load = i;
            return option;
        }
    }
    const struct tw_ipt_option *option =
        tw_ipt_option_find(&tw_ipt_module_protocol, name);
    if (!option)
        return abbreviated(rule, name, load);
    *load = in->loads.len;
    *tw_vec_add(in->scratch, &in->loads) =
        (struct tw_ipt_load){.module = &tw_ipt_module_protocol};
    return option;
}

/* Takes the values of the option at AT into *USE; 0 after an error, else the index of
 * the next word. */
static size_t take_values(struct tw_ipt_rule *rule, struct tw_ipt_use *use, size_t at)
{
    const struct tw_ipt_option *option = use->option;
    size_t next = at + 1;
    if (option->role == TW_IPT_MAIN && option->nargs && next < rule->nwords &&
        is_bang(&rule->words[next])) {
        if (use->negated)
            return TW_IPT_BAD(rule, TW_D_ipt_bad_negation, &rule->words[next],
                              option->name),
                   0;
        use->negated = true;
        next++;
    }
    use->arg = next;
    use->args = &rule->words[next];
    size_t nargs = option->nargs;
    if (option->flags & TW_IPT_OPTIONAL &&
        (next >= rule->nwords || looks_like_option(&rule->words[next]) ||
         is_bang(&rule->words[next])))
        nargs = 0;
    for (size_t i = 0; i < nargs; i++)
        if (next + i >= rule->nwords || (!(option->flags & TW_IPT_TEXT) &&
                                         looks_like_option(&rule->words[next + i])))
            return TW_IPT_BAD(rule, TW_D_ipt_missing_value, &rule->words[at],
                              option->name),
                   0;
    use->nargs = nargs;
    use->count = next + nargs - use->first;
    return next + nargs;
}

static bool is_builtin(struct tw_str name)
{
    for (size_t i = 0; i < TW_IPT_BUILTINS; i++)
        if (tw_str_eq(name, tw_ipt_builtins[i]))
            return true;
    return false;
}

/* Extensions have names of capitals and digits. */
static bool is_target_name(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') &&
            !(s.ptr[i] >= '0' && s.ptr[i] <= '9'))
            return false;
    return s.len > 1;
}

static void take_jump(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                      bool is_goto)
{
    struct tw_ipt *in = rule->in;
    const struct tw_ipt_word *word = use->args;
    const struct tw_ipt_module *target =
        is_goto ? NULL : tw_ipt_target_find(word->text);
    void *chain =
        target && target->noptions == 0 ? NULL : tw_map_get(&in->chains, word->text);
    if (rule->has_target) {
        TW_IPT_BAD(rule, TW_D_ipt_option_twice, &rule->words[use->first], TW_STR("-j"));
        return;
    }
    rule->has_target = true;
    if (target && !chain) {
        rule->rule.action = target->action;
        rule->rule.reject = target->reject;
        rule->rule.logged = target->logged;
        *tw_vec_add(in->scratch, &in->loads) =
            (struct tw_ipt_load){target, use->first, use->count, true, false, false};
        return;
    }
    if (!chain && !is_goto && !is_builtin(word->text) && is_target_name(word->text)) {
        rule->rule.action = TW_ACTION_UNDECIDED;
        tw_ipt_rule_unclear(rule, use->first, use->first + use->count);
        *tw_vec_add(in->scratch, &in->loads) =
            (struct tw_ipt_load){NULL, use->first, use->count, true, false, false};
        return;
    }
    rule->rule.action = is_goto ? TW_ACTION_GOTO : TW_ACTION_CALL;
    *tw_vec_add(in->scratch, &in->jumps) =
        (struct tw_ipt_jump){(uint32_t)in->rules.len, *word};
}

static void take_match(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    struct tw_ipt *in = rule->in;
    const struct tw_ipt_module *module = tw_ipt_module_find(use->args->text);
    if (in->loads.len >= TW_IPT_LOADS) {
        TW_IPT_BAD(rule, TW_D_ipt_too_long, use->args, TW_STR("128"));
        return;
    }
    *tw_vec_add(in->scratch, &in->loads) =
        (struct tw_ipt_load){module, use->first, use->count, false, false, false};
    if (!module) {
        tw_ipt_rule_unclear(rule, use->first, use->first + use->count);
    } else if (module->proto) {
        tw_ipt_rule_want(rule, module->proto, use->args);
    }
}

static void take_counters(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    struct tw_rule *out = &rule->rule;
    if (!tw_parse_u64(use->args[0].text, UINT64_MAX, &out->packets) ||
        !tw_parse_u64(use->args[1].text, UINT64_MAX, &out->bytes))
        TW_IPT_BAD(rule, TW_D_ipt_bad_counters, use->args, use->args->text);
    out->has_counters = true;
}

static size_t take_core(struct tw_ipt_rule *rule, const struct core_option *core,
                        struct tw_ipt_use *use, size_t at)
{
    size_t next = take_values(rule, use, at);
    if (!next)
        return 0;
    if (use->negated && core->core >= CORE_JUMP)
        return TW_IPT_BAD(rule, TW_D_ipt_bad_negation, &rule->words[at],
                          core->option.name),
               0;
    unsigned bit = 1u << core->core;
    if (core->core < CORE_JUMP && rule->seen & bit)
        return TW_IPT_BAD(rule, TW_D_ipt_option_twice, &rule->words[at],
                          core->option.name),
               0;
    rule->seen |= bit;
    if (core->core == CORE_MATCH)
        take_match(rule, use);
    else if (core->core == CORE_COUNTERS)
        take_counters(rule, use);
    else if (core->core == CORE_JUMP || core->core == CORE_GOTO)
        take_jump(rule, use, core->core == CORE_GOTO);
    else
        core->option.read(rule, use);
    return next;
}

static size_t take_module(struct tw_ipt_rule *rule, struct tw_ipt_use *use, size_t at)
{
    struct tw_ipt *in = rule->in;
    use->option = module_option(rule, rule->words[at].text, &use->load);
    if (!use->option)
        return unclear_option(rule, use->first, at);
    size_t next = take_values(rule, use, at);
    if (!next)
        return 0;
    struct tw_ipt_load *load = &in->loads.at[use->load];
    if (use->negated && (load->target || use->option->role == TW_IPT_IGNORED))
        return TW_IPT_BAD(rule, TW_D_ipt_bad_negation, &rule->words[at],
                          use->option->name),
               0;
    load->has_main |= use->option->role == TW_IPT_MAIN;
    load->has_modifiers |= use->option->role == TW_IPT_MODIFIER;
    *tw_vec_add(in->scratch, &in->uses) = *use;
    return next;
}

/* Words from the third on (behind -A CHAIN) to loads and uses. */
static void take_words(struct tw_ipt_rule *rule)
{
    for (size_t i = 2; i < rule->nwords && !rule->failed;) {
        struct tw_ipt_use use = {.first = i};
        size_t at = i;
        if (is_bang(&rule->words[i])) {
            use.negated = true;
            at++;
            if (at == rule->nwords || is_bang(&rule->words[at])) {
                TW_IPT_BAD(rule, TW_D_ipt_bad_negation, &rule->words[i], TW_STR("!"));
                return;
            }
        }
        const struct tw_ipt_word *word = &rule->words[at];
        const struct core_option *core =
            word->quoted || word->text.len < 2 ? NULL : core_find(word->text);
        if (core) {
            use.option = &core->option;
            i = take_core(rule, core, &use, at);
        } else if (looks_like_option(word)) {
            i = take_module(rule, &use, at);
        } else {
            i = unclear_option(rule, use.first, at);
        }
    }
}

/* --- uses to the match --------------------------------------------------------- */

static void text_words(struct tw_ipt_rule *rule, size_t first, size_t count, bool bangs)
{
    struct tw_buf *buf = &rule->in->buf;
    for (size_t i = first; i < first + count; i++) {
        if (!bangs && is_bang(&rule->words[i]))
            continue;
        if (buf->len)
            tw_buf_char(buf, ' ');
        tw_buf_str(buf, rule->words[i].raw);
    }
}

/* "-m NAME", the words of USE (NULL: of none), the module's modifiers. */
static struct tw_str condition_text(struct tw_ipt_rule *rule, size_t load,
                                    const struct tw_ipt_use *use)
{
    struct tw_ipt *in = rule->in;
    in->buf.len = 0;
    text_words(rule, in->loads.at[load].first, in->loads.at[load].count, true);
    if (use)
        text_words(rule, use->first, use->count, false);
    for (size_t i = 0; i < in->uses.len; i++) {
        const struct tw_ipt_use *other = &in->uses.at[i];
        if (other->load == load && other->option->role == TW_IPT_MODIFIER)
            text_words(rule, other->first, other->count, true);
    }
    return tw_buf_view(&in->buf);
}

/* Does any dump hold TEXT (or write its jumps the long way)? */
static bool dumps_hold(struct tw_ipt *in, const char *text)
{
    for (size_t i = 0; i < in->nalters; i++)
        if (in->alters[i].text == text)
            return in->alters[i].found;
    bool found = false;
    for (size_t i = 0; i < in->policy->sources.len && !found; i++) {
        struct tw_str whole = in->policy->sources.at[i]->text;
        found = memmem(whole.ptr, whole.len, text, strlen(text)) ||
                memmem(whole.ptr, whole.len, "--jump", strlen("--jump"));
    }
    if (in->nalters < sizeof in->alters / sizeof in->alters[0]) {
        in->alters[in->nalters].text = text;
        in->alters[in->nalters++].found = found;
    }
    return found;
}

static void add_condition(struct tw_ipt_rule *rule, size_t load,
                          const struct tw_ipt_use *use)
{
    struct tw_ipt *in = rule->in;
    const struct tw_ipt_module *module = in->loads.at[load].module;
    bool unique = module->unique || (module->tracked && in->table == TW_IPT_RAW) ||
                  (module->alter && dumps_hold(in, module->alter));
    bool negated = use && use->negated != ((use->option->flags & TW_IPT_INVERSE) != 0);
    enum tw_unknown_kind kind =
        module->kind == TW_UNKNOWN_TOKEN ? TW_UNKNOWN_CONDITION : module->kind;
    tw_ipt_rule_condition(rule, kind, condition_text(rule, load, use), unique, negated);
}

static void read_use(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    struct tw_ipt_load *load = &rule->in->loads.at[use->load];
    const struct tw_ipt_option *option = use->option;
    bool plain = !load->has_modifiers || option->flags & TW_IPT_ANYWAY;
    if (option->read && (plain || option->role == TW_IPT_IGNORED) &&
        option->read(rule, use))
        return;
    if (load->module->form == TW_IPT_EACH && option->role == TW_IPT_MAIN)
        add_condition(rule, use->load, use);
}

/* Modules whose meaning does not stand in one option each. */
static void read_load(struct tw_ipt_rule *rule, size_t index)
{
    struct tw_ipt_load load = rule->in->loads.at[index];
    if (!load.module || load.target)
        return;
    switch (load.module->form) {
    case TW_IPT_ALWAYS:
        break;
    case TW_IPT_NEVER:
        rule->never = true;
        break;
    case TW_IPT_WHOLE:
        add_condition(rule, index, NULL);
        break;
    case TW_IPT_EACH:
        if (load.has_main || load.module->proto)
            break;
        if (load.module->bare)
            add_condition(rule, index, NULL);
        else
            tw_ipt_rule_unclear(rule, load.first, load.first + load.count);
        break;
    }
}

/* What the target does as a whole. */
static void read_target(struct tw_ipt_rule *rule)
{
    struct tw_ipt *in = rule->in;
    struct tw_rule *out = &rule->rule;
    for (size_t i = 0; i < in->loads.len; i++) {
        const struct tw_ipt_load *load = &in->loads.at[i];
        if (load->target && load->module && load->module->needs_option &&
            !load->has_modifiers)
            tw_ipt_rule_unclear(rule, load->first, load->first + load->count);
    }
    if (out->action == TW_ACTION_SAVE_MARK || out->action == TW_ACTION_RESTORE_MARK) {
        if (out->value != out->mask)
            out->action = TW_ACTION_UNDECIDED;
        out->value = 0;
    }
    if (out->action == TW_ACTION_NOTRACK)
        in->policy->uses_notrack = true;
    if (out->action >= TW_ACTION_SET_MARK && out->action <= TW_ACTION_SET_CONNMARK)
        in->policy->uses_marks = true;
}

/* "! -p tcp" with a port: legacy kernels refuse it, nftables compares whatever stands
 * where the port would be. The tests are taken back and told. */
static void forget_transport(struct tw_ipt_rule *rule)
{
    size_t at = (size_t)(rule->want - rule->words);
    rule->sport = rule->dport = rule->icmp = NULL;
    rule->neither = 0;
    rule->in->flags.len = 0;
    unclear_option(rule, at, at);
}

/* Ports and ICMP types only where the protocol has them, as the kernel demands. */
static void check_protocol(struct tw_ipt_rule *rule)
{
    struct tw_ipt *in = rule->in;
    struct tw_range with_ports[] = {{TW_PROTO_TCP, TW_PROTO_TCP},
                                    {TW_PROTO_UDP, TW_PROTO_UDP},
                                    {TW_PROTO_DCCP, TW_PROTO_DCCP},
                                    {TW_PROTO_SCTP, TW_PROTO_SCTP},
                                    {TW_PROTO_UDPLITE, TW_PROTO_UDPLITE}};
    int proto = rule->proto_number, want = rule->wants_proto;
    if (!rule->want)
        return;
    if (proto == TW_IPT_VAGUE_PROTO && want >= 0 && want < TW_IPT_TWO_PROTOS) {
        proto = want;
        rule->proto = tw_ranges_one(in->arena, (tw_u128)want, (tw_u128)want);
    } else if (proto == TW_IPT_VAGUE_PROTO && want < 0) {
        rule->proto = tw_ranges_of(in->arena, with_ports,
                                   sizeof with_ports / sizeof with_ports[0]);
        return;
    }
    if (proto == TW_IPT_NO_PROTO && rule->proto)
        forget_transport(rule);
    else if ((want >= 0 && want != proto) ||
             (rule->wants_ports &&
              !(proto >= 0 && tw_proto_has_ports((unsigned)proto))))
        TW_IPT_BAD(rule, TW_D_ipt_needs_protocol, rule->want, rule->want->text);
}

/* --- the rule ------------------------------------------------------------------ */

#define COPY(arena, type, vec) \
    ((vec).len ? copy_array((arena), (vec).at, (vec).len * sizeof(type)) : NULL)

static void *copy_array(struct tw_arena *arena, const void *from, size_t size)
{
    return memcpy(tw_arena_alloc(arena, size), from, size);
}

/* Each --ports test doubles the products: the source port, or the destination port. */
static void make_products(struct tw_ipt_rule *rule, const struct tw_match *base)
{
    struct tw_ipt *in = rule->in;
    size_t n = (size_t)1 << rule->neither;
    struct tw_match *out = tw_new_array(in->arena, n, struct tw_match);
    for (size_t i = 0; i < n; i++) {
        out[i] = *base;
        for (size_t e = 0; e < rule->neither; e++) {
            const struct tw_ranges **field = i >> e & 1 ? &out[i].dport : &out[i].sport;
            *field = *field ? tw_ranges_and(in->arena, *field, rule->either[e])
                            : rule->either[e];
        }
    }
    rule->rule.matches = out;
    rule->rule.nmatches = n;
}

static void make_match(struct tw_ipt_rule *rule)
{
    struct tw_ipt *in = rule->in;
    size_t nplain = in->conditions.len;
    for (size_t i = 0; i < in->tests.len; i++)
        *tw_vec_add(in->scratch, &in->conditions) = (struct tw_condition){0, NULL};
    struct tw_condition *conditions =
        COPY(in->arena, struct tw_condition, in->conditions);
    for (size_t i = 0; i < in->tests.len; i++) {
        struct tw_ipt_fixup fixup = in->tests.at[i];
        fixup.at = &conditions[nplain + i];
        fixup.rule = (uint32_t)in->rules.len;
        *tw_vec_add(in->scratch, &in->fixups) = fixup;
    }
    struct tw_match match = {
        .families = 1u << in->family,
        .src = rule->src,
        .dst = rule->dst,
        .proto = rule->proto,
        .sport = rule->sport,
        .dport = rule->dport,
        .icmp = rule->icmp,
        .states = rule->states == TW_STATE_ALL ? 0 : rule->states,
        .never = rule->never,
        .flags = COPY(in->arena, struct tw_flags_test, in->flags),
        .nflags = in->flags.len,
        .marks = COPY(in->arena, struct tw_mark_test, in->marks),
        .nmarks = in->marks.len,
        .conditions = conditions,
        .nconditions = in->conditions.len,
    };
    make_products(rule, &match);
}

/* "ip/filter/FORWARD#37" */
static struct tw_str rule_id(struct tw_ipt *in, struct tw_str chain, uint32_t index)
{
    enum { DIGITS = 12 };
    char digits[DIGITS];
    size_t n = DIGITS;
    for (; index; index /= 10)
        digits[--n] = (char)('0' + index % 10);
    digits[--n] = '#';
    char *id = tw_arena_alloc(in->arena, chain.len + DIGITS - n);
    memcpy(id, chain.ptr, chain.len);
    memcpy(id + chain.len, digits + n, DIGITS - n);
    return (struct tw_str){id, chain.len + DIGITS - n};
}

static void forget(struct tw_ipt *in)
{
    in->loads.len = in->uses.len = in->pieces.len = 0;
    in->conditions.len = in->flags.len = in->marks.len = in->tests.len = 0;
}

void tw_ipt_rule_read(struct tw_ipt *in, struct tw_str line, bool has_counters,
                      uint64_t packets, uint64_t bytes)
{
    struct tw_ipt_rule rule = {.in = in,
                               .words = in->words.at,
                               .nwords = in->words.len,
                               .proto_number = TW_IPT_NO_PROTO,
                               .wants_proto = -1};
    if (rule.nwords < 2) {
        TW_IPT_BAD(&rule, TW_D_ipt_missing_value, &rule.words[0], TW_STR("-A"));
        return;
    }
    struct tw_str name = rule.words[1].text;
    if (!tw_map_get(&in->chains, name))
        tw_ipt_chain_assume(in, name, tw_ipt_span(in, rule.words[1].raw));
    void *known = tw_map_get(&in->chains, name);
    if (!known) {
        TW_IPT_BAD(&rule, TW_D_ipt_undeclared_chain, &rule.words[1], name,
                   tw_ipt_tables[in->table].name);
        return;
    }
    uint32_t chain_of = (uint32_t)((uintptr_t)known - 1);
    struct tw_chain *chain = &in->policy->chains.at[chain_of];
    forget(in);
    rule.rule = (struct tw_rule){
        .id = rule_id(in, chain->name, chain->count + 1),
        .index = chain->count + 1,
        .chain_of = chain_of,
        .at = tw_ipt_span(in, line),
        .action = TW_ACTION_CONTINUE,
        .filtering = in->table != TW_IPT_NAT,
        .understood = true,
        .has_counters = has_counters,
        .packets = packets,
        .bytes = bytes,
        .expires_day = INT64_MAX,
    };
    size_t njumps = in->jumps.len;
    take_words(&rule);
    for (size_t i = 0; i < in->uses.len && !rule.failed; i++)
        read_use(&rule, &in->uses.at[i]);
    for (size_t i = 0; i < in->loads.len && !rule.failed; i++)
        read_load(&rule, i);
    if (!rule.failed) {
        read_target(&rule);
        check_protocol(&rule);
    }
    if (rule.failed) {
        in->jumps.len = njumps;
        return;
    }
    tell_unclear(&rule);
    make_match(&rule);
    chain->count++;
    *tw_vec_add(in->arena, &in->rules) = rule.rule;
}

/* --- jumps --------------------------------------------------------------------- */

void tw_ipt_jumps_resolve(struct tw_ipt *in)
{
    for (size_t i = 0; i < in->jumps.len; i++) {
        const struct tw_ipt_jump *jump = &in->jumps.at[i];
        struct tw_rule *rule = &in->rules.at[jump->rule];
        struct tw_span span = tw_ipt_span(in, jump->name.raw);
        void *chain = tw_map_get(&in->chains, jump->name.text);
        if (is_builtin(jump->name.text)) {
            rule->action = TW_ACTION_CONTINUE;
            TW_DIAG(in->diags, TW_D_ipt_jump_to_base, span, jump->name.text);
        } else if (chain) {
            rule->chain = (uint32_t)((uintptr_t)chain - 1);
        } else {
            rule->action = TW_ACTION_CONTINUE; /* so that circles can be looked for */
            TW_DIAG(in->diags, TW_D_ipt_undefined_target, span, jump->name.text,
                    tw_ipt_tables[in->table].name);
        }
    }
    in->jumps.len = 0;
}
