/* Records what a program does to the files below a folder, so that replay.py can rebuild the folder as a power cut at
 * any moment would have left it. To be preloaded (LD_PRELOAD).
 *
 *   POWERCUT_DIR  the folder
 *   POWERCUT_LOG  where the record goes; several processes may append to one
 *   POWERCUT_ACK  a file outside the folder: the program writes to it what it has acknowledged, a key a line
 *
 * A record is: operation (1 byte), length of the path (4), offset (8), length of the data (8), path, data.
 *
 *   C create   W write      T set the size  F make at least this long     D rename (data: the new path)
 *   U unlink   L link       A acknowledged  Y everything was synced       X written in a way that can't be recorded
 *   s sync began, S sync ended (offset: its number). What is written while a sync runs is not covered by it.
 *
 * Writes are recorded in the order in which they happen: a lock is held from before each to after its record. Not seen
 * are stdio's own calls, io_uring and direct system calls; a writable shared mapping is recorded as X, save SQLite's
 * -shm file, which SQLite builds anew after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(result, name, ...) \
    static result (*real_##name)(__VA_ARGS__); \
    if (!real_##name) real_##name = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX], acknowledgements[PATH_MAX];
static size_t folder_length;
static int record_fd = -1;
static atomic_uint syncs;

static void note(char operation, const char *path, uint64_t offset, const char *data);

static void fail(const char *what) {
    fprintf(stderr, "powercut recorder: %s: %s\n", what, strerror(errno));
    _exit(97);
}

__attribute__((constructor)) static void begin(void) {
    const char *dir = getenv("POWERCUT_DIR"), *log = getenv("POWERCUT_LOG"), *ack = getenv("POWERCUT_ACK");
    if (!dir || !log) return;
    if (!realpath(dir, folder)) fail(dir);
    folder_length = strlen(folder);
    if (ack && !realpath(ack, acknowledgements)) fail(ack);
    REAL(int, open, const char *, int, ...);
    int fd = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* Out of the way of programs that expect the lowest numbers. */
    record_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 500);
    if (record_fd < 0) fail(log);
    close(fd);
}

static int watched(const char *path) {
    size_t length = strlen(path);
    if (strncmp(path, folder, folder_length) || (path[folder_length] && path[folder_length] != '/')) return 0;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

/* The path of an open file: 0 not of interest, 1 below the folder, 2 the acknowledgements. */
static int of_fd(int fd, char *path) {
    if (record_fd < 0 || fd == record_fd) return 0;
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    if (n > 10 && !strcmp(path + n - 10, " (deleted)")) {
        struct stat file;
        if (watched(path) && !fstat(fd, &file) && file.st_nlink) note('X', path, 0, "used by a name that is gone");
        return 0;
    }
    return watched(path) ? 1 : acknowledgements[0] && !strcmp(path, acknowledgements) ? 2 : 0;
}

/* The absolute path of a name, whether there is such a file or not. */
static int of_name(int at, const char *name, char *path) {
    if (record_fd < 0) return 0;
    char whole[2 * PATH_MAX], base[PATH_MAX] = "";
    if (*name != '/' && at != AT_FDCWD) {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t n = readlink(link, base, PATH_MAX - 1);
        if (n <= 0) return 0;
        base[n] = 0;
    }
    snprintf(whole, sizeof whole, "%s%s%s", base, *base ? "/" : "", name);
    char *slash = strrchr(whole, '/'), *last = slash ? slash + 1 : whole, parent[PATH_MAX];
    if (slash) *slash = 0;
    if (!realpath(slash ? (*whole ? whole : "/") : ".", parent)) return 0;
    return snprintf(path, PATH_MAX, "%s/%s", strcmp(parent, "/") ? parent : "", last) < PATH_MAX && watched(path);
}

static void put(char operation, const char *path, uint64_t offset, const struct iovec *parts, int count,
                uint64_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    uint32_t path_length = strlen(path);
    size_t total = 21 + path_length + size;
    char *record = malloc(total), *at = record + 21 + path_length;
    if (!record) fail("memory");
    record[0] = operation;
    memcpy(record + 1, &path_length, 4);
    memcpy(record + 5, &offset, 8);
    memcpy(record + 13, &size, 8);
    memcpy(record + 21, path, path_length);
    for (int i = 0; i < count && size; i++) {
        size_t n = parts[i].iov_len < size ? parts[i].iov_len : size;
        memcpy(at, parts[i].iov_base, n);
        at += n;
        size -= n;
    }
    /* One call, so that the records of two processes do not mix. */
    if (real_write(record_fd, record, total) != (ssize_t)total) fail("the record");
    free(record);
}

static void note(char operation, const char *path, uint64_t offset, const char *data) {
    struct iovec part = {(void *)data, data ? strlen(data) : 0};
    put(operation, path, offset, &part, 1, part.iov_len);
}

/* --- writing: OFFSET -1 is the file's own position */
typedef ssize_t (*writer)(int, const struct iovec *, int, off_t);

static ssize_t recorded_write(int fd, const struct iovec *parts, int count, off_t offset, writer write_parts) {
    char path[PATH_MAX];
    int kind = of_fd(fd, path);
    if (!kind) return write_parts(fd, parts, count, offset);
    pthread_mutex_lock(&lock);
    struct stat before;
    off_t start = offset;
    if (fcntl(fd, F_GETFL) & O_APPEND) start = fstat(fd, &before) ? 0 : before.st_size;
    else if (offset < 0) start = lseek(fd, 0, SEEK_CUR);
    ssize_t written = write_parts(fd, parts, count, offset);
    int error = errno;
    if (written > 0) put(kind == 2 ? 'A' : 'W', path, start, parts, count, written);
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

static ssize_t plain_write(int fd, const struct iovec *parts, int count, off_t offset) {
    (void)count, (void)offset;
    REAL(ssize_t, write, int, const void *, size_t);
    return real_write(fd, parts->iov_base, parts->iov_len);
}
static ssize_t plain_pwrite(int fd, const struct iovec *parts, int count, off_t offset) {
    (void)count;
    REAL(ssize_t, pwrite64, int, const void *, size_t, off_t);
    return real_pwrite64(fd, parts->iov_base, parts->iov_len, offset);
}
static ssize_t plain_writev(int fd, const struct iovec *parts, int count, off_t offset) {
    (void)offset;
    REAL(ssize_t, writev, int, const struct iovec *, int);
    return real_writev(fd, parts, count);
}
static ssize_t plain_pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    REAL(ssize_t, pwritev64, int, const struct iovec *, int, off_t);
    return real_pwritev64(fd, parts, count, offset);
}

ssize_t write(int fd, const void *data, size_t n) {
    struct iovec part = {(void *)data, n};
    return recorded_write(fd, &part, 1, -1, plain_write);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off_t offset) {
    struct iovec part = {(void *)data, n};
    return recorded_write(fd, &part, 1, offset, plain_pwrite);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t offset) { return pwrite64(fd, data, n, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
    return recorded_write(fd, parts, count, -1, plain_writev);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
    return recorded_write(fd, parts, count, offset, plain_pwritev);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return pwritev64(fd, parts, count, offset);
}
/* Flags that only say how to wait are left out; those that append or sync are refused. */
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    REAL(ssize_t, pwritev64v2, int, const struct iovec *, int, off_t, int);
    char path[PATH_MAX];
    if (!of_fd(fd, path)) return real_pwritev64v2(fd, parts, count, offset, flags);
    if (flags & (RWF_APPEND | RWF_DSYNC | RWF_SYNC)) return errno = EOPNOTSUPP, -1;
    return offset == -1 ? writev(fd, parts, count) : pwritev64(fd, parts, count, offset);
}
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    return pwritev64v2(fd, parts, count, offset, flags);
}

/* Copies inside the kernel are refused: programs fall back to reading and writing. */
ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off_t *, int, off_t *, size_t, unsigned);
    char path[PATH_MAX];
    if (of_fd(out, path)) return errno = ENOSYS, -1;
    return real_copy_file_range(in, in_at, out, out_at, n, flags);
}
ssize_t sendfile64(int out, int in, off_t *at, size_t n) {
    REAL(ssize_t, sendfile64, int, int, off_t *, size_t);
    char path[PATH_MAX];
    if (of_fd(out, path)) return errno = ENOSYS, -1;
    return real_sendfile64(out, in, at, n);
}
ssize_t sendfile(int out, int in, off_t *at, size_t n) { return sendfile64(out, in, at, n); }

/* --- sizes */
static int recorded_size(int fd, char operation, off_t size, int (*change)(int, off_t, off_t), off_t from) {
    char path[PATH_MAX];
    if (of_fd(fd, path) != 1) return change(fd, from, size);
    pthread_mutex_lock(&lock);
    int result = change(fd, from, size), error = errno;
    if (!result) note(operation, path, from + size, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
static int plain_truncate(int fd, off_t from, off_t size) {
    (void)from;
    REAL(int, ftruncate64, int, off_t);
    return real_ftruncate64(fd, size);
}
static int plain_fallocate(int fd, off_t from, off_t size) {
    REAL(int, posix_fallocate64, int, off_t, off_t);
    return real_posix_fallocate64(fd, from, size);
}
int ftruncate64(int fd, off_t size) { return recorded_size(fd, 'T', size, plain_truncate, 0); }
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int posix_fallocate64(int fd, off_t from, off_t size) { return recorded_size(fd, 'F', size, plain_fallocate, from); }
int posix_fallocate(int fd, off_t from, off_t size) { return posix_fallocate64(fd, from, size); }
int fallocate64(int fd, int mode, off_t from, off_t size) {
    REAL(int, fallocate64, int, int, off_t, off_t);
    char path[PATH_MAX];
    if (of_fd(fd, path) == 1) return errno = EOPNOTSUPP, -1;
    return real_fallocate64(fd, mode, from, size);
}
int fallocate(int fd, int mode, off_t from, off_t size) { return fallocate64(fd, mode, from, size); }

/* --- names */
static int recorded_open(int at, const char *name, int flags, mode_t mode) {
    REAL(int, openat64, int, const char *, int, ...);
    char path[PATH_MAX];
    int changes = (flags & (O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE;
    if (!changes || !of_name(at, name, path)) return real_openat64(at, name, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int existed = !stat(path, &before), fd = real_openat64(at, name, flags, mode), error = errno;
    if (fd >= 0 && !existed) note('C', path, 0, NULL);
    else if (fd >= 0 && (flags & O_TRUNC) && before.st_size) note('T', path, 0, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}
#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }
int open(const char *name, int flags, ...) { MODE(flags) return recorded_open(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return recorded_open(AT_FDCWD, name, flags, mode); }
int openat(int at, const char *name, int flags, ...) { MODE(flags) return recorded_open(at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE(flags) return recorded_open(at, name, flags, mode); }
int creat(const char *name, mode_t mode) {
    return recorded_open(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *name, mode_t mode) { return creat(name, mode); }

int unlinkat(int at, const char *name, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    char path[PATH_MAX];
    int ours = of_name(at, name, path);
    pthread_mutex_lock(&lock);
    int result = real_unlinkat(at, name, flags), error = errno;
    if (!result && ours && !(flags & AT_REMOVEDIR)) note('U', path, 0, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

static int recorded_pair(char operation, int at, const char *old, int to, const char *new, unsigned flags) {
    REAL(int, renameat2, int, const char *, int, const char *, unsigned);
    REAL(int, linkat, int, const char *, int, const char *, int);
    char from[PATH_MAX], into[PATH_MAX];
    int leaves = of_name(at, old, from), enters = of_name(to, new, into);
    pthread_mutex_lock(&lock);
    int result = operation == 'D' ? real_renameat2(at, old, to, new, flags) : real_linkat(at, old, to, new, flags);
    int error = errno;
    if (!result && leaves && enters) note(operation, from, 0, into);
    else if (!result && leaves && operation == 'D') note('U', from, 0, NULL);
    else if (!result && enters) note('X', into, 0, "moved in from outside");
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int renameat2(int at, const char *old, int to, const char *new, unsigned flags) {
    return recorded_pair('D', at, old, to, new, flags);
}
int renameat(int at, const char *old, int to, const char *new) { return recorded_pair('D', at, old, to, new, 0); }
int rename(const char *old, const char *new) { return recorded_pair('D', AT_FDCWD, old, AT_FDCWD, new, 0); }
int linkat(int at, const char *old, int to, const char *new, int flags) {
    return recorded_pair('L', at, old, to, new, flags);
}
int link(const char *old, const char *new) { return recorded_pair('L', AT_FDCWD, old, AT_FDCWD, new, 0); }

/* --- syncs */
static int recorded_sync(int fd, int (*sync_file)(int)) {
    char path[PATH_MAX];
    if (of_fd(fd, path) != 1) return sync_file(fd);
    uint64_t number = (uint64_t)getpid() << 32 | atomic_fetch_add(&syncs, 1);
    pthread_mutex_lock(&lock);
    note('s', path, number, NULL);
    pthread_mutex_unlock(&lock);
    int result = sync_file(fd), error = errno;
    if (!result) {
        pthread_mutex_lock(&lock);
        note('S', path, number, NULL);
        pthread_mutex_unlock(&lock);
    }
    errno = error;
    return result;
}
static int plain_fsync(int fd) {
    REAL(int, fsync, int);
    return real_fsync(fd);
}
static int plain_fdatasync(int fd) {
    REAL(int, fdatasync, int);
    return real_fdatasync(fd);
}
int fsync(int fd) { return recorded_sync(fd, plain_fsync); }
int fdatasync(int fd) { return recorded_sync(fd, plain_fdatasync); }
int syncfs(int fd) {
    REAL(int, syncfs, int);
    int result = real_syncfs(fd);
    if (!result && record_fd >= 0) note('Y', folder, 0, NULL);
    return result;
}
void sync(void) {
    REAL(void, sync, void);
    real_sync();
    if (record_fd >= 0) note('Y', folder, 0, NULL);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    REAL(void *, mmap64, void *, size_t, int, int, int, off_t);
    char path[PATH_MAX];
    if (fd >= 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED) && of_fd(fd, path) == 1)
        note('X', path, 0, "a writable shared mapping");
    return real_mmap64(address, length, protection, flags, fd, offset);
}
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    return mmap64(address, length, protection, flags, fd, offset);
}
