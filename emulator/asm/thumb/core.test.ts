import { beforeEach, describe, expect, it } from 'vitest';
import { FlatMemory } from '../memory-bus.ts';
import { ThumbCore } from './core.ts';
import { CFSR_IBUSERR, CFSR_INVSTATE, CFSR_PRECISERR, CFSR_UNALIGNED, CFSR_UNDEFINSTR } from './fault.ts';
import { SP } from './state.ts';

const BASE = 0x20000000;
let memory: FlatMemory;
let core: ThumbCore;

beforeEach(() => {
  memory = new FlatMemory(BASE, 0x10000);
  core = new ThumbCore(memory);
  core.r[SP] = BASE + 0xff00;
});

/** Writes half-words at an address and gives the address with its Thumb bit. */
function code(address: number, ...halfwords: number[]): number {
  halfwords.forEach((h, i) => {
    memory.write16(address + 2 * i, h);
  });
  return address + 1;
}

/** Calls a function that is expected to stop in some other way than by returning. */
function stopOf(address: number, ...args: number[]): string {
  let reason = '';
  try {
    core.call(address, args, 1000, r => {
      reason = r;
      throw new Error('stopped');
    });
  } catch {}
  return reason;
}

const neverStops = (reason: string): never => {
  throw new Error(`stopped: ${reason} ${JSON.stringify(core.fault)}`);
};

describe('calls', () => {
  it('pass arguments in r0 to r3 and give r0 back', () => {
    const sum = code(BASE, 0x1840, 0x1880, 0x18c0, 0x4770); // adds r0,r0,r1; adds r0,r0,r2; adds r0,r0,r3; bx lr
    expect(core.call(sum, [1, 20, 300, 4000], 1000, neverStops)).toBe(4321);
  });

  it('reach functions of the host, which may call machine code again', () => {
    const double = code(BASE + 0x100, 0x1800, 0x4770); // adds r0,r0,r0; bx lr
    const host = core.addHostFunction(() => {
      core.r[0] = core.call(double, [core.r[0] + 1], 1000, neverStops) + 1000;
    });
    const main = code(BASE, 0xb510, 0x4788, 0x3001, 0xbd10); // push {r4,lr}; blx r1; adds r0,#1; pop {r4,pc}
    expect(core.call(main, [20, host], 1000, neverStops)).toBe(1043);
  });

  it('let what a host function throws through, and go on where onThrow says', () => {
    const host = core.addHostFunction(() => {
      throw new RangeError('from the host');
    });
    const main = code(BASE, 0xb510, 0x4780, 0x2005, 0xbd10); // push; blx r0; movs r0,#5; pop
    expect(() => core.call(main, [host], 1000, neverStops)).toThrow('from the host');
    core.onThrow = thrown => {
      expect(thrown).toBeInstanceOf(RangeError);
      core.pc = BASE + 4;
      return true;
    };
    expect(core.call(main, [host], 1000, neverStops)).toBe(5);
  });
});

describe('stopping', () => {
  it('happens at the first instruction that uses up the budget, and goes on from there', () => {
    const endless = code(BASE, 0x3001, 0xe7fd); // adds r0,#1; b .-2
    core.pc = endless - 1;
    core.r[0] = 0;
    for (let i = 0; i < 50; i++) expect(core.run(1)).toBe('budget');
    // One cycle for the addition, three for the branch, each of which is a run of its own.
    expect(core.r[0]).toBe(25);
    expect(core.cycles).toBe(25 * 4);
  });

  it('inside an IT block keeps its state', () => {
    code(BASE, 0xbf0c, 0x2101, 0x2102, 0xbe00); // ite eq; moveq r1,#1; movne r1,#2; bkpt
    core.pc = BASE;
    core.r[0] = 0;
    core.r.fill(0, 16, 20); // Z set
    expect(core.run(1)).toBe('budget');
    expect(core.run(1)).toBe('budget');
    expect(core.mode).not.toBe(0);
    expect(core.run(100)).toBe('bkpt');
    expect(core.r[1]).toBe(1);
  });

  it('is asked for by a device in the middle of a block', () => {
    code(BASE, 0x6001, 0x3201, 0x3201, 0xbe07); // str r1,[r0]; adds r2,#1; adds r2,#1; bkpt 7
    const write = memory.write32.bind(memory);
    memory.write32 = (address, value) => {
      write(address, value);
      core.requestStop('stopped');
    };
    core.pc = BASE;
    core.r[0] = BASE + 0x800;
    expect(core.run(100)).toBe('stopped');
    expect(core.pc).toBe(BASE + 2);
    expect(core.r[2]).toBe(0);
    expect(core.run(100)).toBe('bkpt');
    expect(core.stopDetail).toBe(7);
    expect(core.r[2]).toBe(2);
  });

  it('tells waiting and system calls apart', () => {
    expect(stopOf(code(BASE, 0xbf30, 0x4770))).toBe('wfi');
    expect(stopOf(code(BASE + 0x40, 0xdf2a, 0x4770))).toBe('svc');
    expect(core.stopDetail).toBe(0x2a);
  });
});

describe('code that is written anew', () => {
  it('is decoded anew', () => {
    const answer = code(BASE, 0x2001, 0x4770); // movs r0,#1; bx lr
    expect(core.call(answer, [], 1000, neverStops)).toBe(1);
    memory.write8(BASE, 7);
    expect(core.call(answer, [], 1000, neverStops)).toBe(7);
  });

  it('may be written by itself', () => {
    // ldr r1,=movs r0,#9; strh r1,[pc+..]; isb; movs r0,#1; bx lr
    const self = code(BASE, 0x4b03, 0x8019, 0xf3bf, 0x8f6f, 0x2001, 0x4770, 0xbf00, 0xbf00, (BASE + 8) & 0xffff, (BASE + 8) >>> 16);
    expect(core.call(self, [0, 0x2009], 1000, neverStops)).toBe(9);
  });
});

describe('faults', () => {
  it('report a wild access with the registers as the processor stacks them', () => {
    const load = code(BASE, 0x2305, 0x6802, 0x4770); // movs r3,#5; ldr r2,[r0]; bx lr
    expect(stopOf(load, 0xdead0000, 0x11)).toBe('fault');
    const fault = core.fault!;
    expect(fault).toMatchObject({
      hfsr: 0x40000000,
      cfsr: 0x8200,
      bfar: 0xdead0000,
      pc: BASE + 2,
      r0: 0xdead0000,
      r1: 0x11,
      r3: 5,
    });
    expect(fault.cfsr & CFSR_PRECISERR).not.toBe(0);
    expect(fault.sp).toBe(BASE + 0xff00 - 0x20);
    expect(memory.read32(fault.sp) >>> 0).toBe(0xdead0000);
    expect(memory.read32(fault.sp + 24) >>> 0).toBe(BASE + 2);
    expect(fault.xpsr & 0x01000000).not.toBe(0);
  });

  it('come from undefined instructions, wrong state, missing code and unaligned transfers', () => {
    expect(stopOf(code(BASE, 0xde00))).toBe('fault');
    expect(core.fault!.cfsr).toBe(CFSR_UNDEFINSTR);
    expect(stopOf(code(BASE + 0x40, 0x4700), 0x20000080)).toBe('fault'); // bx r0 with an even address
    expect(core.fault!.cfsr).toBe(CFSR_INVSTATE);
    expect(core.fault!.pc).toBe(0x20000080);
    expect(stopOf(code(BASE + 0x80, 0x4700), 0x30000001)).toBe('fault');
    expect(core.fault!.cfsr).toBe(CFSR_IBUSERR);
    expect(core.fault!.pc).toBe(0x30000000);
    expect(stopOf(code(BASE + 0xc0, 0xc806), BASE + 2)).toBe('fault'); // ldmia r0!,{r1,r2}
    expect(core.fault!.cfsr).toBe(CFSR_UNALIGNED);
  });

  it('strike when execution gets there, not when code is decoded in advance', () => {
    const last = memory.base + memory.size - 2;
    expect(stopOf(code(last, 0x2003))).toBe('fault');
    expect(core.r[0]).toBe(3);
    expect(core.fault!.pc).toBe(memory.base + memory.size);
  });
});

describe('cycles', () => {
  /** Cycles between two points of a straight program. */
  function cyclesOf(...halfwords: number[]): number {
    code(BASE, ...halfwords, 0xbe00);
    core.invalidate();
    core.pc = BASE;
    core.r[0] = BASE + 0x1000;
    const before = core.cycles;
    core.run(100_000);
    return core.cycles - before - 1;
  }

  it('are those of the Cortex-M4 manual', () => {
    expect(cyclesOf(0x2101)).toBe(1); // movs
    expect(cyclesOf(0x6801)).toBe(2); // ldr
    expect(cyclesOf(0x6801, 0x6842)).toBe(3); // two loads overlap
    expect(cyclesOf(0x6001)).toBe(1); // str
    expect(cyclesOf(0xe7ff)).toBe(3); // b to the next instruction: one and a refill of two
    expect(cyclesOf(0xb40f, 0xbc0f)).toBe(10); // push, pop of four
    expect(cyclesOf(0xee80, 0x0a00)).toBe(14); // vdiv.f32
    expect(cyclesOf(0xf04f, 0x0100)).toBe(1); // mov.w
  });

  it('of a division depend on the operands', () => {
    core.r[1] = 1000000;
    core.r[2] = 3;
    const long = cyclesOf(0xfbb1, 0xf3f2);
    core.r[1] = 3;
    core.r[2] = 1000000;
    const short = cyclesOf(0xfbb1, 0xf3f2);
    expect(short).toBe(2);
    expect(long).toBeGreaterThan(short);
    expect(long).toBeLessThanOrEqual(12);
  });
});
