#include "agent.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VSOCK_PORT 5005
#define PORT_NAME "symbiont.agent"
#define PATIENCE_STEPS 2000

void power_off(const char *why) {
  if (why) fprintf(stderr, "agent: %s: %s\n", why, strerror(errno));
  sync();
  syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, NULL);
  _exit(1);
}

void write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0) power_off(path);
  close(file);
}

uint64_t read_number(const char *path, const char *name) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  char word[64];
  unsigned long long number = 0, found = 0;
  if (!name) {
    if (fscanf(file, "%llu", &found) != 1) found = 0;
  } else
    while (fscanf(file, "%63s %llu", word, &number) == 2)
      if (strcmp(word, name) == 0) found = number;
  fclose(file);
  return found;
}

static void mount_at(const char *type, const char *path, unsigned long flags, const char *options) {
  if (mount(type, path, type, flags, options) != 0) power_off(path);
}

/* Modules in the order in which /modules/list names them; which of them fit the machine, the kernel finds out. */
static void load_modules(void) {
  FILE *list = fopen("/modules/list", "re");
  if (!list) return;
  char name[128], path[160];
  while (fscanf(list, "%127s", name) == 1) {
    snprintf(path, sizeof path, "/modules/%s", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) power_off(path);
    if (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST)
      fprintf(stderr, "agent: %s: %s\n", path, strerror(errno));
    close(file);
  }
  fclose(list);
}

void set_up_world(void) {
  mount_at("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount_at("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount_at("devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=0755");
  mount_at("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  load_modules();
  if (mkdir("/run", 0755) != 0 && errno != EEXIST) power_off("/run");
  if (mkdir(WAY_FOLDER, 0755) != 0 && errno != EEXIST) power_off(WAY_FOLDER);
  if (mount("way", WAY_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=256k,nr_inodes=8") != 0)
    power_off(WAY_FOLDER);
  /* The kernel brings it, and nobody needs it. */
  rmdir("/root");
  write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids");
  /* Nothing that goes wrong in the kernel may hold the machine: it ends, and the host sees that. */
  write_text("/proc/sys/kernel/panic", "-1");
  write_text("/proc/sys/kernel/panic_on_oops", "1");
  write_text("/proc/sys/kernel/printk", "0 0 0 0");
  write_text("/proc/sys/kernel/modules_disabled", "1");
  write_text("/proc/sys/kernel/core_pattern", "");
}

int mount_workspace(uint64_t bytes) {
  char options[160];
  snprintf(options, sizeof options, "size=%llu,nr_inodes=10000,uid=%d,gid=%d,mode=0700",
           (unsigned long long)(bytes / 4096 * 4096), GUEST_ID, GUEST_ID);
  if (mount("workspace", "/workspace", "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) return errno;
  /* From now on nothing is to write but that and what a run is given. */
  return mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0 ? 0 : errno;
}

void add_entropy(const uint8_t *bytes, size_t length) {
  struct {
    struct rand_pool_info info;
    uint8_t bytes[64];
  } pool;
  if (length > sizeof pool.bytes) length = sizeof pool.bytes;
  pool.info.entropy_count = (int)length * 8;
  pool.info.buf_size = (int)length;
  memcpy(pool.info.buf, bytes, length);
  int file = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  /* The second call has the kernel use it at once: a copy of this machine has the same state. */
  if (file < 0 || ioctl(file, RNDADDENTROPY, &pool) != 0 || ioctl(file, RNDRESEEDCRNG) != 0) power_off("entropy");
  close(file);
}

static int open_port(void) {
  DIR *folder = opendir("/sys/class/virtio-ports");
  if (!folder) return -1;
  int port = -1;
  for (struct dirent *entry; port < 0 && (entry = readdir(folder));) {
    char path[512], name[64] = "";
    snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
    FILE *file = fopen(path, "re");
    if (!file) continue;
    if (fscanf(file, "%63s", name) == 1 && strcmp(name, PORT_NAME) == 0) {
      snprintf(path, sizeof path, "/dev/%s", entry->d_name);
      port = open(path, O_RDWR | O_CLOEXEC);
    }
    fclose(file);
  }
  closedir(folder);
  return port;
}

/* Takes one connection, from the host: no other machine can reach it, and no run is let near this family. */
static int accept_host(int server) {
  struct sockaddr_vm from;
  socklen_t length = sizeof from;
  int peer = accept4(server, (struct sockaddr *)&from, &length, SOCK_CLOEXEC);
  if (peer >= 0 && from.svm_cid == VMADDR_CID_HOST) return peer;
  if (peer >= 0) close(peer);
  return -1;
}

int open_channel(void) {
  int server = -1;
  for (int step = 0; step < PATIENCE_STEPS; step += 1) {
    int port = open_port();
    if (port >= 0) return port;
    if (server < 0 && access("/sys/bus/virtio/drivers/vmw_vsock_virtio_transport", F_OK) == 0) {
      struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_port = VSOCK_PORT, .svm_cid = VMADDR_CID_ANY};
      server = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (server >= 0 && (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 1) != 0)) {
        close(server);
        server = -1;
      }
    }
    int peer = server < 0 ? -1 : accept_host(server);
    if (peer >= 0) {
      close(server);
      return peer;
    }
    usleep(step < 100 ? 1000 : 5000);
  }
  return -1;
}
