// The program's own streams and files outside any store: whatever the user names is opened as the
// shell would open it, links followed, unlike everything inside a store.
//
// Every function returns its result or, where it fails, the negated error number.
#ifndef CANIFLY_STORE_STREAMS_H
#define CANIFLY_STORE_STREAMS_H
#include <stddef.h>
#include <sys/types.h>

// read(2) and write(2), not repeated when a signal interrupts them.
ssize_t store_stream_read(int descriptor, void *buffer, size_t count);
ssize_t store_stream_write(int descriptor, const void *buffer, size_t count);
// poll(2): 1 when there is something to read or the end, 0 when the time is up or a signal came.
int store_stream_wait(int descriptor, int milliseconds);
int store_is_terminal(int descriptor);
// 0 where it is no terminal or does not tell.
int store_terminal_columns(int descriptor);
// open(2), close-on-exec, links followed, nothing created.
int store_open_for_reading(const char *path);
int store_open_for_writing(const char *path);
// environ(7), ended by NULL.
char **store_environment(void);

#endif
