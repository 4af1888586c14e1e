// A profile is a JSON file that people read and edit. #embed puts its bytes into the read-only data
// of the binary: nothing to load, nothing to set up at the start. The same bytes as a literal
// array in Swift take the optimizer ten seconds at each build.
#include "profiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char canifly_profile[] = {
#embed "../CanIFlyStore/Layouts/Profiles/canifly.profile.json"
};

const unsigned char *canifly_profile_text(void) { return canifly_profile; }

size_t canifly_profile_byte_count(void) { return sizeof canifly_profile; }
