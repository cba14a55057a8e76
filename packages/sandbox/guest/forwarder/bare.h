/* What the programs of this folder share: system calls without a C library, so that they run in any image. */
#ifndef BARE_H
#define BARE_H
#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <stddef.h>
#include <stdint.h>

#define CLOEXEC 02000000
#define CANNOT_RUN 126
#define NOT_FOUND 127

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x29, #0\n mov x0, sp\n bl begin\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "no system calls for this processor"
#endif

#define CALL0(n) call(__NR_##n, 0, 0, 0, 0, 0, 0)
#define CALL1(n, a) call(__NR_##n, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) call(__NR_##n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) call(__NR_##n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(n, a, b, c, d, e) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL6(n, a, b, c, d, e, f) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static void leave(int code) {
  for (;;) CALL1(exit_group, code);
}

static size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length]) length += 1;
  return length;
}

static int is_passing(long result) {
  return result == -EAGAIN || result == -EINTR;
}

/* As execvpe. */
static void execute(char **argv, char **env) {
  const char *name = argv[0], *path = "";
  for (const char *letter = name; *letter; letter += 1)
    if (*letter == '/') {
      long error = CALL3(execve, name, argv, env);
      leave(error == -ENOENT ? NOT_FOUND : CANNOT_RUN);
    }
  for (char **variable = env; *variable; variable += 1) {
    const char *text = *variable;
    if (text[0] == 'P' && text[1] == 'A' && text[2] == 'T' && text[3] == 'H' && text[4] == '=') path = text + 5;
  }
  int code = NOT_FOUND;
  size_t name_length = length_of(name);
  while (*path) {
    char full[4096];
    size_t length = 0;
    while (path[length] && path[length] != ':') length += 1;
    if (length + name_length + 2 < sizeof full) {
      for (size_t index = 0; index < length; index += 1) full[index] = path[index];
      full[length] = '/';
      for (size_t index = 0; index <= name_length; index += 1) full[length + 1 + index] = name[index];
      long error = CALL3(execve, full, argv, env);
      if (error != -ENOENT && error != -ENOTDIR) code = CANNOT_RUN;
    }
    path += length + (path[length] == ':');
  }
  leave(code);
}

/* The compiler may call these. */
void *memset(void *to, int value, size_t count) {
  volatile uint8_t *byte = to;
  for (size_t index = 0; index < count; index += 1) byte[index] = (uint8_t)value;
  return to;
}
void *memcpy(void *to, const void *from, size_t count) {
  volatile uint8_t *target = to;
  for (size_t index = 0; index < count; index += 1) target[index] = ((const uint8_t *)from)[index];
  return to;
}
#endif
