// The system's libcrypto: only its digests are used, through the functions of each digest
// (SHA256_Init(3), MD5_Init(3)). libcrypto 3 prefers its EVP interface to them, which reaches the
// same code through a table of providers: with it a static program carries every cipher that
// libcrypto knows, and spends longer on setting them up than a short command on its whole work.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>
