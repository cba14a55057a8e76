/** A machine to be. */
export interface QemuPlan {
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly memoryMib: number;
  readonly accelerator: "kvm" | "tcg";
  /** Descriptor that the agent is spoken to on. */
  readonly channelDescriptor: number;
}

/** No devices but those named here, no network, no display, no console, no firmware settings of the host's. */
export function qemuArguments(plan: QemuPlan): readonly string[] {
  const { kernelPath, initrdPath, memoryMib, accelerator, channelDescriptor } = plan;
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
    ["-chardev", `socket,id=agent,fd=${channelDescriptor}`],
    ["-device", "virtserialport,chardev=agent,name=symbiont.agent"],
    ["-kernel", kernelPath],
    ["-initrd", initrdPath],
    ["-append", "quiet reboot=t panic=-1 random.trust_cpu=on 8250.nr_uarts=0"],
  ].flat();
}
