// The system's zlib, as StoreCodecs sees it.
#include <zlib.h>
