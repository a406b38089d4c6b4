import { describe, expect, it } from 'vitest';
import { BusError, FlatMemory } from '../memory-bus.ts';
import type { StopReason } from '../translating-core.ts';
import { wordOf } from '../word.ts';
import { X64Core } from './core.ts';
import { RAX, RDI, RSP } from './state.ts';
import { X64Trap } from './trap.ts';

const BASE = 0x20000000;
const CODE = BASE + 0x1000;

/** A core with code at 0x20001000 and its stack below. */
function machine(...code: readonly number[]): {
  core: X64Core;
  memory: FlatMemory;
  call: (...args: (number | bigint)[]) => number | bigint;
} {
  const memory = new FlatMemory(BASE, 0x4000);
  memory.bytes.set(code, CODE - BASE);
  const core = new X64Core(memory);
  core.r[RSP] = CODE;
  const neverStops = (reason: StopReason): number => {
    throw new Error(`stopped: ${reason}`);
  };
  return { core, memory, call: (...args) => core.call(CODE, args, 100_000, neverStops) };
}

// scripts/cores/compare-x64.mjs compares every instruction with a real processor.

describe('the x86-64 core', () => {
  it('takes arguments and gives results of 64 bits', () => {
    // lea rax, [rdi+rsi]; ret
    const { call } = machine(0x48, 0x8d, 0x04, 0x37, 0xc3);
    expect(call(1, 2)).toBe(3);
    expect(call(-5, 2)).toBe(-3);
    expect(call(2 ** 40, 2 ** 40)).toBe(2 ** 41);
    expect(call(0x7fffffffffffffffn, 1)).toBe(-0x8000000000000000n);
  });

  it('clears the upper half of a register whose lower half is written', () => {
    // mov rax, rdi; inc eax; ret
    const { call } = machine(0x48, 0x89, 0xf8, 0xff, 0xc0, 0xc3);
    expect(call(-1)).toBe(0);
    expect(call(2 ** 40)).toBe(1);
  });

  it('carries from half to half, with the flags of the whole', () => {
    // add rdi, rsi; setc al; seto ah; movzx eax, ax; ret
    const { call } = machine(0x48, 0x01, 0xf7, 0x0f, 0x92, 0xc0, 0x0f, 0x90, 0xc4, 0x0f, 0xb7, 0xc0, 0xc3);
    expect(call(-1, 1)).toBe(1);
    expect(call(0xffffffff, 1)).toBe(0);
    expect(call(0x7fffffffffffffffn, 1)).toBe(0x100);
    expect(call(-0x8000000000000000n, -1)).toBe(0x101);
  });

  it('computes flags that are looked at in another block', () => {
    // cmp rdi, rsi; jmp +0; setl al; movzx eax, al; ret
    const { call } = machine(0x48, 0x39, 0xf7, 0xeb, 0x00, 0x0f, 0x9c, 0xc0, 0x0f, 0xb6, 0xc0, 0xc3);
    expect(call(-1, 1)).toBe(1);
    expect(call(1, -1)).toBe(0);
  });

  it('calls functions of the host, with the stack as they expect it', () => {
    // push rbx; mov rbx, rdi; call rsi; add rax, rbx; pop rbx; ret
    const { core, call } = machine(0x53, 0x48, 0x89, 0xfb, 0xff, 0xd6, 0x48, 0x01, 0xd8, 0x5b, 0xc3);
    const aligned: number[] = [];
    const host = core.addHostFunction(() => {
      aligned.push(core.r[RSP] & 15);
      core.r[RAX] = core.r[RDI] * 10;
      core.r[RAX + 1] = 0;
    });
    expect(call(7, host)).toBe(77);
    expect(aligned).toEqual([8]);
  });

  it('gives its cycles back to the host in a loop without end', () => {
    const { core } = machine(0xeb, 0xfe);
    let slices = 0;
    const giveUp = (reason: StopReason): number => {
      expect(reason).toBe('budget');
      if (++slices === 3) throw new Error('enough');
      return 1000;
    };
    expect(() => core.call(CODE, [], 1000, giveUp)).toThrow('enough');
    expect(core.cycles).toBeGreaterThanOrEqual(3000);
    expect(core.cycles).toBeLessThan(3100);
  });

  it('runs code that was changed after it had run', () => {
    // mov eax, 1; ret
    const { memory, call } = machine(0xb8, 1, 0, 0, 0, 0xc3);
    expect(call()).toBe(1);
    memory.write8(CODE + 1, 2);
    expect(call()).toBe(2);
  });

  it.each([
    ['an instruction that is not modelled', [0x0f, 0xa2], 'undefined'],
    ['a division by zero', [0x31, 0xff, 0x48, 0xf7, 0xff], 'divide'],
    ['a breakpoint', [0xcc], 'breakpoint'],
  ])('traps on %s', (_what, code, kind) => {
    const { call } = machine(...code);
    let trap: unknown;
    try {
      call();
    } catch (thrown) {
      trap = thrown;
    }
    expect(trap).toBeInstanceOf(X64Trap);
    expect((trap as X64Trap).kind).toBe(kind);
  });

  it('reads nothing where nothing is, and nothing beyond 32 bits', () => {
    // mov rax, [rdi]; ret
    const { call } = machine(0x48, 0x8b, 0x07, 0xc3);
    const thrown = (address: number | bigint): unknown => {
      try {
        return call(address);
      } catch (error) {
        return error;
      }
    };
    expect(thrown(0)).toBeInstanceOf(BusError);
    expect(thrown(2 ** 40)).toBeInstanceOf(X64Trap);
    expect(thrown(-8)).toBeInstanceOf(X64Trap);
  });

  it('has integers of 64 bits as numbers where these are exact', () => {
    expect(wordOf(Int32Array.of(-1, 0), 0)).toBe(0xffffffff);
    expect(wordOf(Int32Array.of(0, 0x200000), 0)).toBe(2n ** 53n);
    expect(wordOf(Int32Array.of(0, -0x200000), 0)).toBe(-(2 ** 53));
  });
});
