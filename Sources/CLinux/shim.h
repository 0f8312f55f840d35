#include <sys/prctl.h>

/* prctl(2) is variadic: Swift does not see it. */
static inline int CLinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }
