/**
 * An x86-64 processor in 64-bit mode, as far as a program of a process uses it. Addresses are those that 32 bits reach. The calling convention is that of System V:
 * arguments in RDI, RSI, RDX, RCX, R8 and R9, the result in RAX, return addresses on the stack.
 */
import type { WideBus } from '../memory-bus.ts';
import { BusError } from '../memory-bus.ts';
import { type Block, Kind, MAX_BLOCK, MAX_EXTRA_CYCLES, TranslatingCore } from '../translating-core.ts';
import { putWord, type Word, wordOf } from '../word.ts';
import { decode } from './decode.ts';
import { SIMPLE_X64, type X64Decoded, type X64Machine, type X64Timing, XmmRegisters } from './machine.ts';
import { push } from './operands.ts';
import { CYCLES, FIRST, NEXT, R8, RAX, RCX, RDI, RDX, RSI, RSP, STATE_SIZE } from './state.ts';

export interface X64CoreOptions {
  readonly timing?: X64Timing;
  /** Where the addresses for host functions begin: a range in which no code lies. */
  readonly hostBase?: number;
}

const ARGUMENTS = [RDI, RSI, RDX, RCX, R8, R8 + 2] as const;
/** A block that has run so often is worth the work of joining its handlers. */
const RUNS_TO_JOIN = 500;
/** System V Application Binary Interface, section 3.2.2. */
const RED_ZONE = 128;

export class X64Core extends TranslatingCore<Word> implements X64Machine {
  readonly timing: X64Timing;
  readonly xmm = new XmmRegisters();

  constructor(
    override readonly bus: WideBus,
    options: X64CoreOptions = {},
  ) {
    super(
      bus,
      { size: STATE_SIZE, next: NEXT, cycles: CYCLES, link: FIRST, stack: RSP, argument: RDI, redZone: RED_ZONE },
      options.hostBase ?? 0x70000000,
    );
    this.timing = options.timing ?? SIMPLE_X64;
  }

  protected override callable(address: number): number {
    return address;
  }
  protected override target(address: number): number {
    return address;
  }
  /** What goes wrong is left to whoever runs the core. */
  protected override takeFault(): boolean {
    return false;
  }

  protected override hostReturn(): number {
    return this.bus.read32(this.r[RSP]);
  }
  protected override leaveHost(): void {
    this.r[RSP] += 8;
  }
  protected override returnTo(address: number): void {
    // At the entry of a function the stack is at a multiple of sixteen but for the return address.
    this.r[RSP] &= ~15;
    push(this, address, 0);
  }
  protected override setArguments(args: readonly Word[]): void {
    for (let i = 0; i < args.length && i < ARGUMENTS.length; i++) putWord(this.r, ARGUMENTS[i], args[i]);
  }
  protected override result(): Word {
    return wordOf(this.r, RAX);
  }

  /** Argument `index` of a host function that was called, counted from 0. */
  argument(index: number): Word {
    if (index < ARGUMENTS.length) return wordOf(this.r, ARGUMENTS[index]);
    this.bus.readPair(this.r[RSP] + 8 * (index - ARGUMENTS.length + 1), this.r, FIRST);
    return wordOf(this.r, FIRST);
  }

  protected override translate(pc: number): Block {
    const decoded: X64Decoded[] = [];
    const addresses: number[] = [];
    let address = pc | 0;
    for (;;) {
      let next: X64Decoded;
      try {
        next = decode(this, address);
      } catch (failed) {
        // What cannot be fetched faults when execution gets there, not when it is decoded in advance.
        if (!(failed instanceof BusError) || decoded.length === 0) throw failed;
        break;
      }
      decoded.push(next);
      addresses.push(address);
      address = (address + next.size) | 0;
      if (next.kind === Kind.Branch || next.kind === Kind.Ends || decoded.length >= MAX_BLOCK) break;
    }
    addresses.push(address);
    return {
      start: pc | 0,
      ops: withoutUnseenFlags(decoded),
      cycles: Int32Array.from(decoded, ({ cycles }) => cycles),
      addresses: Int32Array.from(addresses),
      modes: new Uint8Array(decoded.length + 1),
      longest: decoded.reduce((sum, { cycles }) => sum + cycles + MAX_EXTRA_CYCLES, 0),
      valid: true,
      nextBlock: null,
      takenBlock: null,
      returnBlock: null,
      runsToJoin: RUNS_TO_JOIN,
      whole: null,
      allCycles: decoded.reduce((sum, { cycles }) => sum + cycles, 0),
    };
  }
}

/** The handlers of a block: those whose flags are replaced before anything looks at them do not compute any. */
function withoutUnseenFlags(decoded: readonly X64Decoded[]): (() => void)[] {
  const ops: (() => void)[] = [];
  let seen = true;
  for (let i = decoded.length - 1; i >= 0; i--) {
    const { run, quiet, setsFlags, readsFlags } = decoded[i];
    ops[i] = seen || quiet === undefined ? run : quiet;
    seen = readsFlags === true || (seen && setsFlags !== true);
  }
  return ops;
}
