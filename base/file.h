/*
 * file: whole files, read with a limit and replaced durably.
 *
 * A path that fails is named in the diag, where it is first known.  Errors
 * everywhere: ERR_NOTFOUND, ERR_EXISTS, ERR_TOO_BIG, ERR_NOMEM, ERR_STORAGE
 * (no space, device error), else ERR_IO.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

struct secret;

/*
 * file_replace(path, p, len, mode):
 * After ERR_OK path holds exactly these bytes even if the power fails now;
 * after an error it holds what it held.  No reader ever sees a part.
 */
enum err
file_replace(const char *path, const void *p, size_t len, mode_t mode);
/* file_create(path, ...): the same, but ERR_EXISTS if path is there. */
enum err
file_create(const char *path, const void *p, size_t len, mode_t mode);
/*
 * The same in parts, for what is larger than memory should be.
 * file_out_begin(&out, path, mode): a file beside path, which stays as it is.
 * file_out_write(out, p, len): append; a buf_sink (base/bytes.h).
 * file_out_create(out): all of it is path now, durably; ERR_EXISTS.
 * file_out_free(&out): what was not created is gone; NULL within is fine.
 */
struct file_out;
enum err
file_out_begin(struct file_out **out, const char *path, mode_t mode);
enum err
file_out_write(void *out, const void *p, size_t len);
enum err
file_out_create(struct file_out *out);
void
file_out_free(struct file_out **out);
/*
 * file_overwrite(path, offset, p, len):
 * Write into an existing file in place and sync it: for what must leave no
 * older copy behind.  Not atomic; the caller keeps two slots and a check.
 */
enum err
file_overwrite(const char *path, uint64_t offset, const void *p, size_t len);

/* file_sync_folder(path): the folder path lies in, so that its name lasts. */
enum err
file_sync_folder(const char *path);

/* file_load(path, max, out): append the content; out->max >= max. */
enum err
file_load(const char *path, size_t max, struct buf *out);
/* file_read_fd(fd, max, out): append all up to the end; fd stays open. */
enum err
file_read_fd(int fd, size_t max, struct buf *out);
/* file_load_secret(path, max, out), file_read_fd_secret(fd, max, out): into
 * locked memory; at least 1 byte; the caller frees *out. */
enum err
file_load_secret(const char *path, size_t max, struct secret **out);
enum err
file_read_fd_secret(int fd, size_t max, struct secret **out);
/*
 * file_load_line(path, max, out):
 * As file_load_secret, less one final newline: a passphrase file.
 */
enum err
file_load_line(const char *path, size_t max, struct secret **out);

bool
file_exists(const char *path);
/* file_remove(path): gone, durably; ERR_NOTFOUND if it was not there. */
enum err
file_remove(const char *path);
/* file_move(from, to): durably, over what is there; one file system. */
enum err
file_move(const char *from, const char *to);
/* file_mkdirs(path, mode): path and its parents; fine if there already. */
enum err
file_mkdirs(const char *path, mode_t mode);
/*
 * file_lock(dir, fd):
 * Own dir until *fd is closed or the process ends; ERR_LOCKED if another
 * process does.  The descriptor closes on exec.
 */
enum err
file_lock(const char *dir, int *fd);
/* file_join(dir, name): "dir/name", or name if absolute; caller frees with
 * free(3); NULL when out of memory. */
char *
file_join(const char *dir, const char *name);

#endif
