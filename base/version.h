/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the library and of the program. */
#ifndef TW_VERSION_H
#define TW_VERSION_H

/* "MAJOR.MINOR.PATCH". */
const char *tw_version(void);

#endif
