#define _GNU_SOURCE
#include "platform.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#if defined(__linux__)
#include <sys/random.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#else
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/random.h>
#include <sys/sysctl.h>
#include <sys/xattr.h>
#endif

// Repeats a call that a signal interrupted, and turns -1 into the negated error number.
#define REPEATED(type, call)                       \
    type result;                                   \
    do {                                           \
        result = (call);                           \
    } while (result == -1 && errno == EINTR);      \
    return result == -1 ? (type)-errno : result

// MARK: Errors

void store_error_text(int code, char *text, size_t capacity) {
    if (capacity == 0) return;
    text[0] = 0;
#if defined(__GLIBC__)
    // The GNU form may answer with a string of its own instead of filling the buffer.
    const char *answer = strerror_r(code, text, capacity);
    if (answer != text) {
        strncpy(text, answer, capacity - 1);
    }
#else
    strerror_r(code, text, capacity);
#endif
    text[capacity - 1] = 0;
}

// MARK: Files

int store_open_directory(const char *path) {
    REPEATED(int, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY));
}

int store_open_component(int directory, const char *name, int flags, unsigned int mode) {
    REPEATED(
        int, openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, (mode_t)mode));
}

#if defined(__linux__)

// <linux/openat2.h> is younger than some of the C libraries this is built on.
struct store_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_renameat2
#error "renameat2 has no number on this system"
#endif
enum { STORE_RESOLVE_NO_SYMLINKS = 0x04, STORE_RESOLVE_BENEATH = 0x08 };

int store_open_beneath(int directory, const char *path, int flags, unsigned int mode) {
    struct store_open_how how = {
        .flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC | O_NOCTTY),
        .mode = (flags & O_CREAT) ? mode : 0,  // any other mode is refused without O_CREAT
        .resolve = STORE_RESOLVE_BENEATH | STORE_RESOLVE_NO_SYMLINKS,
    };
    REPEATED(int, (int)syscall(SYS_openat2, directory, path, &how, sizeof how));
}

// Its failure shows at the sync that follows.
void store_begin_writing_out(int descriptor, int64_t offset, int64_t count) {
    (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int store_fsync(int descriptor) { REPEATED(int, fsync(descriptor)); }
int store_fdatasync(int descriptor) { REPEATED(int, fdatasync(descriptor)); }
int store_syncfs(int descriptor) { REPEATED(int, syncfs(descriptor)); }

int store_file_system_type(int descriptor, int64_t *type) {
    struct statfs file_system;
    int result;
    do {
        result = fstatfs(descriptor, &file_system);
    } while (result == -1 && errno == EINTR);
    if (result == -1) return -errno;
    *type = (int64_t)(uint32_t)file_system.f_type;
    return 0;
}

int store_rename(
    int directory, const char *name, int new_directory, const char *new_name, int behavior) {
    if (behavior == STORE_RENAME_REPLACE) {
        REPEATED(int, renameat(directory, name, new_directory, new_name));
    }
    // RENAME_NOREPLACE is 1, RENAME_EXCHANGE is 2.
    unsigned int flags = (unsigned int)behavior;
    REPEATED(
        int, (int)syscall(SYS_renameat2, directory, name, new_directory, new_name, flags));
}

ssize_t store_flistxattr(int descriptor, char *names, size_t capacity) {
    REPEATED(ssize_t, flistxattr(descriptor, names, capacity));
}

ssize_t store_fgetxattr(int descriptor, const char *name, void *value, size_t capacity) {
    REPEATED(ssize_t, fgetxattr(descriptor, name, value, capacity));
}

int store_fsetxattr(int descriptor, const char *name, const void *value, size_t size) {
    REPEATED(int, fsetxattr(descriptor, name, value, size, 0));
}

int store_try_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result;
    do {
        result = fcntl(descriptor, F_OFD_SETLK, &lock);
    } while (result == -1 && errno == EINTR);
    if (result == 0) return 1;
    return errno == EAGAIN || errno == EACCES ? 0 : -errno;
}

void store_unlock(int descriptor) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    (void)fcntl(descriptor, F_OFD_SETLK, &lock);
}

// Copies the beginning of a file under /proc, ended by NUL; the count, or -1.
static ssize_t read_small_file(const char *path, char *text, size_t capacity) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t count;
    do {
        count = read(descriptor, text, capacity - 1);
    } while (count == -1 && errno == EINTR);
    close(descriptor);
    if (count >= 0) text[count] = 0;
    return count;
}

uint64_t store_process_start(int32_t process, int *is_dead) {
    *is_dead = 0;
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    if (read_small_file(path, text, sizeof text) <= 0) return 0;
    // Field 2 is the program's name in parentheses and may hold anything, parentheses too.
    const char *rest = strrchr(text, ')');
    if (rest == NULL || rest[1] != ' ') return 0;
    char state = 0;
    long long threads = 0;
    unsigned long long start = 0;
    // Fields 3, 20 and 22.
    int found = sscanf(
        rest + 2,
        "%c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld %*s %llu",
        &state, &threads, &start);
    if (found != 3) return 0;
    // A main thread may end before the others do; then the process still lives.
    *is_dead = (state == 'Z' || state == 'X') && threads <= 1;
    return start;
}

void store_boot_identifier(char *text, size_t capacity) {
    ssize_t count = read_small_file("/proc/sys/kernel/random/boot_id", text, capacity);
    if (count < 0) count = 0;
    while (count > 0 && text[count - 1] == '\n') count--;
    text[count] = 0;
}

uint64_t store_monotonic_nanoseconds(void) {
    // The clock that process start times are told by: it also counts while the machine sleeps.
    struct timespec time;
    if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int store_random(void *buffer, size_t count) {
    uint8_t *bytes = buffer;
    while (count > 0) {
        ssize_t got = getrandom(bytes, count, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            return -errno;
        }
        bytes += got;
        count -= (size_t)got;
    }
    return 0;
}

#define MODIFIED(status) (status).st_mtim
#define CHANGED(status) (status).st_ctim

#else  // Darwin

int store_open_beneath(int directory, const char *path, int flags, unsigned int mode) {
    (void)directory, (void)path, (void)flags, (void)mode;
    return -ENOSYS;
}

// fsync alone leaves the data in the drive's cache there.
static int full_sync(int descriptor) {
    int result;
    do {
        result = fcntl(descriptor, F_FULLFSYNC);
    } while (result == -1 && errno == EINTR);
    if (result != -1) return 0;
    if (errno != ENOTSUP && errno != EINVAL) return -errno;
    REPEATED(int, fsync(descriptor));
}
void store_begin_writing_out(int descriptor, int64_t offset, int64_t count) {
    (void)descriptor, (void)offset, (void)count;
}
int store_fsync(int descriptor) { return full_sync(descriptor); }
int store_fdatasync(int descriptor) { return full_sync(descriptor); }
int store_syncfs(int descriptor) {
    sync();
    return full_sync(descriptor);
}

int store_file_system_type(int descriptor, int64_t *type) {
    struct statfs file_system;
    if (fstatfs(descriptor, &file_system) != 0) return -errno;
    // There are no fixed numbers: what is not local is reported as NFS's on Linux.
    *type = (file_system.f_flags & MNT_LOCAL) ? 0 : 0x6969;
    return 0;
}

int store_rename(
    int directory, const char *name, int new_directory, const char *new_name, int behavior) {
    if (behavior == STORE_RENAME_REPLACE) {
        REPEATED(int, renameat(directory, name, new_directory, new_name));
    }
    unsigned int flags = behavior == STORE_RENAME_EXCHANGE ? RENAME_SWAP : RENAME_EXCL;
    REPEATED(int, renameatx_np(directory, name, new_directory, new_name, flags));
}

ssize_t store_flistxattr(int descriptor, char *names, size_t capacity) {
    REPEATED(ssize_t, flistxattr(descriptor, names, capacity, 0));
}

ssize_t store_fgetxattr(int descriptor, const char *name, void *value, size_t capacity) {
    REPEATED(ssize_t, fgetxattr(descriptor, name, value, capacity, 0, 0));
}

int store_fsetxattr(int descriptor, const char *name, const void *value, size_t size) {
    REPEATED(int, fsetxattr(descriptor, name, value, size, 0, 0));
}

int store_try_lock(int descriptor) {
    int result;
    do {
        result = flock(descriptor, LOCK_EX | LOCK_NB);
    } while (result == -1 && errno == EINTR);
    if (result == 0) return 1;
    return errno == EWOULDBLOCK ? 0 : -errno;
}

void store_unlock(int descriptor) { (void)flock(descriptor, LOCK_UN); }

uint64_t store_process_start(int32_t process, int *is_dead) {
    *is_dead = 0;
    struct kinfo_proc information;
    size_t size = sizeof information;
    int name[4] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, process};
    if (sysctl(name, 4, &information, &size, NULL, 0) != 0 || size == 0) return 0;
    *is_dead = information.kp_proc.p_stat == SZOMB;
    struct timeval start = information.kp_proc.p_starttime;
    return (uint64_t)start.tv_sec * 100 + (uint64_t)start.tv_usec / 10000;
}

void store_boot_identifier(char *text, size_t capacity) {
    size_t size = capacity;
    if (sysctlbyname("kern.bootsessionuuid", text, &size, NULL, 0) != 0) size = 0;
    text[size < capacity ? size : capacity - 1] = 0;
}

uint64_t store_monotonic_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int store_random(void *buffer, size_t count) {
    arc4random_buf(buffer, count);
    return 0;
}

#define MODIFIED(status) (status).st_mtimespec
#define CHANGED(status) (status).st_ctimespec

#endif

int store_close(int descriptor) { return close(descriptor) == 0 ? 0 : -errno; }

ssize_t store_pread(int descriptor, void *buffer, size_t count, int64_t offset) {
    REPEATED(ssize_t, pread(descriptor, buffer, count, offset));
}

ssize_t store_pwrite(int descriptor, const void *buffer, size_t count, int64_t offset) {
    REPEATED(ssize_t, pwrite(descriptor, buffer, count, offset));
}

int store_truncate(int descriptor, int64_t size) { REPEATED(int, ftruncate(descriptor, size)); }

static void copy_status(const struct stat *from, struct store_file_status *to) {
    to->mode = (uint32_t)from->st_mode;
    to->user = (uint32_t)from->st_uid;
    to->group = (uint32_t)from->st_gid;
    to->modified_seconds = MODIFIED(*from).tv_sec;
    to->modified_nanoseconds = (int32_t)MODIFIED(*from).tv_nsec;
    to->changed_seconds = CHANGED(*from).tv_sec;
    to->changed_nanoseconds = (int32_t)CHANGED(*from).tv_nsec;
    to->size = from->st_size;
    to->blocks = from->st_blocks;
    to->device = (uint64_t)from->st_dev;
    to->inode = (uint64_t)from->st_ino;
    to->link_count = (uint64_t)from->st_nlink;
}

int store_fstat(int descriptor, struct store_file_status *status) {
    struct stat found;
    int result;
    do {
        result = fstat(descriptor, &found);
    } while (result == -1 && errno == EINTR);
    if (result == -1) return -errno;
    copy_status(&found, status);
    return 0;
}

int store_fstatat(int directory, const char *name, struct store_file_status *status) {
    struct stat found;
    int result;
    do {
        result = fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW);
    } while (result == -1 && errno == EINTR);
    if (result == -1) return -errno;
    copy_status(&found, status);
    return 0;
}

// MARK: Directory listings

struct listing {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
};

static int append_entry(struct listing *listing, uint8_t kind, const char *name) {
    if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) return 0;
    size_t length = strlen(name);
    if (length > UINT16_MAX) return -ENAMETOOLONG;
    size_t needed = listing->length + 3 + length;
    if (needed > listing->capacity) {
        size_t capacity = listing->capacity == 0 ? 4096 : listing->capacity * 2;
        if (capacity < needed) capacity = needed;
        uint8_t *bytes = realloc(listing->bytes, capacity);
        if (bytes == NULL) return -ENOMEM;
        listing->bytes = bytes;
        listing->capacity = capacity;
    }
    uint16_t short_length = (uint16_t)length;
    uint8_t *end = listing->bytes + listing->length;
    end[0] = kind;
    memcpy(end + 1, &short_length, 2);
    memcpy(end + 3, name, length);
    listing->length = needed;
    return 0;
}

#if defined(__linux__)

struct store_directory_entry {
    uint64_t inode;
    int64_t offset;
    unsigned short record_length;
    unsigned char kind;
    char name[];
};

static int fill_listing(int descriptor, struct listing *listing) {
    // Aligned for the kernel's records; 32 KiB is what the C library asks for, too.
    _Alignas(struct store_directory_entry) char buffer[32768];
    for (;;) {
        long count = syscall(SYS_getdents64, descriptor, buffer, sizeof buffer);
        if (count == -1) {
            if (errno == EINTR) continue;
            return -errno;
        }
        if (count == 0) return 0;
        for (long position = 0; position < count;) {
            struct store_directory_entry *entry = (void *)(buffer + position);
            int result = append_entry(listing, entry->kind, entry->name);
            if (result < 0) return result;
            position += entry->record_length;
        }
    }
}

#else

static int fill_listing(int descriptor, struct listing *listing) {
    int copy = dup(descriptor);
    if (copy < 0) return -errno;
    DIR *directory = fdopendir(copy);
    if (directory == NULL) {
        int code = errno;
        close(copy);
        return -code;
    }
    int result = 0;
    while (result == 0) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            result = -errno;
            break;
        }
        result = append_entry(listing, entry->d_type, entry->d_name);
    }
    closedir(directory);
    return result;
}

#endif

int store_list_directory(int directory, uint8_t **listing, size_t *length) {
    // A description of its own: reading moves its position, and two threads may list one directory.
    int descriptor = store_open_component(directory, ".", O_RDONLY | O_DIRECTORY, 0);
    if (descriptor < 0) return descriptor;
    struct listing found = {0};
    int result = fill_listing(descriptor, &found);
    close(descriptor);
    if (result < 0) {
        free(found.bytes);
        return result;
    }
    *listing = found.bytes;
    *length = found.length;
    return 0;
}

// MARK: Names and attributes

int store_mkdir(int directory, const char *name, unsigned int mode) {
    REPEATED(int, mkdirat(directory, name, (mode_t)mode));
}

int store_link(int directory, const char *name, int new_directory, const char *new_name) {
    REPEATED(int, linkat(directory, name, new_directory, new_name, 0));
}

int store_unlink(int directory, const char *name) { REPEATED(int, unlinkat(directory, name, 0)); }

int store_rmdir(int directory, const char *name) {
    REPEATED(int, unlinkat(directory, name, AT_REMOVEDIR));
}

int store_fchmod(int descriptor, unsigned int mode) {
    REPEATED(int, fchmod(descriptor, (mode_t)mode));
}

int store_fchown(int descriptor, uint32_t user, uint32_t group) {
    REPEATED(int, fchown(descriptor, user, group));
}

int store_set_modification_time(int descriptor, int64_t seconds, int32_t nanoseconds) {
    struct timespec times[2] = {
        {.tv_sec = 0, .tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds},
    };
    REPEATED(int, futimens(descriptor, times));
}

// MARK: Processes, clock

int store_kill(int32_t process, int signal) { return kill(process, signal) == 0 ? 0 : -errno; }

void store_wall_clock(int64_t *seconds, int32_t *nanoseconds) {
    struct timespec time = {0};
    clock_gettime(CLOCK_REALTIME, &time);
    *seconds = time.tv_sec;
    *nanoseconds = (int32_t)time.tv_nsec;
}

void store_sleep(uint64_t nanoseconds) {
    struct timespec rest = {
        .tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
    while (nanosleep(&rest, &rest) == -1 && errno == EINTR) {
    }
}
