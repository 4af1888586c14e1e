// The system's libcrypto: only its EVP digest interface is used.
#include <openssl/evp.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
