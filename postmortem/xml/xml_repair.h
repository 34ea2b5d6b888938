/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that is nearly XML made XML, reversibly: database clients write control bytes
 * and binary columns as they are.
 *
 * Each byte that XML forbids (00–08, 0B, 0C, 0E–1F, invalid UTF-8, those of U+FFFE and
 * U+FFFF) becomes the private character U+F700 + byte; so does a CR in character data,
 * which a parser would turn into LF. A character U+F7xx that stands in the data, and
 * any reference to a character, is preceded by U+F77F, which no byte becomes, so that
 * the way back is sure.
 *
 *     <field>a␅b</field>        →   <field>aU+F705b</field>
 *     <field>U+F705</field>     →   <field>U+F77F U+F705</field>
 *
 * To know character data from markup it follows the markup, and on the way tells where
 * the elements of one name begin and end in the text as it came: the parser's own
 * places are those of the repaired text.
 */
#ifndef TW_XML_REPAIR_H
#define TW_XML_REPAIR_H

#include "buf.h"
#include "vec.h"

enum tw_xml_repair_fault {
    TW_XML_REPAIR_FINE,
    TW_XML_REPAIR_DOCTYPE,
    TW_XML_REPAIR_LONG_TAG /* or one with too many attributes, or a long comment */
};

enum tw_xml_repair_state {
    TW_XML_IN_TEXT,
    TW_XML_IN_OPENING, /* behind <, and it is not clear yet what this is */
    TW_XML_IN_TAG,
    TW_XML_IN_COMMENT,
    TW_XML_IN_CDATA,
    TW_XML_IN_INSTRUCTION
};

struct tw_xml_place {
    uint64_t at;   /* of a start tag: its first byte; of an end: behind its last */
    uint64_t line; /* of a start tag: where its line begins */
};

/* First in, first out: list.at[next …] */
struct tw_xml_places {
    TW_VEC(struct tw_xml_place) list;
    size_t next;
};

struct tw_xml_repair {
    struct tw_str element; /* the name of the elements to be told, at most 7 bytes */
    bool wants_lines;      /* the places need their lines */
    struct tw_arena *arena;
    struct tw_xml_places starts, ends;
    uint64_t repaired; /* bytes that XML forbids */
    bool mapped;       /* something has been changed: texts must be read back */
    enum tw_xml_repair_fault fault;

    uint64_t at, line; /* of the next byte, of its line */
    enum tw_xml_repair_state state;
    uint64_t depth;
    struct tw_xml_place tag;
    char word[10]; /* the first bytes behind < */
    size_t nword, nattrs;
    bool named;     /* WORD is the whole name of the tag */
    char quote;     /* of the attribute value that is open, or 0 */
    char last[2];   /* the two bytes before */
    bool root_over; /* depth came back to 0 */
};

void tw_xml_repair_init(struct tw_xml_repair *repair, struct tw_arena *arena,
                        struct tw_str element);
/* Repairs BYTES into OUT, which has room for three times as many and 8 more. Returns
 * how many were taken: a character that is cut at their end is left, unless LAST. Stops
 * at a fault.
 */
size_t tw_xml_repair_run(struct tw_xml_repair *repair, struct tw_str bytes, bool last,
                         char *out, size_t *nout);
struct tw_xml_place tw_xml_places_take(struct tw_xml_places *places);
/* TEXT back as it was, in place; the new length. *BYTES: a byte beyond ASCII was put
 * back, so that the text may not be UTF-8. */
size_t tw_xml_repair_undo(char *text, size_t len, bool *bytes);

#endif
