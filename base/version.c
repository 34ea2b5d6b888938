/* SPDX-License-Identifier: Apache-2.0 */
/* The version, as the build states it once for all. */
#include "version.h"

const char *tw_version(void)
{
    return TW_VERSION;
}
