#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

ssize_t store_stream_read(int descriptor, void *buffer, size_t count) {
    ssize_t result = read(descriptor, buffer, count);
    return result < 0 ? -errno : result;
}

ssize_t store_stream_write(int descriptor, const void *buffer, size_t count) {
    ssize_t result = write(descriptor, buffer, count);
    return result < 0 ? -errno : result;
}

int store_stream_wait(int descriptor, int milliseconds) {
    struct pollfd waited = {.fd = descriptor, .events = POLLIN};
    int result = poll(&waited, 1, milliseconds);
    if (result < 0) return errno == EINTR ? 0 : -errno;
    // Errors and hang-ups are told by the read that follows.
    return result;
}

int store_is_terminal(int descriptor) { return isatty(descriptor); }

int store_terminal_columns(int descriptor) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

int store_open_for_reading(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return descriptor < 0 ? -errno : descriptor;
}

int store_open_for_writing(const char *path) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return descriptor < 0 ? -errno : descriptor;
}

extern char **environ;

char **store_environment(void) { return environ; }
