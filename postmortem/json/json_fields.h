/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wanted columns of JSON objects and arrays, one record at a time.
 *
 * A column is a member of the object by its name; `a.b` is also the member b of the
 * object in a. What is missing is NULL, as null is. A value is the text that it stands
 * for: of a number as it is written, of an object or array its JSON text.
 */
#ifndef TW_JSON_FIELDS_H
#define TW_JSON_FIELDS_H

#include "json_text.h"
#include "record.h"

enum tw_json_fate {
    TW_JSON_READ,
    TW_JSON_NOT_JSON,  /* or not an object (an array) */
    TW_JSON_AMBIGUOUS, /* `a.b` stands there in two ways */
    TW_JSON_RAGGED     /* an array of another length */
};

struct tw_json_fields;

/* NULL_TEXT: the text that stands for NULL; TW_NO_STR: none was said, and the ᴺᵁᴸᴸ of
 * ClickHouse is taken for it, counted in NOTES as ambiguous. */
struct tw_json_fields *tw_json_fields_new(struct tw_arena *arena,
                                          struct tw_str null_text, uint64_t *notes);
/* What to look for from now on: members NAMES of objects, or the elements at PLACES
 * (different ones) of arrays; the other one is NULL. OTHERS: and all other members. */
void tw_json_fields_want(struct tw_json_fields *fields, const struct tw_str *names,
                         const size_t *places, size_t count, bool others);
/* Reads the object that is TEXT. RECORD's fields hold until the next call. */
enum tw_json_fate tw_json_fields_object(struct tw_json_fields *fields,
                                        struct tw_str text, struct tw_record *record);
/* Reads the array that is TEXT, of LENGTH elements: the wanted ones by their places. */
enum tw_json_fate tw_json_fields_array(struct tw_json_fields *fields,
                                       struct tw_str text, size_t length,
                                       struct tw_record *record);
/* Was the wanted column SLOT in any object so far? */
bool tw_json_fields_seen(const struct tw_json_fields *fields, size_t slot);

#endif
