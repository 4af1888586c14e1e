// What the C library's Swift module hides or has no wrapper for: Linux system calls and flags
// that need _GNU_SOURCE, and errno, which a Swift caller must read before anything else runs.
#ifndef CANIFLY_STORE_PLATFORM_H
#define CANIFLY_STORE_PLATFORM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/file.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#endif
#endif
