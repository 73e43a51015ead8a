/** Names of Mesa's and Google's implementations of Vulkan on the CPU. */
const SOFTWARE_DEVICE = /llvmpipe|lavapipe|swiftshader|softpipe/i;

export function isSoftwareDevice(name: string): boolean {
  return SOFTWARE_DEVICE.test(name);
}

/** Why these Vulkan devices are not used; undefined when they are. `softwareDevice`: a person asked for one. */
export function refuseDevices(names: readonly string[], softwareDevice: boolean): string | undefined {
  if (names.length === 0) return 'Vulkan is installed but names no device';
  const software = softwareDevice ? undefined : names.find(isSoftwareDevice);
  return software && `${software} is a software device; set GGML_VK_VISIBLE_DEVICES to use it all the same`;
}
