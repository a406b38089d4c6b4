/** Jumps, calls and returns. */
import { Kind } from '../translating-core.ts';
import type { Instruction } from './instruction.ts';
import type { X64Decoded } from './machine.ts';
import { type Operand, pairOf, pop, push } from './operands.ts';
import { CYCLES, FIRST, NEXT, RSP } from './state.ts';
import { X64Trap } from './trap.ts';

function branch(i: Instruction, run: () => void, more: Partial<X64Decoded> = {}): X64Decoded {
  return i.done(run, { kind: Kind.Branch, cycles: 1 + i.machine.timing.refill, ...more });
}

export function jumpRelative(i: Instruction, offset: number): X64Decoded {
  const { r } = i.machine;
  const target = (i.next + offset) | 0;
  return branch(i, () => void (r[NEXT] = target));
}

export function conditionalJump(i: Instruction, holds: () => boolean, offset: number): X64Decoded {
  const { r, timing } = i.machine;
  const target = (i.next + offset) | 0;
  const { refill } = timing;
  const run = (): void => {
    if (!holds()) return;
    r[NEXT] = target;
    r[CYCLES] += refill;
  };
  return branch(i, run, { cycles: 1, readsFlags: true });
}

export function callRelative(i: Instruction, offset: number): X64Decoded {
  const { machine: m } = i;
  const back = i.next;
  const target = (back + offset) | 0;
  return branch(i, () => {
    push(m, back, 0);
    m.r[NEXT] = target;
  });
}

/** The address that a pair holds. */
function target(r: Int32Array, at: number): number {
  if (r[at + 1] !== 0) throw new X64Trap('address', [], r[at + 1] * 4294967296 + (r[at] >>> 0));
  return r[at];
}

export function callOperand(i: Instruction, operand: Operand): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const pair = pairOf(m, operand, FIRST);
  const back = i.next;
  return branch(i, () => {
    pair.load?.();
    const to = target(r, pair.index);
    push(m, back, 0);
    r[NEXT] = to;
  });
}

export function jumpOperand(i: Instruction, operand: Operand): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const pair = pairOf(m, operand, FIRST);
  return branch(i, () => {
    pair.load?.();
    r[NEXT] = target(r, pair.index);
  });
}

/** @param bytes of arguments that are taken from the stack too */
export function returnNear(i: Instruction, bytes: number): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  return branch(i, () => {
    pop(m, FIRST);
    r[RSP] += bytes;
    r[NEXT] = target(r, FIRST);
  });
}
