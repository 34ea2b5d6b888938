/* SPDX-License-Identifier: Apache-2.0 */
/* Files that only their owner may read: lists of plain values. */
#ifndef TW_PRIVATE_FILE_H
#define TW_PRIVATE_FILE_H

#include "str.h"

/* Writes TEXT to PATH with the rights 0600: into a new file beside it, onto the disk,
 * and moved to its place. A regular file that stands there is replaced whole; a link, a
 * folder or a device is refused (ELOOP, EISDIR, EEXIST). 0, or the errno; then nothing
 * is left behind and what stood there stands there still. */
int tw_private_file_write(struct tw_arena *arena, struct tw_str path,
                          struct tw_str text);
/* Would it be refused because of what stands there now? 0, or the errno. */
int tw_private_file_check(struct tw_arena *arena, struct tw_str path);

#endif
