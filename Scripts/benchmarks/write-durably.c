// The least that a durable write with a log takes.
//
// usage: write-durably FOLDER            standard input to FOLDER/document: appended to a log and
//                                        synced, a temporary file and sync, rename, directory sync
//        write-durably FOLDER --each N   N small documents, each by a temporary file, sync, rename
//                                        and a sync of the directory
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char data[1 << 20];

static void must(long result) {
    if (result < 0) {
        perror("write-durably");
        exit(74);
    }
}

static void replace(int folder, const char *name, size_t count) {
    int file = openat(folder, "document.tmp", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    must(file);
    must(write(file, data, count));
    must(fsync(file));
    must(close(file));
    must(renameat(folder, "document.tmp", folder, name));
    must(fsync(folder));
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) return 64;
    int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(folder);
    if (argc == 4) {
        int count = atoi(argv[3]);
        for (int number = 0; number < count; number++) {
            char name[32];
            snprintf(name, sizeof name, "%d.json", number);
            replace(folder, name, 8192);
        }
        return 0;
    }
    ssize_t count = read(0, data, sizeof data);
    must(count);
    int log = openat(folder, "log", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    must(log);
    must(write(log, data, (size_t)count));
    must(fdatasync(log));
    must(close(log));
    replace(folder, "document", (size_t)count);
    return 0;
}
