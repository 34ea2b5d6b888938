/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verbs: one file cmd_NAME.c each, which defines
 *
 *     const struct tw_command tw_command_NAME = { .name = "NAME", … };
 *
 * The build collects them into the registry. One table of options per verb makes its
 * parsing, its help, the man page and the completions.
 */
#ifndef TW_COMMAND_H
#define TW_COMMAND_H

#include "date.h"
#include "diag.h"
#include "doc.h"
#include "messages.h"

enum tw_exit {
    TW_EXIT_OK = 0,
    TW_EXIT_FINDINGS = 1,
    TW_EXIT_ERROR = 2,
    TW_EXIT_INCOMPLETE = 3,
    TW_EXIT_INTERRUPTED = 130
};

struct tw_opt {
    const char *name;  /* long name without dashes */
    char letter;       /* short form, or 0 */
    const char *value; /* placeholder of its value ("FILE"); NULL: a switch */
    bool repeatable;
    const char *const *choices; /* the values allowed, NULL-terminated; NULL: any */
    enum tw_message help;
    enum tw_message group; /* the heading of a group that begins here; 0: none does */
};

struct tw_args {
    struct tw_arena *arena;
    TW_VEC(struct tw_str) operands;
    const struct tw_opt *const *opts; /* what the command accepts */
    struct {
        const struct tw_opt *opt;
        struct tw_str value;
    } * given; /* in the order of the command line */
    size_t ngiven;
};

bool tw_args_has(const struct tw_args *args, const char *name);
/* The last value given for NAME, or FALLBACK. */
struct tw_str tw_args_value(const struct tw_args *args, const char *name,
                            struct tw_str fallback);
/* All values given for NAME, in order. */
struct tw_str *tw_args_values(const struct tw_args *args, const char *name, size_t *n);

/* The option that names the estate, for the tables of the verbs that read one. */
#define TW_OPT_CONFIG                                                               \
    {                                                                               \
        .name = "config", .letter = 'c', .value = "ESTATE", .help = TW_M_opt_config \
    }

enum tw_progress { TW_PROGRESS_NONE, TW_PROGRESS_PLAIN, TW_PROGRESS_TERMINAL };

struct tw_output; /* one -o, see emit.h */

/* What term.c remembers between two calls of tw_progress_show(). */
struct tw_progress_state {
    uint64_t next_ns; /* nothing is shown before this time of the monotonic clock */
    bool shown;       /* a line stands on the terminal */
};

/* One run of the program: what the common options say. */
struct tw_run {
    struct tw_arena *arena;
    struct tw_diags diags; /* printed to stderr by main after run() returns */
    enum tw_lang lang;
    struct tw_time now; /* --now, or the clock's, UTC */
    bool now_given;
    int fail_on; /* enum tw_level of audit/estate.h; above critical: never */
    bool quiet, verbose;
    bool color_out, color_err;
    enum tw_progress progress;
    unsigned jobs; /* -j; 0: not said */
    const struct tw_args *args;
    const struct tw_output *outputs; /* -o, checked before the verb runs */
    size_t noutputs;
    bool write_failed; /* an output could not be written: the exit code is 2 */
    struct tw_progress_state progress_state;
};

struct tw_command {
    const char *name;
    enum tw_message summary;
    const char *operands;                /* for the usage line: "[ESTATE]", "DUMP…" */
    unsigned min_operands, max_operands; /* max 0xffff: any number */
    const struct tw_opt *opts; /* its own; the common ones are added; name NULL ends;
                                  NULL: none */
    const char *const
        *examples;    /* command lines for the help; NULL ends; may be NULL */
    bool answers_xml; /* its docs have the form that -o xml asks for */
    /* Returns an exit code of enum tw_exit. */
    int (*run)(struct tw_run *run);
};

/* All verbs, sorted by name, NULL at the end. */
extern const struct tw_command *const tw_commands[];

/* Writes DOC as the -o options ask: without any, as text to stdout. False after a
 * diagnostic (a file that cannot be written). */
bool tw_run_emit(struct tw_run *run, const struct tw_doc *doc);
/* Do all -o options ask for text? Then a doc needs no data. */
bool tw_run_text_only(const struct tw_run *run);
/* Does one of the -o options ask for this FORMAT? */
bool tw_run_wants(const struct tw_run *run, const char *format);

/* Writes TEXT to stdout as it is, for answers that are no reports (scripts, normal
 * forms). False after a diagnostic. A reader that went away is not an error. */
bool tw_run_write(struct tw_run *run, struct tw_str text);

/* Has Ctrl-C (SIGINT, SIGTERM) been asked for? Long loops look at it. */
bool tw_interrupted(void);

/* Progress on stderr, as the run's options allow: LABEL and DONE of TOTAL bytes (0:
 * unknown). Cheap to call often. */
void tw_progress_show(struct tw_run *run, struct tw_str label, uint64_t done,
                      uint64_t total);
void tw_progress_end(struct tw_run *run);

#endif
