/* SPDX-License-Identifier: Apache-2.0 */
/* Does a rule hold for a record? No allocation, no copy. */
#include "record_rule.h"

static bool ordered(enum tw_record_test op, int cmp)
{
    switch (op) {
    case TW_TEST_EQ:
        return cmp == 0;
    case TW_TEST_NE:
        return cmp != 0;
    case TW_TEST_LT:
        return cmp < 0;
    case TW_TEST_LE:
        return cmp <= 0;
    case TW_TEST_GT:
        return cmp > 0;
    case TW_TEST_GE:
        return cmp >= 0;
    default:
        return false;
    }
}

/* The cell's order relative to the literal; false where they cannot be compared. */
static bool compare(const struct tw_record_rule *rule, struct tw_str cell, bool utc,
                    int *cmp)
{
    if (rule->kind == TW_LITERAL_NUMBER) {
        struct tw_decimal number;
        if (!tw_parse_decimal(cell, &number))
            return false;
        *cmp = tw_decimal_cmp(number, rule->number);
        return true;
    }
    struct tw_time time;
    if (!tw_time_parse(cell, &time))
        return false;
    time.has_offset |= utc;
    if (time.has_offset != rule->time.has_offset)
        return false;
    if (!rule->time.has_clock)
        *cmp = time.day < rule->time.day ? -1 : time.day > rule->time.day;
    else
        *cmp = tw_time_cmp(time, rule->time);
    return true;
}

static bool detects(const struct tw_record_rule *rule, struct tw_str text,
                    struct tw_rule_notes *notes)
{
    bool fails = rule->op == TW_TEST_FAILS;
    if (fails && text.len == 0)
        return false;
    enum tw_detected found = rule->detector->detect(text);
    notes->masked += found == TW_DETECTED_MASKED;
    notes->odd += found == TW_DETECTED_ODD;
    return found == (fails ? TW_DETECTED_NO : TW_DETECTED_YES);
}

static enum tw_holds cell_holds(const struct tw_record_rule *rule,
                                const struct tw_record_field *cell, bool utc,
                                struct tw_rule_notes *notes, enum tw_disguise *disguise)
{
    if (rule->op == TW_TEST_NULL)
        return cell->is_null ? TW_HOLDS_YES : TW_HOLDS_NO;
    if (cell->is_null)
        return TW_HOLDS_NO;
    struct tw_str text = {cell->ptr, cell->len};
    enum tw_holds found;
    bool holds;
    int cmp;
    switch (rule->op) {
    case TW_TEST_MATCHES:
    case TW_TEST_MATCHES_NOT:
        found = tw_regex_match(rule->regex, text);
        if (found == TW_HOLDS_LIMIT)
            return found;
        holds = (found == TW_HOLDS_YES) == (rule->op == TW_TEST_MATCHES);
        break;
    case TW_TEST_NOT_NULL:
        holds = true;
        break;
    case TW_TEST_EMPTY:
        holds = text.len == 0;
        break;
    case TW_TEST_NOT_EMPTY:
        holds = text.len != 0;
        break;
    case TW_TEST_FAILS:
    case TW_TEST_LOOKS:
        holds = detects(rule, text, notes);
        break;
    case TW_TEST_HAS_MARKER:
        holds = tw_marker_in(rule->marker, text, disguise);
        break;
    default:
        if (rule->kind == TW_LITERAL_TEXT) {
            holds = tw_str_eq(text, rule->literal) == (rule->op == TW_TEST_EQ);
        } else if (compare(rule, text, utc, &cmp)) {
            holds = ordered(rule->op, cmp);
        } else {
            notes->not_comparable++;
            holds = false;
        }
    }
    return holds ? TW_HOLDS_YES : TW_HOLDS_NO;
}

enum tw_holds tw_record_rule_holds(const struct tw_record_rule *rule,
                                   const struct tw_record *record,
                                   const struct tw_binding *binding,
                                   struct tw_rule_notes *notes)
{
    size_t slot = binding->slot[rule->column];
    if (slot != TW_SLOT_ANY)
        return cell_holds(rule, &record->fields[slot], binding->columns[slot].utc,
                          notes, &notes->disguise);
    /* Any column: all are looked at, so that counts do not depend on their order. */
    enum tw_holds best = TW_HOLDS_NO;
    notes->disguise = TW_DISGUISE_COUNT;
    for (size_t i = 0; i < record->nfields; i++) {
        enum tw_disguise disguise = TW_DISGUISE_COUNT;
        enum tw_holds m = cell_holds(rule, &record->fields[i], binding->columns[i].utc,
                                     notes, &disguise);
        if (m == TW_HOLDS_LIMIT)
            return m;
        if (m == TW_HOLDS_YES)
            best = m;
        if (m == TW_HOLDS_YES && disguise < notes->disguise)
            notes->disguise = disguise;
    }
    return best;
}

bool tw_record_rule_needles(const struct tw_record_rule *rule, struct tw_arena *arena,
                            struct tw_needles *needles)
{
    if (rule->op == TW_TEST_MATCHES)
        return tw_regex_needles(rule->regex, arena, needles);
    if (rule->op == TW_TEST_HAS_MARKER)
        return tw_marker_needles(rule->marker, arena, needles);
    bool text = rule->op == TW_TEST_EQ && rule->kind == TW_LITERAL_TEXT;
    if (!text || rule->literal.len == 0)
        return false;
    tw_needles_add(arena, needles, rule->literal);
    return true;
}
