// What the C library's Swift module hides or has no wrapper for, and errno, which a Swift caller
// would have to read before anything else runs.
//
// Every function returns its result or, where it fails, the negated error number. The differences
// between Linux and Darwin are all in platform.c.
#ifndef CANIFLY_STORE_PLATFORM_H
#define CANIFLY_STORE_PLATFORM_H
// _GNU_SOURCE is defined by the .c files alone: in a header it would give some structures another
// shape than the C library's own Swift module has, and the two cannot be imported together.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

// MARK: Errors

// "ENOSPC", or NULL for a number without a name.
const char *store_error_name(int code);
// The C library's sentence, into `text`, always ended by NUL.
void store_error_text(int code, char *text, size_t capacity);

// MARK: Files

struct store_file_status {
    uint32_t mode;  // st_mode, type bits included
    uint32_t user;
    uint32_t group;
    int32_t modified_nanoseconds;
    int32_t changed_nanoseconds;
    int64_t modified_seconds;
    int64_t changed_seconds;
    int64_t size;
    int64_t blocks;
    uint64_t device;
    uint64_t inode;
    uint64_t link_count;
};

enum { STORE_RENAME_REPLACE = 0, STORE_RENAME_NO_REPLACE = 1, STORE_RENAME_EXCHANGE = 2 };

int store_open_directory(const char *path);
// openat2 with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, or -ENOSYS where there is no such call.
int store_open_beneath(int directory, const char *path, int flags, unsigned int mode);
// openat with O_NOFOLLOW: for one component it protects as well as openat2 does.
int store_open_component(int directory, const char *name, int flags, unsigned int mode);
int store_close(int descriptor);
ssize_t store_pread(int descriptor, void *buffer, size_t count, int64_t offset);
ssize_t store_pwrite(int descriptor, const void *buffer, size_t count, int64_t offset);
// sync_file_range(2) with SYNC_FILE_RANGE_WRITE; nothing where there is no such call.
void store_begin_writing_out(int descriptor, int64_t offset, int64_t count);
int store_truncate(int descriptor, int64_t size);
int store_fsync(int descriptor);
int store_fdatasync(int descriptor);
int store_syncfs(int descriptor);
int store_fstat(int descriptor, struct store_file_status *status);
int store_fstatat(int directory, const char *name, struct store_file_status *status);
int store_file_system_type(int descriptor, int64_t *type);

// All entries but "." and "..": for each one byte of kind (DT_*), two of length (native order),
// then the name. The caller frees *listing.
int store_list_directory(int directory, uint8_t **listing, size_t *length);

int store_mkdir(int directory, const char *name, unsigned int mode);
int store_link(int directory, const char *name, int new_directory, const char *new_name);
int store_unlink(int directory, const char *name);
int store_rmdir(int directory, const char *name);
int store_rename(
    int directory, const char *name, int new_directory, const char *new_name, int behavior);
int store_fchmod(int descriptor, unsigned int mode);
int store_fchown(int descriptor, uint32_t user, uint32_t group);
int store_set_modification_time(int descriptor, int64_t seconds, int32_t nanoseconds);
ssize_t store_flistxattr(int descriptor, char *names, size_t capacity);
ssize_t store_fgetxattr(int descriptor, const char *name, void *value, size_t capacity);
int store_fsetxattr(int descriptor, const char *name, const void *value, size_t size);
// 1 when locked, 0 when another open file description holds the lock.
int store_try_lock(int descriptor);
void store_unlock(int descriptor);

// MARK: Processes, clock, chance

int store_kill(int32_t process, int signal);
// The start time of a process; 0 where it cannot be known. *is_dead is set for a process that is
// gone and only waits for its parent to ask for its status.
uint64_t store_process_start(int32_t process, int *is_dead);
// Into `text`, ended by NUL; empty where it cannot be known.
void store_boot_identifier(char *text, size_t capacity);
void store_wall_clock(int64_t *seconds, int32_t *nanoseconds);
uint64_t store_monotonic_nanoseconds(void);
void store_sleep(uint64_t nanoseconds);
int store_random(void *buffer, size_t count);

// MARK: Memory

// Whether so many bytes can be had now. An allocation of Swift's that fails ends the process.
int store_can_allocate(size_t bytes);

// MARK: Threads

// Runs `body(context)` on a thread of its own, which has to be joined.
int store_start_thread(void **handle, void (*body)(void *), void *context);
void store_join_thread(void *handle);
// How many processors this process may use.
int store_processor_count(void);

// MARK: Child processes

enum { STORE_STREAM_INHERIT = -1, STORE_STREAM_NULL = -2 };

// posix_spawn. `input` and `output` are descriptors, or one of the above. The child gets the default
// handling of SIGPIPE, an empty signal mask, and of our descriptors the standard three and
// `inherited`, under the same numbers; those that are not close-on-exec, too, unless `closes_others`.
int store_spawn(
    const char *program, char *const *arguments, char *const *environment, int searches_path,
    int new_group, int closes_others, int input, int output, const int *inherited,
    size_t inherited_count, int32_t *process);
// Close-on-exec; ends[0] is for reading.
int store_pipe(int ends[2]);
int store_set_nonblocking(int descriptor);
ssize_t store_read_stream(int descriptor, void *buffer, size_t count);
// A reader that is gone is -EPIPE, and no signal.
ssize_t store_write_stream(int descriptor, const void *buffer, size_t count);
// A descriptor that becomes readable when the process ends; -ENOSYS where there is none.
int store_open_process(int32_t process);
// Waits until one of three can go on: bit 0 `readable`, bit 1 `writable`, bit 2 `process`; 0 when the
// time is up or a signal came. -1 stands for none.
int store_wait_for(int readable, int writable, int process, int milliseconds);
// 1 and *status when the process has ended, else 0. `status` is 0 to 255, or 256 + signal.
int store_wait_process(int32_t process, int waits, int *status);

// MARK: Signals and standard streams

// Makes SIGINT, SIGTERM and SIGHUP set a flag, unless they are ignored already, and ignores SIGPIPE.
void store_catch_signals(void);
// The first of them that came, or 0.
int store_pending_signal(void);
void store_forget_signal(void);
// Puts something harmless on those of the descriptors 0 to 2 that are closed.
int store_secure_standard_streams(void);

#endif
