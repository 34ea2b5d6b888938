/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Export formats: one file of rules/format/ each, which defines
 *
 *     const struct tw_format tw_format_NAME = { .name = "NAME", … };
 *
 * The build collects the folder into the registry; no list is edited.
 */
#ifndef TW_FORMAT_H
#define TW_FORMAT_H

#include "date.h"
#include "policy.h"

enum tw_probe { TW_PROBE_NO, TW_PROBE_LIKELY, TW_PROBE_CERTAIN };

/* A word that the user chose, and where. */
struct tw_choice {
    struct tw_str text; /* empty: not said */
    struct tw_span at;
};

/* What the estate says about how an export is to be read. */
struct tw_format_options {
    struct tw_time now;                  /* expiry dates are held against it */
    struct tw_choice vsys, device_group; /* which part of the export is the wall */
    const struct tw_source *app_ports;   /* a table of application ports, or NULL */
    const struct tw_source *hits;        /* a counter export, or NULL */
};

/* The keys of a wall that only some formats have a use for. */
enum tw_format_key {
    TW_FORMAT_VSYS = 1,
    TW_FORMAT_DEVICE_GROUP = 2,
    TW_FORMAT_APP_PORTS = 4,
    TW_FORMAT_HITS = 8
};

struct tw_format {
    const char *name;
    const char *summary[TW_LANG_COUNT];
    const char *export_command; /* how one gets such an export */
    unsigned keys;              /* of enum tw_format_key: those that it reads */
    /* Is this text (its first 64 KiB at least) ours? */
    enum tw_probe (*probe)(struct tw_str head);
    /* Reads the sources (a dump per family, or parts of one) into POLICY, whose arena,
     * name and format are set. All mistakes become diagnostics; a policy after an error
     * is not used. */
    void (*read)(struct tw_policy *policy, const struct tw_source *const *sources,
                 size_t nsources, const struct tw_format_options *options,
                 struct tw_diags *diags);
};

/* All formats, sorted by name, NULL at the end. */
extern const struct tw_format *const tw_formats[];

/* By name; NULL where there is none. */
const struct tw_format *tw_format_by_name(struct tw_str name);

/* Reads SOURCES as FORMAT (NULL: told by content). NULL after a diagnostic of severity
 * error: unknown or ambiguous format, or whatever the reader refused. */
struct tw_policy *tw_policy_read(struct tw_arena *arena, struct tw_str name,
                                 const struct tw_format *format,
                                 const struct tw_source *const *sources,
                                 size_t nsources,
                                 const struct tw_format_options *options,
                                 struct tw_diags *diags);

#endif
