type Method = (...args: never[]) => Promise<unknown>;
export type Guard = <T>(call: () => Promise<T>) => Promise<T>;

/** The same object with every method's call passed through `guard`. */
export function guardCalls<T extends { readonly [K in keyof T]: Method }>(target: T, guard: Guard): T {
  const guarded = Object.entries<Method>(target as Record<string, Method>).map(([name, method]) => [
    name,
    (...args: never[]) => guard(() => method(...args)),
  ]);
  return Object.fromEntries(guarded) as T;
}
