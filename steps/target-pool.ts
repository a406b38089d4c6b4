/** The targets in use: one of each kind for a test run, since what they keep (threads, connections) is costly to make. */
import { createTarget } from '../targets/index.ts';
import type { Target, TargetOptions } from '../targets/target.ts';

export const defaultTarget = 'emulator';

const inUse = new Map<string, Target>();

/** The target of that name, made now if it is new. @throws UnknownTargetError */
export function targetOf(name: string = defaultTarget, options: TargetOptions = {}): Target {
  const key = `${name} ${options.wallLimit ?? ''}`;
  let target = inUse.get(key);
  if (target === undefined) {
    target = createTarget(name, options);
    inUse.set(key, target);
  }
  return target;
}

export async function closeTargets(): Promise<void> {
  const targets = [...inUse.values()];
  inUse.clear();
  await Promise.all(targets.map(target => target.close()));
}
