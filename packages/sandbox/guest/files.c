#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_inside(const char *path, int flags) {
  int root = open("/workspace", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -1;
  struct open_how how = {
      .flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK),
      .mode = flags & O_CREAT ? 0600 : 0,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
  };
  int file = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  int error = errno;
  close(root);
  errno = error;
  return file;
}

static int plain(int file) {
  struct stat stats;
  if (fstat(file, &stats) == 0 && S_ISREG(stats.st_mode) && stats.st_nlink == 1) return 0;
  close(file);
  return EINVAL;
}

int open_for_reading(const char *path, int *file) {
  *file = open_inside(path, O_RDONLY);
  return *file < 0 ? errno : plain(*file);
}

int open_for_writing(const char *path, int *file) {
  char folder[256];
  if (strlen(path) >= sizeof folder) return ENAMETOOLONG;
  for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    char parent[256];
    size_t length = (size_t)(slash - path);
    memcpy(folder, path, length);
    folder[length] = 0;
    char *last = strrchr(folder, '/');
    size_t above = last ? (size_t)(last - folder) : 0;
    memcpy(parent, folder, above);
    parent[above] = 0;
    int at = open_inside(above ? parent : ".", O_RDONLY | O_DIRECTORY);
    if (at < 0) return errno;
    const char *name = last ? last + 1 : folder;
    if (mkdirat(at, name, 0700) == 0) {
      if (fchownat(at, name, GUEST_ID, GUEST_ID, AT_SYMLINK_NOFOLLOW) != 0) { close(at); return EIO; }
    } else if (errno != EEXIST) {
      int error = errno;
      close(at);
      return error;
    }
    close(at);
  }
  *file = open_inside(path, O_WRONLY | O_CREAT);
  if (*file < 0) return errno;
  int error = plain(*file);
  if (error) return error;
  if (fchown(*file, GUEST_ID, GUEST_ID) == 0 && ftruncate(*file, 0) == 0) return 0;
  error = errno;
  close(*file);
  return error;
}
