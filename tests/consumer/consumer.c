/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest use of the installed library: its version, and an address read back. */
#include <stdio.h>

#include "diag.h"
#include "ip.h"
#include "version.h"

struct job {
    struct tw_arena *arena;
    struct tw_str text;
};

static enum tw_status read_address(void *ctx)
{
    struct job *job = ctx;
    enum tw_family family;
    tw_u128 address;
    if (!tw_ip_parse(TW_STR("10.0.0.7"), &family, &address))
        return TW_ERR_INPUT;
    struct tw_buf buf;
    tw_buf_init(&buf, job->arena);
    tw_buf_ip(&buf, family, address);
    job->text = tw_buf_view(&buf);
    return TW_OK;
}

int main(void)
{
    struct tw_arena arena;
    tw_arena_init(&arena, 1 << 20);
    struct job job = {.arena = &arena};
    enum tw_status status = tw_arena_run(&arena, read_address, &job);
    if (status == TW_OK)
        printf("twinwall %s: %.*s\n", tw_version(), (int)job.text.len, job.text.ptr);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}
