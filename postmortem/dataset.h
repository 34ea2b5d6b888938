/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a dataset: several files and folders, in a fixed order. */
#ifndef TW_DATASET_H
#define TW_DATASET_H

#include "diag.h"

struct tw_dataset_files {
    TW_VEC(struct tw_str) paths;
};

/* Appends PATH where it is a file (or "-"), else the files below that folder, in the
 * bytewise order of their names, hidden ones left out. False after a diagnostic. */
bool tw_dataset_expand(struct tw_arena *arena, struct tw_str path,
                       struct tw_dataset_files *files, struct tw_diags *diags);

#endif
