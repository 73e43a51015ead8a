import { createComposeStack } from './compose-stack.ts';
import { type Machine, openMachine } from './machine.ts';

export const BUILD_MS = 900_000;

/** A machine of the host user 1001 that has the images of this checkout. */
export async function openBuiltMachine(): Promise<Machine> {
  const machine = await openMachine(1001);
  const { code, output } = await createComposeStack(machine).compose(['build'], BUILD_MS);
  if (code !== 0) throw new Error(`the build ended with ${code}:\n${output.slice(-3000)}`);
  return machine;
}
