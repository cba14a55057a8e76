/** System call numbers of one processor family. */
export interface SyscallTable {
  /** `AUDIT_ARCH_*` */
  readonly auditArch: number;
  readonly numbers: {
    readonly clone: number;
    readonly clone3: number;
    readonly socket: number;
    /** Refused whatever their arguments. */
    readonly denied: readonly number[];
  };
}

/**
 * By the names that Node has for processors. Refused are: unshare, setns; mount, umount2, pivot_root, chroot and the
 * calls of the new mount interface; ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd; keyctl, add_key,
 * request_key; bpf, perf_event_open, userfaultfd; io_uring_setup, io_uring_enter, io_uring_register; init_module,
 * finit_module, delete_module, kexec_load, kexec_file_load, reboot, swapon, swapoff, acct, quotactl, settimeofday,
 * clock_settime, adjtimex, clock_adjtime, sethostname, setdomainname, syslog, open_by_handle_at, name_to_handle_at,
 * lookup_dcookie, nfsservctl, iopl, ioperm, personality, vmsplice, fanotify_init, move_pages, mbind, migrate_pages.
 *
 * @see https://github.com/torvalds/linux/blob/master/arch/x86/entry/syscalls/syscall_64.tbl
 * @see https://github.com/torvalds/linux/blob/master/include/uapi/asm-generic/unistd.h
 */
export const SYSCALLS: Readonly<Record<string, SyscallTable>> = {
  x64: {
    auditArch: 0xc000_003e,
    numbers: {
      clone: 56,
      clone3: 435,
      socket: 41,
      denied: [
        272, 308, 165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 101, 310, 311, 312, 438, 250, 248,
        249, 321, 298, 323, 425, 426, 427, 175, 313, 176, 246, 320, 169, 167, 168, 163, 179, 164, 227, 159,
        305, 170, 171, 103, 304, 303, 212, 180, 172, 173, 135, 278, 300, 279, 237, 256,
      ],
    },
  },
  arm64: {
    auditArch: 0xc000_00b7,
    numbers: {
      clone: 220,
      clone3: 435,
      socket: 198,
      denied: [
        97, 268, 40, 39, 41, 51, 428, 429, 430, 431, 432, 433, 442, 117, 270, 271, 272, 438, 219, 217, 218,
        280, 241, 282, 425, 426, 427, 105, 273, 106, 104, 294, 142, 224, 225, 89, 60, 170, 112, 171, 266, 161,
        162, 116, 265, 264, 18, 42, 92, 75, 262, 239, 235, 238,
      ],
    },
  },
};
