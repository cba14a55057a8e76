#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUP "/sys/fs/cgroup/run"
#define PATIENCE_MS 2000

static void fail(int failure, int error) {
  if (write(failure, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

static void need(int ok, int failure) {
  if (!ok) fail(failure, errno ? errno : EIO);
}

static void number_to(const char *file, uint64_t number) {
  char path[64], text[32];
  snprintf(path, sizeof path, GROUP "/%s", file);
  snprintf(text, sizeof text, "%llu", (unsigned long long)number);
  write_text(path, text);
}

/* A small world: nothing of the machine's devices, switches or processes. */
static void make_world(const struct limits *limits, int has_way, int failure) {
  static const struct { const char *path; unsigned minor; } devices[] = {
      {"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/full", 7}, {"/dev/random", 8}, {"/dev/urandom", 9}};
  char options[96];
  unsigned long safe = MS_NOSUID | MS_NODEV;
  need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, failure);
  need(mount("dev", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") == 0, failure);
  umask(0);
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i += 1)
    need(mknod(devices[i].path, S_IFCHR | 0666, makedev(1, devices[i].minor)) == 0, failure);
  umask(022);
  need(symlink("/proc/self/fd", "/dev/fd") == 0 && symlink("/proc/self/fd/0", "/dev/stdin") == 0 &&
           symlink("/proc/self/fd/1", "/dev/stdout") == 0 && symlink("/proc/self/fd/2", "/dev/stderr") == 0,
       failure);
  need(mkdir("/dev/shm", 01777) == 0, failure);
  need(mount("shm", "/dev/shm", "tmpfs", safe | MS_NOEXEC, "mode=1777,size=1m,nr_inodes=1000") == 0, failure);
  need(mount(NULL, "/dev", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) == 0, failure);
  snprintf(options, sizeof options, "mode=1777,nr_inodes=10000,size=%llu",
           (unsigned long long)(limits->tmp_bytes / 4096 * 4096));
  need(mount("tmp", "/tmp", "tmpfs", safe | MS_NOEXEC, options) == 0, failure);
  need(mount("none", "/modules", "tmpfs", safe | MS_RDONLY, "size=4k") == 0, failure);
  if (has_way) {
    need(mount("run", "/run", "tmpfs", safe | MS_NOEXEC, "mode=0755,size=4k,nr_inodes=2") == 0, failure);
    need(mkdir(NETWORK_FOLDER, 0755) == 0, failure);
    need(mount(WAY_FOLDER, NETWORK_FOLDER, NULL, MS_BIND, NULL) == 0, failure);
    need(mount(NULL, NETWORK_FOLDER, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | safe, NULL) == 0, failure);
    need(mount(NULL, "/run", NULL, MS_REMOUNT | MS_RDONLY | safe | MS_NOEXEC, NULL) == 0, failure);
  }
  need(mount("none", WAY_FOLDER, "tmpfs", safe | MS_RDONLY, "size=4k") == 0, failure);
  need(umount2("/sys", MNT_DETACH) == 0, failure);
  need(mount("proc", "/proc", "proc", safe | MS_NOEXEC, NULL) == 0, failure);
  need(mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) == 0, failure);
  need(mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | safe | MS_NOEXEC, NULL) == 0, failure);
  need(sethostname("sandbox", 7) == 0, failure);
  /* Its own loopback, and no other interface. */
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  need(any >= 0 && ioctl(any, SIOCSIFFLAGS, &loopback) == 0, failure);
  close(any);
}

static void bound(int resource, uint64_t soft, uint64_t hard, int failure) {
  struct rlimit limit = {soft, hard};
  need(setrlimit(resource, &limit) == 0, failure);
}

static void give_up_power(const struct command *command, int failure) {
  const struct limits *l = &command->limits;
  /* The signal comes first, so that it can be told from a kill; who ignores it is killed a second later. */
  bound(RLIMIT_CPU, l->cpu_seconds, l->cpu_seconds + 1, failure);
  bound(RLIMIT_NOFILE, l->open_files, l->open_files, failure);
  bound(RLIMIT_FSIZE, l->file_bytes, l->file_bytes, failure);
  bound(RLIMIT_STACK, l->stack_bytes, l->stack_bytes, failure);
  bound(RLIMIT_CORE, 0, 0, failure);
  bound(RLIMIT_MEMLOCK, 65536, 65536, failure);
  bound(RLIMIT_MSGQUEUE, 0, 0, failure);
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability += 1)
    need(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, failure);
  need(setgroups(0, NULL) == 0 && setresgid(GUEST_ID, GUEST_ID, GUEST_ID) == 0 &&
           setresuid(GUEST_ID, GUEST_ID, GUEST_ID) == 0,
       failure);
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, failure);
  need(chdir("/workspace") == 0, failure);
  if (command->filter_bytes == 0) return;
  struct sock_fprog program = {.len = (unsigned short)(command->filter_bytes / 8),
                               .filter = (struct sock_filter *)(uintptr_t)command->filter};
  need(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0, failure);
}

/* Behind the program that leads to the proxy, what cannot be run would look like a program that fails. */
static int attempt(const struct command *command, const char *path) {
  struct stat stats;
  if (command->behind == command->argv) execve(path, command->argv, command->env);
  else if (stat(path, &stats) == 0 && !S_ISREG(stats.st_mode)) errno = EACCES;
  else if (access(path, X_OK) == 0) execve(command->argv[0], command->argv, command->env);
  return errno;
}

/* As execvpe, but what is no program is not given to a shell. */
static int execute(const struct command *command) {
  const char *name = command->behind[0], *path = "";
  if (strchr(name, '/')) return attempt(command, name);
  for (char **variable = command->env; *variable; variable += 1)
    if (strncmp(*variable, "PATH=", 5) == 0) path = *variable + 5;
  int error = ENOENT;
  while (*path) {
    size_t length = strcspn(path, ":");
    char full[4096];
    if ((size_t)snprintf(full, sizeof full, "%.*s/%s", (int)length, path, name) < sizeof full) {
      int why = attempt(command, full);
      if (why != ENOENT && why != ENOTDIR) error = why;
    }
    path += length + (path[length] == ':');
  }
  return error;
}

static uint64_t micros(const struct rusage *usage) {
  return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
         (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* The first process of the namespace: when it ends, the kernel ends all others. */
static void be_first(const struct command *command, int status, int failure) {
  /* It executes nothing, so that nothing is closed by itself: neither the other ends of the streams, nor the channel. */
  int low = status < failure ? status : failure, high = status < failure ? failure : status;
  need(close_range(3, (unsigned)low - 1, 0) == 0, failure);
  if (high > low + 1) need(close_range((unsigned)low + 1, (unsigned)high - 1, 0) == 0, failure);
  need(close_range((unsigned)high + 1, ~0u, 0) == 0, failure);
  write_text(GROUP "/cgroup.procs", "0");
  make_world(&command->limits, command->behind != command->argv, failure);
  pid_t child = fork();
  need(child >= 0, failure);
  if (child == 0) {
    setsid();
    signal(SIGPIPE, SIG_DFL);
    give_up_power(command, failure);
    fail(failure, execute(command));
  }
  close(failure);
  close(0), close(1), close(2);
  for (;;) {
    int ended;
    struct rusage usage;
    pid_t pid = wait4(-1, &ended, 0, &usage);
    if (pid != child) continue;
    struct report report = {ended, micros(&usage)};
    if (write(status, &report, sizeof report) < 0) _exit(1);
    _exit(0);
  }
}

int start_run(const struct command *command, struct run *run) {
  int in[2], out[2], err[2], status[2], failure[2];
  if (mkdir(GROUP, 0700) != 0) return errno;
  number_to("memory.max", command->limits.memory_bytes);
  number_to("memory.oom.group", 1);
  /* Besides the first process, which is ours, and those that lead to the proxy: one to stay, one to begin with. */
  number_to("pids.max", command->limits.processes + (command->behind == command->argv ? 1 : 3));
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) || pipe2(status, O_CLOEXEC) ||
      pipe2(failure, O_CLOEXEC))
    power_off("pipe");
  unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | SIGCHLD;
  pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
  if (pid < 0) power_off("clone");
  if (pid == 0) {
    if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0) _exit(1);
    be_first(command, status[1], failure[1]);
  }
  close(in[0]), close(out[1]), close(err[1]), close(status[1]), close(failure[1]);
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  *run = (struct run){pid, in[1], out[0], err[0], status[0], failure[0]};
  return 0;
}

void kill_run(void) {
  int file = open(GROUP "/cgroup.kill", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "1", 1) != 1) power_off("cgroup.kill");
  close(file);
}

uint32_t end_run(struct run *run) {
  kill_run();
  kill(run->first, SIGKILL);
  waitpid(run->first, NULL, 0);
  uint32_t left = 1;
  for (int waited = 0; waited < PATIENCE_MS && left; waited += 1) {
    left = (uint32_t)read_number(GROUP "/cgroup.events", "populated");
    if (left) usleep(1000);
  }
  if (run->input >= 0) close(run->input);
  close(run->status), close(run->failure);
  return left;
}
