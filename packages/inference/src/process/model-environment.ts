/**
 * What of the service's environment the process of a model gets: the variables that the loader and the drivers of GPUs read,
 * among them those that choose a device or say where compiled programs are kept. Secrets of the service are not passed on.
 */
export function modelEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
}

const SYSTEM = 'PATH|HOME|TMPDIR|LANG|LC_|LD_|TZ$|XDG_|NODE_COMPILE_CACHE$';
const VULKAN = 'VK_|__VK_|GGML_|DISABLE_LAYER_';
const MESA = 'MESA_|DRI_PRIME$|RADV_|ANV_|NVK_|AMD_VULKAN_ICD$|INTEL_DEBUG$';
const NVIDIA = 'NVIDIA_|__GL_|__NV_|__EGL_';
const PASSED_ON = new RegExp(`^(?:${[SYSTEM, VULKAN, MESA, NVIDIA].join('|')})`);
