#define _GNU_SOURCE
#include "platform.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

// MARK: Memory

int store_can_allocate(size_t bytes) {
    // Volatile, or the compiler may leave the pair of calls out.
    void *volatile probe = malloc(bytes);
    free(probe);
    return probe != NULL;
}

// MARK: Threads

struct thread {
    pthread_t identifier;
    void (*body)(void *);
    void *context;
};

static void *run_thread(void *argument) {
    struct thread *thread = argument;
    thread->body(thread->context);
    return NULL;
}

int store_start_thread(void **handle, void (*body)(void *), void *context) {
    struct thread *thread = malloc(sizeof *thread);
    if (thread == NULL) return -ENOMEM;
    thread->body = body;
    thread->context = context;
    // Deeply nested documents are checked by recursion: more than the 8 MiB that some systems give,
    // and much more than the 512 KiB of others. Only what is used takes memory.
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 16 << 20);
    int result = pthread_create(&thread->identifier, &attributes, run_thread, thread);
    pthread_attr_destroy(&attributes);
    if (result != 0) {
        free(thread);
        return -result;
    }
    *handle = thread;
    return 0;
}

void store_join_thread(void *handle) {
    struct thread *thread = handle;
    pthread_join(thread->identifier, NULL);
    free(thread);
}

int store_processor_count(void) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

// MARK: Child processes

static int add_stream(posix_spawn_file_actions_t *actions, int stream, int descriptor) {
    if (stream == STORE_STREAM_INHERIT) return 0;
    if (stream == STORE_STREAM_NULL) {
        return posix_spawn_file_actions_addopen(
            actions, descriptor, "/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY, 0);
    }
    return posix_spawn_file_actions_adddup2(actions, stream, descriptor);
}

// Leaves the child no descriptor but the three streams, also of those that we were given open.
static int add_closing(
    posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes) {
#if defined(__APPLE__)
    // Closes everything that no action names; an inherited stream is named by being kept.
    for (int stream = 0; stream < 3; stream++) {
        int result = posix_spawn_file_actions_addinherit_np(actions, stream);
        if (result != 0) return result;
    }
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_CLOEXEC_DEFAULT);
#elif defined(__GLIBC__)
    (void)attributes;
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
#else
    (void)actions, (void)attributes;
    return ENOSYS;
#endif
}

int store_spawn(
    const char *program, char *const *arguments, char *const *environment, int searches_path,
    int new_group, int closes_others, int input, int output, const int *inherited,
    size_t inherited_count, int32_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) return -result;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -result;
    }

    result = add_stream(&actions, input, 0);
    if (result == 0) result = add_stream(&actions, output, 1);
    for (size_t index = 0; result == 0 && index < inherited_count; index++) {
        // Onto itself: that clears close-on-exec, in the child alone.
        result =
            posix_spawn_file_actions_adddup2(&actions, inherited[index], inherited[index]);
    }

    if (result == 0 && closes_others) result = add_closing(&actions, &attributes);

    sigset_t defaults, mask;
    sigemptyset(&mask);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    short flags = 0;
    if (result == 0) result = posix_spawnattr_getflags(&attributes, &flags);
    flags |= POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (new_group) flags |= POSIX_SPAWN_SETPGROUP;
    if (result == 0) result = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (result == 0) result = posix_spawnattr_setsigmask(&attributes, &mask);
    if (result == 0 && new_group) result = posix_spawnattr_setpgroup(&attributes, 0);
    if (result == 0) result = posix_spawnattr_setflags(&attributes, flags);

    pid_t identifier = 0;
    if (result == 0) {
        result = searches_path
                     ? posix_spawnp(
                           &identifier, program, &actions, &attributes, arguments, environment)
                     : posix_spawn(
                           &identifier, program, &actions, &attributes, arguments, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    *process = identifier;
    return -result;
}

int store_pipe(int ends[2]) {
#if defined(__linux__)
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno;
#else
    if (pipe(ends) != 0) return -errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

int store_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags == -1) return -errno;
    return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : -errno;
}

ssize_t store_read_stream(int descriptor, void *buffer, size_t count) {
    ssize_t result;
    do {
        result = read(descriptor, buffer, count);
    } while (result == -1 && errno == EINTR);
    return result == -1 ? -errno : result;
}

ssize_t store_write_stream(int descriptor, const void *buffer, size_t count) {
    // A library must not change the whole process's handling of SIGPIPE: it is kept from this thread
    // for the length of the call, and taken away if the call caused it.
    sigset_t pipe_signal, previous, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigemptyset(&pending);
    sigpending(&pending);
    int was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &previous);
    ssize_t result;
    do {
        result = write(descriptor, buffer, count);
    } while (result == -1 && errno == EINTR);
    int code = errno;
    if (result == -1 && code == EPIPE && !was_pending) {
        sigpending(&pending);
        int signal_number;
        if (sigismember(&pending, SIGPIPE)) sigwait(&pipe_signal, &signal_number);
    }
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    return result == -1 ? -code : result;
}

int store_open_process(int32_t process) {
#if defined(__linux__) && defined(SYS_pidfd_open)
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    return descriptor == -1 ? -errno : descriptor;
#else
    (void)process;
    return -ENOSYS;
#endif
}

int store_wait_for(int readable, int writable, int process, int milliseconds) {
    struct pollfd events[3] = {
        {.fd = readable, .events = POLLIN},
        {.fd = writable, .events = POLLOUT},
        {.fd = process, .events = POLLIN},
    };
    int count = poll(events, 3, milliseconds);
    if (count == -1) return errno == EINTR ? 0 : -errno;
    // An error or a hang-up is for the next read or write to find.
    return (events[0].revents != 0) | (events[1].revents != 0) << 1
           | (events[2].revents != 0) << 2;
}

int store_wait_process(int32_t process, int waits, int *status) {
    int ended = 0;
    pid_t result;
    do {
        result = waitpid(process, &ended, waits ? 0 : WNOHANG);
    } while (result == -1 && errno == EINTR);
    if (result == -1) return -errno;
    if (result == 0) return 0;
    *status = WIFSIGNALED(ended) ? 256 + WTERMSIG(ended) : WEXITSTATUS(ended);
    return 1;
}

// MARK: Signals and standard streams

static volatile sig_atomic_t pending_signal = 0;

static void remember_signal(int number) {
    if (pending_signal == 0) pending_signal = number;
}

void store_catch_signals(void) {
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        struct sigaction current;
        if (sigaction(numbers[index], NULL, &current) != 0) continue;
        if (current.sa_handler == SIG_IGN) continue;  // nohup, or a shell's background job
        // Without SA_RESTART: who waits for a terminal or another process has to hear of it.
        struct sigaction action = {.sa_handler = remember_signal};
        sigemptyset(&action.sa_mask);
        sigaction(numbers[index], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}

int store_pending_signal(void) { return pending_signal; }
void store_forget_signal(void) { pending_signal = 0; }

int store_secure_standard_streams(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        // The wrong way round, so that using it fails as using a closed one would. It gets this very
        // number, because all lower ones are taken.
        int opened = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
        if (opened == -1) return -errno;
    }
    return 0;
}
