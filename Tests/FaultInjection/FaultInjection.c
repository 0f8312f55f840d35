/*
 * A library for LD_PRELOAD that makes single system calls of a program fail, stop short or wait, or kills the program
 * there.
 *
 * FAULT_RULES names a file of rules, one a line. It is read again whenever it changes, so that a test can change it
 * while the program runs, best by rename. FAULT_HITS names a file that records every hit before it takes effect: the
 * rule's name and what it hit, one a line. A rule is a list of key=value fields separated by tabs:
 *
 *     name=     the rule's name; a rule that stays in the file while others change keeps its count
 *     calls=    names of calls, separated by commas: create (open with O_CREAT), write (also pwrite, writev), read
 *               (pread alone), fsync, rename, unlink, mkdir, mkfifo, truncate, send, recv
 *     path=     a text in the path, or its prefix if it begins with ^; a rename is "from -> to", a socket
 *               "socket local:PORT peer:PORT ", a read "path from OFFSET "
 *     content=  a text in the data written or sent
 *     after=    only after the rule of that name was hit
 *     skip=     the number of hits to ignore first
 *     times=    the number of hits after which the rule is spent; by default it never is
 *     when=     before (the default) or after the call
 *     do=       note: only record the hit; kill the process; fail with the error number in arg; short: write only arg
 *               bytes; delay by arg milliseconds; hold until the rule is gone from the file: a call held before it is
 *               made is then subject to the rules in force
 *
 * The first matching rule counts. The library makes its own system calls directly, so they are not hit.
 *
 * One file over 250 lines, since the interposed calls share the rules and nothing of it may be exported.
 *
 * BUGS: calls that the C library makes internally, such as those of stdio, are not seen.
 */
#define _GNU_SOURCE
#include "FaultInjection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { RULES = 32, TEXT = 256 };

struct rule {
    char name[TEXT], calls[TEXT], path[TEXT], content[TEXT], after[TEXT], action[TEXT];
    long skip, times, argument;
    int is_after;
    long hits;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES];
static int count;
/* The version of the file that the rules were read from. */
static struct stat version;

/* The rules */

static void set_field(struct rule *rule, const char *key, const char *value) {
    struct { const char *key; char *text; } texts[] = {
        {"name", rule->name}, {"calls", rule->calls}, {"path", rule->path},
        {"content", rule->content}, {"after", rule->after}, {"do", rule->action},
    };
    struct { const char *key; long *number; } numbers[] = {
        {"skip", &rule->skip}, {"times", &rule->times}, {"arg", &rule->argument},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(key, texts[i].key) == 0) snprintf(texts[i].text, TEXT, "%s", value);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0) *numbers[i].number = atol(value);
    if (strcmp(key, "when") == 0) rule->is_after = strcmp(value, "after") == 0;
}

static void parse(char *text) {
    struct rule old[RULES];
    int old_count = count;
    memcpy(old, rules, sizeof rules);
    count = 0;
    char *line_state, *field_state;
    for (char *line = strtok_r(text, "\n", &line_state); line && count < RULES;
         line = strtok_r(NULL, "\n", &line_state)) {
        struct rule *rule = &rules[count++];
        memset(rule, 0, sizeof *rule);
        for (char *field = strtok_r(line, "\t", &field_state); field; field = strtok_r(NULL, "\t", &field_state)) {
            char *value = strchr(field, '=');
            if (!value) continue;
            *value = 0;
            set_field(rule, field, value + 1);
        }
        for (int i = 0; i < old_count; i++)
            if (strcmp(old[i].name, rule->name) == 0) rule->hits = old[i].hits;
    }
}

/* Call with the mutex held. */
static void refresh(void) {
    static char text[64 * 1024];
    const char *path = getenv("FAULT_RULES");
    struct stat now;
    if (!path) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) {
        count = 0;
        memset(&version, 0, sizeof version);
        return;
    }
    if (fstat(file, &now) == 0
        && (now.st_ino != version.st_ino || now.st_size != version.st_size
            || now.st_mtim.tv_sec != version.st_mtim.tv_sec || now.st_mtim.tv_nsec != version.st_mtim.tv_nsec)) {
        long length = syscall(SYS_read, file, text, sizeof text - 1);
        text[length > 0 ? length : 0] = 0;
        parse(text);
        version = now;
    }
    syscall(SYS_close, file);
}

static struct rule *named(const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(rules[i].name, name) == 0) return &rules[i];
    return NULL;
}

static int in_list(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ',') && (at[length] == 0 || at[length] == ',')) return 1;
    return 0;
}

static int fits(const struct rule *rule, const char *call, const char *path, const void *content, size_t length) {
    if (!in_list(rule->calls, call)) return 0;
    if (rule->path[0] == '^' ? strncmp(path, rule->path + 1, strlen(rule->path) - 1) : !strstr(path, rule->path))
        return 0;
    if (rule->content[0] && !(content && memmem(content, length, rule->content, strlen(rule->content)))) return 0;
    if (!rule->after[0]) return 1;
    const struct rule *first = named(rule->after);
    return first && first->hits > first->skip;
}

static void note(const char *name, const char *call, const char *path) {
    char line[2 * PATH_MAX];
    const char *file = getenv("FAULT_HITS");
    int length = snprintf(line, sizeof line, "%s\t%s\t%s\n", name, call, path);
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    int descriptor = file ? (int)syscall(SYS_openat, AT_FDCWD, file, flags, 0644) : -1;
    if (descriptor < 0) return;
    syscall(SYS_write, descriptor, line, length);
    syscall(SYS_close, descriptor);
}

static void pause_for(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    syscall(SYS_nanosleep, &time, NULL);
}

static int is_in_force(const char *name) {
    pthread_mutex_lock(&mutex);
    refresh();
    int result = named(name) != NULL;
    pthread_mutex_unlock(&mutex);
    return result;
}

static void act(const struct rule *rule) {
    if (strcmp(rule->action, "kill") == 0) {
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
        for (;;) pause_for(1000);
    }
    if (strcmp(rule->action, "delay") == 0) pause_for(rule->argument);
    if (strcmp(rule->action, "hold") == 0)
        while (is_in_force(rule->name)) pause_for(2);
}

/* The decision on one call. `limit` is the length of a short write, or -1; `error` is 0 if the call is to be made. */
struct verdict {
    struct rule rule;
    int has_rule;
    int error;
    long limit;
};

static struct verdict match(const char *call, const char *path, const void *content, size_t length) {
    struct verdict verdict = {.has_rule = 0, .error = 0, .limit = -1};
    pthread_mutex_lock(&mutex);
    refresh();
    for (int i = 0; i < count; i++) {
        struct rule *rule = &rules[i];
        if (!fits(rule, call, path, content, length)) continue;
        if (rule->times && rule->hits >= rule->skip + rule->times) continue;
        rule->hits++;
        if (rule->hits <= rule->skip) continue;
        verdict.has_rule = 1;
        verdict.rule = *rule;
        break;
    }
    pthread_mutex_unlock(&mutex);
    return verdict;
}

static struct verdict before(const char *call, const char *path, const void *content, size_t length) {
    int saved = errno;
    struct verdict verdict = match(call, path, content, length);
    while (verdict.has_rule && !verdict.rule.is_after) {
        note(verdict.rule.name, call, path);
        act(&verdict.rule);
        if (strcmp(verdict.rule.action, "fail") == 0) verdict.error = (int)verdict.rule.argument;
        if (strcmp(verdict.rule.action, "short") == 0) verdict.limit = verdict.rule.argument;
        if (strcmp(verdict.rule.action, "hold") != 0) break;
        verdict = match(call, path, content, length);
    }
    errno = saved;
    return verdict;
}

static void after(const struct verdict *verdict, const char *call, const char *path) {
    if (!verdict->has_rule || !verdict->rule.is_after) return;
    int saved = errno;
    note(verdict->rule.name, call, path);
    act(&verdict->rule);
    errno = saved;
}

/* The path of a descriptor; for a socket its two ports, which identify the peer. */
static void describe(int descriptor, char path[PATH_MAX]) {
    struct sockaddr_in local = {0}, peer = {0};
    socklen_t local_length = sizeof local, peer_length = sizeof peer;
    int saved = errno;
    if (getsockname(descriptor, (struct sockaddr *)&local, &local_length) == 0) {
        getpeername(descriptor, (struct sockaddr *)&peer, &peer_length);
        snprintf(path, PATH_MAX, "socket local:%d peer:%d ", ntohs(local.sin_port), ntohs(peer.sin_port));
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
        path[length > 0 ? length : 0] = 0;
    }
    errno = saved;
}

/* The calls */

#define CALL(result, name, path, content, length, expression)              \
    do {                                                                   \
        struct verdict verdict = before(name, path, content, length);      \
        if (verdict.error) {                                               \
            errno = verdict.error;                                         \
            return -1;                                                     \
        }                                                                  \
        result = (expression);                                             \
        after(&verdict, name, path);                                       \
    } while (0)

static size_t limited(const struct verdict *verdict, size_t length) {
    return verdict->limit >= 0 && (size_t)verdict->limit < length ? (size_t)verdict->limit : length;
}

static int open_with(int directory, const char *path, int flags, mode_t mode) {
    int result;
    if (!(flags & O_CREAT)) return (int)syscall(SYS_openat, directory, path, flags, mode);
    CALL(result, "create", path, NULL, 0, (int)syscall(SYS_openat, directory, path, flags, mode));
    return result;
}

static int takes_mode(int flags) { return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE; }

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = takes_mode(flags) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_with(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = takes_mode(flags) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_with(directory, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    char path[PATH_MAX];
    ssize_t result;
    describe(descriptor, path);
    CALL(result, "write", path, bytes, length,
         syscall(SYS_pwrite64, descriptor, bytes, limited(&verdict, length), offset));
    return result;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) __attribute__((alias("pwrite")));

ssize_t pread(int descriptor, void *bytes, size_t length, off_t offset) {
    char file[PATH_MAX], path[PATH_MAX + 32];
    ssize_t result;
    describe(descriptor, file);
    snprintf(path, sizeof path, "%s from %lld ", file, (long long)offset);
    CALL(result, "read", path, NULL, 0, syscall(SYS_pread64, descriptor, bytes, length, offset));
    return result;
}

ssize_t pread64(int descriptor, void *bytes, size_t length, off64_t offset) __attribute__((alias("pread")));

ssize_t write(int descriptor, const void *bytes, size_t length) {
    char path[PATH_MAX];
    ssize_t result;
    describe(descriptor, path);
    CALL(result, "write", path, bytes, length, syscall(SYS_write, descriptor, bytes, limited(&verdict, length)));
    return result;
}

/* Only the first buffer is examined. */
ssize_t writev(int descriptor, const struct iovec *pieces, int number) {
    char path[PATH_MAX];
    ssize_t result;
    describe(descriptor, path);
    CALL(result, "write", path, number > 0 ? pieces[0].iov_base : NULL, number > 0 ? pieces[0].iov_len : 0,
         syscall(SYS_writev, descriptor, pieces, number));
    return result;
}

int fsync(int descriptor) {
    char path[PATH_MAX];
    int result;
    describe(descriptor, path);
    CALL(result, "fsync", path, NULL, 0, (int)syscall(SYS_fsync, descriptor));
    return result;
}

int fdatasync(int descriptor) {
    char path[PATH_MAX];
    int result;
    describe(descriptor, path);
    CALL(result, "fsync", path, NULL, 0, (int)syscall(SYS_fdatasync, descriptor));
    return result;
}

int ftruncate(int descriptor, off_t length) {
    char path[PATH_MAX];
    int result;
    describe(descriptor, path);
    CALL(result, "truncate", path, NULL, 0, (int)syscall(SYS_ftruncate, descriptor, length));
    return result;
}

int rename(const char *from, const char *to) {
    char path[2 * PATH_MAX];
    int result;
    snprintf(path, sizeof path, "%s -> %s", from, to);
    CALL(result, "rename", path, NULL, 0, (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    return result;
}

int unlink(const char *path) {
    int result;
    CALL(result, "unlink", path, NULL, 0, (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0));
    return result;
}

int mkdir(const char *path, mode_t mode) {
    int result;
    CALL(result, "mkdir", path, NULL, 0, (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode));
    return result;
}

int mkfifo(const char *path, mode_t mode) {
    int result;
    CALL(result, "mkfifo", path, NULL, 0, (int)syscall(SYS_mknodat, AT_FDCWD, path, mode | S_IFIFO, 0));
    return result;
}

ssize_t send(int descriptor, const void *bytes, size_t length, int flags) {
    char path[PATH_MAX];
    ssize_t result;
    describe(descriptor, path);
    CALL(result, "send", path, bytes, length,
         syscall(SYS_sendto, descriptor, bytes, limited(&verdict, length), flags, NULL, 0));
    return result;
}

ssize_t recv(int descriptor, void *bytes, size_t length, int flags) {
    char path[PATH_MAX];
    ssize_t result;
    describe(descriptor, path);
    CALL(result, "recv", path, NULL, 0,
         syscall(SYS_recvfrom, descriptor, bytes, length, flags, NULL, NULL));
    return result;
}
