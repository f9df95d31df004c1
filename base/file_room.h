/*
 * file_room: what file*.c share.  Nobody else includes this.
 */
#ifndef BASE_FILE_ROOM_H
#define BASE_FILE_ROOM_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* file_error(path, doing): errno as ours, with a diag unless the caller can
 * well expect it (there is none, there is one). */
enum err
file_error(const char *path, const char *doing);
/* file_read_up_to(fd, p, size): fewer only at the end; -1 with errno. */
ssize_t
file_read_up_to(int fd, uint8_t *p, size_t size);
/* file_write_all(fd, p, len): 0, or -1 with errno. */
int
file_write_all(int fd, const void *p, size_t len);

#endif
