/** A block device whose methods are the guest's: written in Python, or a built-in object with the same methods (extmod/vfs_blockdev.c). */
import { arrayOfBytes } from '../../objects/array.ts';
import { type BlockDevice, type BlockResult, IOCTL_BLOCK_COUNT, IOCTL_SYNC } from '../../storage/block-device.ts';
import { loadMethod, loadMethodMaybe } from '../../vm/attributes.ts';
import { callMethodRef } from '../../vm/call.ts';
import { toInt } from '../../vm/operators.ts';
import type { Value } from '../../vm/value.ts';
import { MethodRef } from '../../vm/value.ts';

function method(device: Value, name: string): MethodRef | undefined {
  const ref = new MethodRef();
  loadMethodMaybe(device, name, ref);
  return ref.member === undefined ? undefined : ref;
}

function requiredMethod(device: Value, name: string): MethodRef {
  const ref = new MethodRef();
  loadMethod(device, name, ref);
  return ref;
}

/** Passes the filesystem's own memory, so that a device fills it in place. */
function transfer(ref: MethodRef, block: number, bytes: Uint8Array, offset: number | undefined): BlockResult {
  const args: Value[] = [block, arrayOfBytes(bytes)];
  if (offset !== undefined) args.push(offset);
  const result = callMethodRef(ref, args);
  return result === null || typeof result === 'boolean' ? result : toInt(result);
}

/**
 * Adapts a guest's object; raises AttributeError when it lacks a method that every device has. Without `ioctl` it is of the old
 * kind, with `count` and perhaps `sync`.
 */
export function guestBlockDevice(device: Value): BlockDevice {
  const read = requiredMethod(device, 'readblocks');
  const write = method(device, 'writeblocks');
  const ioctl = method(device, 'ioctl');
  const count = ioctl === undefined ? requiredMethod(device, 'count') : undefined;
  const sync = ioctl === undefined ? method(device, 'sync') : undefined;

  const oldAnswer = (operation: number): Value => {
    if (operation === IOCTL_SYNC && sync !== undefined) callMethodRef(sync, []);
    return operation === IOCTL_BLOCK_COUNT ? callMethodRef(count!, []) : null;
  };
  return {
    readBlocks: (block, into, offset) => transfer(read, block, into, offset),
    writeBlocks: write === undefined ? undefined : (block, data, offset) => transfer(write, block, data, offset),
    ioctl(operation, argument, mustAnswer) {
      const answer = ioctl === undefined ? oldAnswer(operation) : callMethodRef(ioctl, [operation, argument]);
      return answer === null && !mustAnswer ? null : toInt(answer);
    },
  };
}
