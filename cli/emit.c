/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the answer: to stdout, and to the files of -o FORMAT:FILE.
 *
 * A file appears whole or not at all: it is written beside its place and moved there.
 * Devices and pipes are written directly, since nothing may be moved onto them.
 */
#include "emit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "opt.h"
#include "term.h"

static const struct tw_renderer *find_renderer(struct tw_run *run, struct tw_str name)
{
    const struct tw_renderer *r = tw_renderer_by_name(name);
    if (r)
        return r;
    TW_VEC(const char *) names = {0};
    for (const struct tw_renderer *const *p = tw_renderers; *p; p++)
        *tw_vec_add(run->arena, &names) = (*p)->name;
    *tw_vec_add(run->arena, &names) = NULL;
    TW_DIAG(&run->diags, TW_D_output_format_unknown, TW_NOWHERE, name,
            tw_hint_nearest(run->arena, run->lang, name, names.at));
    return NULL;
}

static bool parse_one(struct tw_run *run, struct tw_str value, struct tw_output *out)
{
    size_t colon = tw_str_find(value, ':');
    *out = (struct tw_output){.file = TW_STR("")};
    if (colon < value.len) {
        out->file = tw_str_from(value, colon + 1);
        if (out->file.len == 0) {
            TW_DIAG(&run->diags, TW_D_option_value_bad, TW_NOWHERE, value,
                    TW_STR("--output"), TW_SAY(run->arena, run->lang, TW_M_want_output),
                    TW_STR(""));
            return false;
        }
        if (tw_str_is(out->file, "-"))
            out->file = TW_STR("");
    }
    out->renderer = find_renderer(run, tw_str_first(value, colon));
    return out->renderer != NULL;
}

/* Does OUT collide with one of the N outputs before it? */
static bool collides(struct tw_run *run, const struct tw_output *before, size_t n,
                     const struct tw_output *out)
{
    for (size_t i = 0; i < n; i++) {
        if (!tw_str_eq(before[i].file, out->file))
            continue;
        if (out->file.len)
            TW_DIAG(&run->diags, TW_D_output_same_file, TW_NOWHERE, out->file);
        else
            TW_DIAG(&run->diags, TW_D_output_two_on_stdout, TW_NOWHERE,
                    tw_str_of(before[i].renderer->name),
                    tw_str_of(out->renderer->name));
        return true;
    }
    return false;
}

bool tw_outputs_parse(struct tw_run *run)
{
    size_t n, kept = 0;
    const struct tw_str *values = tw_args_values(run->args, "output", &n);
    struct tw_output *outputs = tw_new_array(run->arena, n + 1, struct tw_output);
    bool ok = true, on_stdout = false;
    for (size_t i = 0; i < n; i++) {
        struct tw_output out;
        if (!parse_one(run, values[i], &out) || collides(run, outputs, kept, &out)) {
            ok = false;
            continue;
        }
        on_stdout |= out.file.len == 0;
        outputs[kept++] = out;
    }
    if (!on_stdout)
        outputs[kept++] =
            (struct tw_output){tw_renderer_by_name(TW_STR("text")), TW_STR("")};
    run->outputs = outputs;
    run->noutputs = kept;
    return ok;
}

static bool failed(struct tw_run *run, struct tw_str name, int error)
{
    TW_DIAG(&run->diags, TW_D_cannot_write, TW_NOWHERE, name,
            tw_str_of(strerror(error)));
    run->write_failed = true;
    return false;
}

bool tw_run_write(struct tw_run *run, struct tw_str text)
{
    tw_progress_end(run);
    int error = tw_write_all(STDOUT_FILENO, text);
    if (error == 0 || error == EPIPE)
        return true;
    return failed(run, TW_SAY(run->arena, run->lang, TW_M_standard_output), error);
}

/* Writes TEXT to FD, which it closes. 0, or the errno. */
static int write_and_close(int fd, struct tw_str text)
{
    int error = tw_write_all(fd, text);
    if (close(fd) != 0 && !error)
        error = errno;
    return error;
}

/* Writes TEXT into a new file beside PLACE and moves it there. MODE: of the file that
 * stands there now, or 0. */
static int write_moved(struct tw_arena *arena, const char *place, mode_t mode,
                       struct tw_str text)
{
    const char *temporary =
        tw_str_cstr(arena, tw_fmt(arena, "%s.%ld.tmp", place, (long)getpid()));
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    int error = mode && fchmod(fd, mode & 07777) != 0 ? errno : 0;
    int written = write_and_close(fd, text);
    if (!error)
        error = written;
    if (!error && rename(temporary, place) != 0)
        error = errno;
    if (error)
        (void)unlink(temporary);
    return error;
}

static int write_file(struct tw_arena *arena, struct tw_str file, struct tw_str text)
{
    enum { PATH_LIMIT = 900 };
    if (file.len > PATH_LIMIT)
        return ENAMETOOLONG;
    const char *path = tw_str_cstr(arena, file);
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? write_moved(arena, path, 0, text) : errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode)) {
        int fd; /* opening a pipe waits for its reader */
        do {
            fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        } while (fd < 0 && errno == EINTR);
        return fd < 0 ? errno : write_and_close(fd, text);
    }
    if (access(path, W_OK) != 0)
        return errno;
    /* A link stays a link: the file that it names is replaced. */
    char *real = realpath(path, NULL);
    if (!real)
        return errno;
    int error = strlen(real) > PATH_LIMIT ? ENAMETOOLONG : 0;
    char *place = error ? NULL : tw_arena_try(arena, strlen(real) + 1);
    if (place)
        memcpy(place, real, strlen(real) + 1);
    else if (!error)
        error = ENOMEM;
    free(real);
    return error ? error : write_moved(arena, place, st.st_mode, text);
}

bool tw_run_text_only(const struct tw_run *run)
{
    for (size_t i = 0; i < run->noutputs; i++)
        if (!tw_str_is(tw_str_of(run->outputs[i].renderer->name), "text"))
            return false;
    return true;
}

bool tw_run_wants(const struct tw_run *run, const char *format)
{
    for (size_t i = 0; i < run->noutputs; i++)
        if (tw_str_is(tw_str_of(run->outputs[i].renderer->name), format))
            return true;
    return false;
}

bool tw_run_emit(struct tw_run *run, const struct tw_doc *doc)
{
    bool ok = true;
    for (size_t i = 0; i < run->noutputs; i++) {
        const struct tw_output *out = &run->outputs[i];
        bool on_stdout = out->file.len == 0;
        struct tw_render_options options = {.color = on_stdout && run->color_out};
        struct tw_arena *arena = tw_arena_child(run->arena);
        struct tw_buf buf;
        tw_buf_init(&buf, arena);
        out->renderer->render(doc, &options, &buf);
        if (on_stdout) {
            ok &= tw_run_write(run, tw_buf_view(&buf));
        } else {
            int error = write_file(arena, out->file, tw_buf_view(&buf));
            ok &= error == 0 || failed(run, out->file, error);
        }
        tw_arena_release(arena);
    }
    return ok;
}
