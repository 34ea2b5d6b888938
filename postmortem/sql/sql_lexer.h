/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL as MySQL, MariaDB and their dump programs write it: tokens, and statements that
 * are only passed over.
 *
 * What the server would run is read: the inside of a versioned comment is ordinary text
 * (the opening and closing marks are blanks), other comments are blanks. Quotes are '
 * " and `; a backslash escapes in the first two, unless the session's sql_mode says
 * NO_BACKSLASH_ESCAPES.
 *
 * Both readers work on bytes that may end anywhere: they say when they need more.
 */
#ifndef TW_SQL_LEXER_H
#define TW_SQL_LEXER_H

#include "str.h"

enum tw_sql_kind {
    TW_SQL_MORE,   /* the token does not end in these bytes */
    TW_SQL_END,    /* nothing follows */
    TW_SQL_WORD,   /* a bare word or number: INSERT, 40, @OLD, utf8mb4 */
    TW_SQL_NAME,   /* in backticks */
    TW_SQL_STRING, /* in ' or " */
    TW_SQL_MARK    /* any other byte */
};

struct tw_sql_token {
    enum tw_sql_kind kind;
    struct tw_str raw; /* without quotes */
    char quote;        /* of NAME and STRING */
    bool encoded;      /* holds escapes or doubled quotes */
};

struct tw_sql_lexer {
    struct tw_str bytes;
    size_t at;               /* behind the last token */
    bool last;               /* nothing follows BYTES */
    bool plain_backslash;    /* a backslash is data */
    struct tw_sql_token now; /* what tw_sql_step() found */
};

/* The next token; also kept in `now`. */
enum tw_sql_kind tw_sql_step(struct tw_sql_lexer *lexer);
/* Passes blanks and comments. False where they do not end in these bytes. */
bool tw_sql_blanks(struct tw_sql_lexer *lexer);
bool tw_sql_is_word(const struct tw_sql_lexer *lexer, const char *word); /* any case */
bool tw_sql_is_mark(const struct tw_sql_lexer *lexer, char mark);
/* A name, bare or in backticks or double quotes? */
bool tw_sql_is_name(const struct tw_sql_lexer *lexer);

/* The value of a quoted text: RAW itself, or a decoded copy in ARENA. */
struct tw_str tw_sql_decode(struct tw_arena *arena, const struct tw_sql_token *token,
                            bool plain_backslash);
/* The same into OUT, which has room for RAW.len bytes; the length. */
size_t tw_sql_unescape(struct tw_str raw, char quote, bool plain_backslash, char *out);

/*
 * Passing over. A statement ends behind its delimiter, a row (that begins with its
 * parenthesis) behind the parenthesis that closes it; neither inside of quotes or
 * comments.
 */
struct tw_sql_walk {
    struct tw_str delimiter; /* of the statement; empty: a row */
    bool plain_backslash;
    char quote;   /* the open one, or 0 */
    char comment; /* 0, '*' for one that ends with the mark, '\n' with the line */
    unsigned depth;
    bool any; /* something stood there, not only blanks and comments */
};

/* Returns how many of BYTES were passed; *ENDED: the end was among them. Where neither,
 * and bytes are left, they are too few to be told (LAST: nothing follows them). */
size_t tw_sql_pass(struct tw_sql_walk *walk, struct tw_str bytes, bool last,
                   bool *ended);
/* The same between statements: passes a run of blanks, or one comment. *ENDED: neither
 * begins at BYTES. */
size_t tw_sql_pass_blank(struct tw_sql_walk *walk, struct tw_str bytes, bool last,
                         bool *ended);

#endif
