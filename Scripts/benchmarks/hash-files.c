// Opens, reads and hashes the files of a list with two threads and libcrypto: the least that a
// verifier could do. usage: hash-files LIST, a file with one path on each line.
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { buffer_size = 1 << 18 };
static char **paths;
static int path_count;
static atomic_int next_path;

static void *hash_some(void *unused) {
    EVP_MD *algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *buffer = malloc(buffer_size);
    unsigned char digest[EVP_MAX_MD_SIZE];
    (void)unused;
    for (;;) {
        int index = atomic_fetch_add(&next_path, 1);
        if (index >= path_count) break;
        int file = open(paths[index], O_RDONLY | O_CLOEXEC);
        if (file < 0) exit(1);
        EVP_DigestInit_ex2(context, algorithm, NULL);
        ssize_t count;
        while ((count = read(file, buffer, buffer_size)) > 0)
            EVP_DigestUpdate(context, buffer, (size_t)count);
        EVP_DigestFinal_ex(context, digest, NULL);
        close(file);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    FILE *list = fopen(argv[1], "r");
    if (list == NULL) return 66;
    char line[4096];
    int capacity = 1 << 20;
    paths = malloc((size_t)capacity * sizeof *paths);
    while (path_count < capacity && fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = 0;
        paths[path_count++] = strdup(line);
    }
    pthread_t other;
    pthread_create(&other, NULL, hash_some, NULL);
    hash_some(NULL);
    pthread_join(other, NULL);
    return 0;
}
