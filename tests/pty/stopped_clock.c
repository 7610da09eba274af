/* Preloaded into the program: while the file that CLOCK_STOPPED names is there, the time of day cannot be told, which
 * the standard library takes for a bug and panics about. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *file = getenv("CLOCK_STOPPED");
    if (clock == CLOCK_REALTIME && file && !access(file, F_OK)) {
        errno = EINVAL;
        return -1;
    }
    return syscall(SYS_clock_gettime, clock, now);
}
