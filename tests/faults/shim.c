// tests/faults/shim.c -- makes the machine fail at a chosen system call; loaded by LD_PRELOAD, no hook in the product.
//
//   SIP2MAIL_FAULT=ACTION:CALL:N:PATH
//     ACTION  kill        SIGKILL to the process, before the call does anything
//             delay=MS    the call happens that much later
//             EIO, ENOSPC, EROFS, EMFILE, EAGAIN, ECONNRESET or a number: the call fails with it
//     CALL    open, write, pwrite, fdatasync, fsync, unlink, rename, sendto, or any
//     N       the n-th such call, from 1; "N+": that one and all that follow
//     PATH    part of the file's name (for a descriptor as /proc/self/fd says: "socket:" for sendto); may be empty
//
//   SIP2MAIL_FAULT=kill:fdatasync:3:queue.db-wal   dies before the third sync of the log
//   SIP2MAIL_FAULT=ENOSPC:write:1+:recordings/     no recording can be written
//
// Of the family of each call (open64, openat, pwrite64) the plain name stands for all. Any thread.
#undef _FORTIFY_SOURCE  // its inline functions would stand where ours must
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct {
  char action[32];
  char call[16];
  long nth;
  int onwards;
  char path[256];
} fault;
static atomic_long count;

__attribute__((constructor)) static void read_fault(void) {
  const char* text = getenv("SIP2MAIL_FAULT");
  char nth[16] = "";
  if (text == NULL) return;
  if (sscanf(text, "%31[^:]:%15[^:]:%15[^:]:%255[^\n]", fault.action, fault.call, nth, fault.path) < 3) {
    fprintf(stderr, "SIP2MAIL_FAULT is ACTION:CALL:N:PATH, not %s\n", text);
    abort();
  }
  fault.nth = strtol(nth, NULL, 10);
  fault.onwards = strchr(nth, '+') != NULL;
}

static int number_of(const char* name) {
  static const struct {
    const char* name;
    int number;
  } known[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EROFS", EROFS},
               {"EMFILE", EMFILE}, {"EAGAIN", EAGAIN}, {"ECONNRESET", ECONNRESET}};
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    if (strcmp(name, known[i].name) == 0) return known[i].number;
  }
  return atoi(name);
}

// 0: go on; else the call must fail, errno is set.
static int fails(const char* call, const char* path) {
  if (fault.nth == 0 || (strcmp(fault.call, "any") != 0 && strcmp(fault.call, call) != 0)) return 0;
  if (strstr(path, fault.path) == NULL) return 0;
  const long now = atomic_fetch_add(&count, 1) + 1;
  if (now != fault.nth && !(fault.onwards && now > fault.nth)) return 0;
  if (strcmp(fault.action, "kill") == 0) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  if (strncmp(fault.action, "delay=", 6) == 0) {
    const long milliseconds = strtol(fault.action + 6, NULL, 10);
    const struct timespec wait = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&wait, NULL);
    return 0;
  }
  errno = number_of(fault.action);
  return 1;
}

static int descriptor_fails(const char* call, int fd) {
  char link[64];
  char path[4096];
  if (fault.nth == 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  return fails(call, path);
}

// The function of that name that ours stands before.
#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                             \
  int name(const char* path, int flags, ...) {                 \
    va_list more;                                              \
    va_start(more, flags);                                     \
    const mode_t mode = va_arg(more, mode_t);                  \
    va_end(more);                                              \
    REAL(name);                                                \
    return fails("open", path) ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int openat(int directory, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  REAL(openat);
  return fails("open", path) ? -1 : real(directory, path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  REAL(write);
  return descriptor_fails("write", fd) ? -1 : real(fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  REAL(pwrite);
  return descriptor_fails("pwrite", fd) ? -1 : real(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  REAL(pwrite64);
  return descriptor_fails("pwrite", fd) ? -1 : real(fd, bytes, size, at);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return descriptor_fails("fdatasync", fd) ? -1 : real(fd);
}

int fsync(int fd) {
  REAL(fsync);
  return descriptor_fails("fsync", fd) ? -1 : real(fd);
}

int unlink(const char* path) {
  REAL(unlink);
  return fails("unlink", path) ? -1 : real(path);
}

int rename(const char* from, const char* to) {
  REAL(rename);
  return fails("rename", from) ? -1 : real(from, to);
}

ssize_t sendto(int fd, const void* bytes, size_t size, int flags, __CONST_SOCKADDR_ARG to, socklen_t length) {
  REAL(sendto);
  return descriptor_fails("sendto", fd) ? -1 : real(fd, bytes, size, flags, to, length);
}
