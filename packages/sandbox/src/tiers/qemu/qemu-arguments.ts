/** A machine to be. */
export interface QemuPlan {
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly memoryMib: number;
  readonly accelerator: "kvm" | "tcg";
  /** Where the machine comes from: from its beginning, or as one of the same plan was saved; or it is to be saved. */
  readonly state: "fresh" | "saved" | "to save";
}

/** Descriptor that the agent is spoken to on. */
export const CHANNEL_DESCRIPTOR = 3;
/** Descriptor of the file that a saved machine comes from. */
const STATE_DESCRIPTOR = 4;
/** Descriptor that QEMU itself is spoken to on, when the state is to be saved. */
const MONITOR_DESCRIPTOR = 4;

/** No devices but those named here, no network, no display, no console, no firmware settings of the host's. */
export function qemuArguments(plan: QemuPlan): readonly string[] {
  const { kernelPath, initrdPath, memoryMib, accelerator, state } = plan;
  return [
    ["-nodefaults"],
    ["-no-user-config"],
    ["-no-reboot"],
    ["-display", "none"],
    ["-nic", "none"],
    ["-serial", "none"],
    ["-monitor", "none"],
    ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ["-machine", "q35,hpet=off,sata=off,usb=off,smbus=off,vmport=off,graphics=off"],
    ["-accel", accelerator],
    ["-cpu", accelerator === "kvm" ? "host" : "max"],
    ["-smp", "1"],
    ["-m", String(memoryMib)],
    ["-device", "virtio-serial-pci,max_ports=2"],
    ["-chardev", `socket,id=agent,fd=${CHANNEL_DESCRIPTOR}`],
    ["-device", "virtserialport,chardev=agent,name=symbiont.agent"],
    ["-kernel", kernelPath],
    ["-initrd", initrdPath],
    ["-append", "quiet reboot=t panic=-1 random.trust_cpu=on 8250.nr_uarts=0 init_on_free=1"],
    state === "saved" ? ["-incoming", `fd:${STATE_DESCRIPTOR}`] : [],
    state === "to save"
      ? ["-chardev", `socket,id=monitor,fd=${MONITOR_DESCRIPTOR}`, "-mon", "chardev=monitor,mode=control"]
      : [],
  ].flat();
}
