/* Preloaded into the writer: notes down, in one order, everything that it does to the files of one
 * directory, so that a test can work out what a power cut at any moment would leave.
 *
 * SHIM_ROOT       the directory
 * SHIM_JOURNAL    where the notes go
 * SHIM_FAIL_SYNC  fail the sync of this number with EIO, and all that follow (for 0 or unset: none)
 *
 * A note: kind (1 byte), fd (4), number (8), length of a (4), length of b (4), a, b; native byte order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static const char *root;
static long syncs, failing;
static char tracked[4096];

__attribute__((constructor)) static void begin(void) {
    root = getenv("SHIM_ROOT");
    const char *path = getenv("SHIM_JOURNAL"), *fail = getenv("SHIM_FAIL_SYNC");
    failing = fail ? atol(fail) : 0;
    if (path) journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int inside(const char *path) { return root && path && !strncmp(path, root, strlen(root)); }
static int known(int fd) { return fd >= 0 && fd < (int)sizeof tracked && tracked[fd]; }

static void put(const void *bytes, size_t length) {
    while (length) {
        long n = syscall(SYS_write, journal, bytes, length);
        if (n <= 0) abort();
        bytes = (const char *)bytes + n;
        length -= n;
    }
}

static void note(char kind, int fd, uint64_t number, const void *a, size_t a_length, const void *b, size_t b_length) {
    int saved = errno;
    uint32_t f = fd, al = a_length, bl = b_length;
    char head[21];
    head[0] = kind;
    memcpy(head + 1, &f, 4);
    memcpy(head + 5, &number, 8);
    memcpy(head + 13, &al, 4);
    memcpy(head + 17, &bl, 4);
    put(head, sizeof head);
    put(a, a_length);
    put(b, b_length);
    errno = saved;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
#define LOCKED(result, call, when, ...) \
    pthread_mutex_lock(&turn); result = call; if (when) note(__VA_ARGS__); pthread_mutex_unlock(&turn)

static int opened(int fd, const char *path, int flags) {
    if (fd >= 0 && fd < (int)sizeof tracked) {
        tracked[fd] = inside(path);
        if (tracked[fd]) note('o', fd, flags & O_TRUNC, path, strlen(path), 0, 0);
    }
    return fd;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    pthread_mutex_lock(&turn);
    int fd = opened(real(path, flags, mode), path, flags);
    pthread_mutex_unlock(&turn);
    return fd;
}

static mode_t mode_of(int flags, va_list rest) { return flags & O_CREAT ? va_arg(rest, mode_t) : 0; }

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_any("open64", path, flags, mode);
}

int close(int fd) {
    REAL(int, "close", int);
    pthread_mutex_lock(&turn);
    if (known(fd)) { note('c', fd, 0, 0, 0, 0, 0); tracked[fd] = 0; }
    int result = real(fd);
    pthread_mutex_unlock(&turn);
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    ssize_t n;
    LOCKED(n, real(fd, bytes, length, offset), n > 0 && known(fd), 'w', fd, offset, bytes, n, 0, 0);
    return n;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    pthread_mutex_lock(&turn);
    ssize_t n = real(fd, bytes, length);
    if (n > 0 && known(fd)) note('w', fd, lseek64(fd, 0, SEEK_CUR) - n, bytes, n, 0, 0);
    if (n > 0 && fd == 1 && journal >= 0) note('a', fd, 0, bytes, n, 0, 0);
    pthread_mutex_unlock(&turn);
    return n;
}

int ftruncate64(int fd, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    int result;
    LOCKED(result, real(fd, length), !result && known(fd), 't', fd, length, 0, 0, 0, 0);
    return result;
}

static int sync_any(const char *name, int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    pthread_mutex_lock(&turn);
    int result = -1;
    if (known(fd) && failing && ++syncs >= failing) errno = EIO;
    else result = real(fd);
    if (!result && known(fd)) note('s', fd, 0, 0, 0, 0, 0);
    pthread_mutex_unlock(&turn);
    return result;
}

int fsync(int fd) { return sync_any("fsync", fd); }
int fdatasync(int fd) { return sync_any("fdatasync", fd); }

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    int result;
    LOCKED(result, real(path, mode), !result && inside(path), 'm', 0, 0, path, strlen(path), 0, 0);
    return result;
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    int result;
    LOCKED(result, real(from, to), !result && inside(from), 'r', 0, 0, from, strlen(from), to, strlen(to));
    return result;
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    int result;
    LOCKED(result, real(path), !result && inside(path), 'u', 0, 0, path, strlen(path), 0, 0);
    return result;
}
