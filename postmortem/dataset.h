/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a dataset: several files and folders, in a fixed order.
 *
 * Two kinds of folders say more than the bytes of their files do:
 *
 *     dt=2023-02-09/channel=WX/000000_0      Hive: columns `dt` and `channel`
 *     metadata, pay.bill-schema.sql,         Dumpling, mydumper: the time of the data,
 *     pay.bill.000000000.sql                 the table and its columns
 */
#ifndef TW_DATASET_H
#define TW_DATASET_H

#include "diag.h"

/* A column that has one value in a whole file. */
struct tw_partition {
    struct tw_str name, value;
    bool is_null;
};

struct tw_partitions {
    TW_VEC(struct tw_partition) list;
};

struct tw_dataset_file {
    struct tw_str path;
    struct tw_str dump;   /* its format; empty: told by content */
    struct tw_str table;  /* the one that it holds; empty: not known */
    struct tw_str schema; /* path of the file that declares the table; or empty */
    struct tw_str as_of;  /* when the data were read; or empty */
    struct tw_partitions partitions;
};

struct tw_dataset_files {
    TW_VEC(struct tw_dataset_file) list;
};

/*
 * Appends PATH where it is a file (or "-"), else the files below that folder, in the
 * bytewise order of their names, hidden ones left out; in a tree of partitions those
 * that begin with "_" as well. TABLE: the one that is asked for, or empty. False after
 * a diagnostic.
 */
bool tw_dataset_expand(struct tw_arena *arena, struct tw_str path, struct tw_str table,
                       struct tw_dataset_files *files, struct tw_diags *diags);

/* ---- For dataset.c alone: the folders of Dumpling and mydumper ---------------------
 */

struct tw_folder {
    struct tw_str path;          /* as a prefix: it ends with a slash */
    TW_VEC(struct tw_str) names; /* sorted */
};

/* Is this one? */
bool tw_dumpling_is(struct tw_arena *arena, const struct tw_folder *folder);
/* Appends the data files of the one table. False after a diagnostic. */
bool tw_dumpling_expand(struct tw_arena *arena, const struct tw_folder *folder,
                        struct tw_str table, struct tw_dataset_files *files,
                        struct tw_diags *diags);
/* The path of the file that declares the table of the data file PATH, by its name
 * alone; empty where the name is none of Dumpling's. */
struct tw_str tw_dumpling_schema_of(struct tw_arena *arena, struct tw_str path);
/* The time in a TSO of TiDB: "2020-11-10T15:40:19.591Z". */
struct tw_str tw_tso_text(struct tw_arena *arena, uint64_t tso);

/* TEXT with %XX decoded. */
struct tw_str tw_percent_decode(struct tw_arena *arena, struct tw_str text);

#endif
