#include <errno.h>
#include <linux/keyctl.h>
#include <linux/memfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <wchar.h>

/* prctl(2) is variadic: Swift does not see it. */
static inline int CLinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

/* These change the calling thread only. glibc's functions of these names change every thread (nptl(7)). */
static inline int CLinux_thread_unshare_fs(void) { return (int)syscall(SYS_unshare, 0x200 /* CLONE_FS */); }
static inline int CLinux_thread_setgroups(unsigned long count, const unsigned int *groups) {
    return (int)syscall(SYS_setgroups, count, groups);
}
static inline int CLinux_thread_setgid(unsigned int group) {
    return (int)syscall(SYS_setresgid, group, group, group);
}
static inline int CLinux_thread_setuid(unsigned int user) { return (int)syscall(SYS_setresuid, user, user, user); }

/* Whether the kernel's clock is synchronised (adjtimex(2), used read-only): 1, 0, or -1 with errno. */
static inline int CLinux_clock_is_synchronised(void) {
    struct timex state = {.modes = 0};
    if (adjtimex(&state) < 0) return -1;
    return (state.status & STA_UNSYNC) == 0;
}

/* The file system type, from linux/magic.h (statfs(2)); -1 with errno. */
static inline long CLinux_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)(unsigned int)status.f_type : -1;
}

/* wchar.h declares it for X/Open programs alone. */
extern int wcwidth(wchar_t character);

/* The columns of a character in the thread's locale; -1 for one that is not shown. */
static inline int CLinux_wcwidth(unsigned int character) { return wcwidth((wchar_t)character); }

/* A new file in memory (memfd_create(2)), close-on-exec; -1 with errno. 8 is MFD_NOEXEC_SEAL, never executable, which
 * kernels before 6.3 do not know, and which later ones may ask for (vm.memfd_noexec). */
static inline int CLinux_memory_file(const char *name) {
    int file = (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING | 8);
    if (file >= 0 || errno != EINVAL) return file;
    return (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/* Keeps a file in memory as it is for ever; -1 with errno. fcntl(2)'s F_ADD_SEALS, and all four F_SEAL_ of content and
 * seals, which glibc has with _GNU_SOURCE alone. */
static inline int CLinux_seal(int file) { return (int)syscall(SYS_fcntl, file, 1033, 0x1 | 0x2 | 0x4 | 0x8); }

/* The user's keyring of the kernel: add_key(2) and keyctl(2), which glibc does not wrap. -1 with errno. */
static inline int CLinux_keyring_add(const char *name, const void *bytes, unsigned long count) {
    return (int)syscall(SYS_add_key, "user", name, bytes, count, KEY_SPEC_USER_KEYRING);
}
static inline int CLinux_keyring_find(const char *name) {
    return (int)syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", name, 0);
}
/* The number of bytes that the key has. */
static inline long CLinux_keyring_read(int key, void *buffer, unsigned long count) {
    return syscall(SYS_keyctl, KEYCTL_READ, key, buffer, count);
}
static inline int CLinux_keyring_restrict(int key, unsigned int seconds, unsigned int permissions) {
    if (syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, seconds) < 0) return -1;
    return (int)syscall(SYS_keyctl, KEYCTL_SETPERM, key, permissions);
}
static inline int CLinux_keyring_remove(int key) {
    return (int)syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING);
}
/* The calling thread possesses what is in the user's keyring from now on. */
static inline int CLinux_keyring_possess(void) {
    return (int)syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
}
/* The calling thread gets a new session, in which nothing leads to the user's keyring. */
static inline int CLinux_keyring_leave_session(void) {
    return (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, (void *)0);
}
