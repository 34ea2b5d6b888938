/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of whole walls: what they hold, and that nothing is refuted. */
#include "certificates.h"
#include "cmocka_all.h"
#include "format.h"

static const char dump[] =
    "*filter\n"
    ":INPUT ACCEPT [0:0]\n"
    ":FORWARD DROP [0:0]\n"
    ":web - [0:0]\n"
    "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
    "-A FORWARD -s 10.0.0.0/9 -j DROP\n"
    "-A FORWARD -s 10.128.0.0/9 -j ACCEPT\n"
    "-A FORWARD -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT\n"
    "-A FORWARD -i eth0 -d 192.0.2.0/24 -j web\n"
    "-A FORWARD -d 192.0.2.7/32 -i eth0 -p tcp -m tcp --dport 80 -j DROP\n"
    "-A FORWARD -m set --match-set friends src -j ACCEPT\n"
    "-A web -p tcp -m tcp --dport 80 -j ACCEPT\n"
    "-A web -p tcp -m tcp --dport 80 --tcp-flags SYN,ACK SYN -j DROP\n"
    "COMMIT\n";

static struct tw_certified certify(struct tw_arena *arena, struct tw_doc **doc)
{
    struct tw_diags diags;
    tw_diags_init(&diags, arena, TW_LANG_EN);
    struct tw_str text = {dump, sizeof dump - 1};
    const struct tw_source *src = tw_source_new(arena, TW_STR("wall.rules"), text);
    struct tw_format_options none = {.now = {0}};
    struct tw_policy *policy =
        tw_policy_read(arena, TW_STR("wall"), NULL, &src, 1, &none, &diags);
    assert_non_null(policy);
    struct tw_crossing_options options = {.hook = TW_HOOK_FORWARD};
    *doc = tw_certificates_new(arena, TW_LANG_EN);
    return tw_certificates_add(*doc, TW_STR("wall"), policy,
                               tw_crossing_new(arena, policy, NULL, &options));
}

static const struct tw_value *member(const struct tw_value *object, const char *key)
{
    for (const struct tw_value *v = object->first; v; v = v->next)
        if (tw_str_is(v->key, key))
            return v;
    return NULL;
}

static const struct tw_value *rule_named(const struct tw_doc *doc, const char *id)
{
    const struct tw_value *wall = member(doc->data, "walls")->first;
    for (const struct tw_value *v = member(wall, "rules")->first; v; v = v->next)
        if (tw_str_is(member(v, "rule")->text, id))
            return v;
    return NULL;
}

static void assert_verdict(const struct tw_doc *doc, const char *id, const char *name)
{
    const struct tw_value *rule = rule_named(doc, id);
    assert_non_null(rule);
    assert_true(tw_str_is(member(rule, "verdict")->text, name));
}

static void every_rule_has_its_proof(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_doc *doc;
    tw_arena_init(&arena, (size_t)1 << 28);
    struct tw_certified sum = certify(&arena, &doc);
    assert_int_equal(sum.refuted, 0);
    assert_int_equal(sum.verdicts[TW_RULE_UNDECIDED], 0);
    assert_verdict(doc, "ip/filter/FORWARD#1", "live");
    assert_verdict(doc, "ip/filter/FORWARD#2", "partly");
    assert_verdict(doc, "ip/filter/FORWARD#4", "dead");
    assert_verdict(doc, "ip/filter/FORWARD#6", "dead");
    assert_verdict(doc, "ip/filter/FORWARD#7", "partly");
    assert_verdict(doc, "ip/filter/web#1", "partly");
    assert_verdict(doc, "ip/filter/web#2", "dead");
    for (const struct tw_value *v =
             member(member(doc->data, "walls")->first, "rules")->first;
         v; v = v->next) {
        const struct tw_value *confirmed = member(v, "confirmed");
        assert_non_null(confirmed);
        assert_true(confirmed->kind == TW_VALUE_NULL || confirmed->boolean);
        assert_true((member(v, "witness") != NULL) != (member(v, "cover") != NULL));
    }
    tw_arena_release(&arena);
}

static void a_cover_names_its_rules_in_order(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_doc *doc;
    tw_arena_init(&arena, (size_t)1 << 28);
    certify(&arena, &doc);
    const struct tw_value *dead = rule_named(doc, "ip/filter/FORWARD#4");
    const struct tw_value *first = member(dead, "cover")->first;
    assert_true(tw_str_is(member(first, "rule")->text, "ip/filter/FORWARD#2"));
    assert_int_equal(member(first, "line")->integer, 6);
    assert_true(tw_str_is(member(first->next, "rule")->text, "ip/filter/FORWARD#3"));
    assert_null(first->next->next);
    assert_true(member(dead, "minimal")->boolean);
    assert_true(member(dead, "opposed")->boolean); /* #2 denies what it allows */
    assert_true(member(dead, "confirmed")->boolean);
    tw_arena_release(&arena);
}

static void a_witness_names_the_values_it_needs(void **state)
{
    (void)state;
    struct tw_arena arena;
    struct tw_doc *doc;
    tw_arena_init(&arena, (size_t)1 << 28);
    certify(&arena, &doc);
    const struct tw_value *rule = rule_named(doc, "ip/filter/FORWARD#7");
    const struct tw_value *witness = member(rule, "witness");
    bool found = false;
    for (const struct tw_value *v = member(witness, "values")->first; v; v = v->next)
        found |=
            member(v, "value")->kind == TW_VALUE_BOOL && member(v, "value")->boolean;
    assert_true(found); /* the set's member is one */
    assert_true(member(rule, "confirmed")->boolean);
    tw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_its_proof),
        cmocka_unit_test(a_cover_names_its_rules_in_order),
        cmocka_unit_test(a_witness_names_the_values_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
