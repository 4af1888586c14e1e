// The text of the profile that every copy of the library carries.
#ifndef CANIFLY_STORE_PROFILES_H
#define CANIFLY_STORE_PROFILES_H
#include <stddef.h>

// JSON, not ended by a NUL.
const unsigned char *canifly_profile_text(void);
size_t canifly_profile_byte_count(void);
#endif
