import { describe, expect, it } from 'vitest';
import { Clock } from '../clock/clock.ts';
import { Trace } from '../trace/trace.ts';
import { createMachine } from './create-machine.ts';

/** Runs a program on a pyboard for at most so many ns, and to its second reset: what it prints, and what the pins did. */
function run(source: string, until = 2e9) {
  const clock = new Clock();
  const trace = new Trace(clock);
  const machine = createMachine(
    'dut',
    { board: 'pyboard-v1.1', program: { source: new TextEncoder().encode(source), fileName: 'main.py' } },
    { clock, trace, seed: 1, idle: time => clock.advanceTo(Math.min(time, clock.nextDue)) },
  );
  let output = '';
  machine.consoles.get('usb')!.onOutput(bytes => {
    output += String.fromCharCode(...bytes);
  });
  clock.at(until, () => machine.powerOff());
  const phases: string[] = [];
  machine.onChange(() => {
    const { phase } = machine.state();
    phases.push(phase);
    if (phases.filter(name => name === 'reset').length === 3) machine.powerOff();
  });
  machine.powerOn();
  machine.main();
  return { output, trace, clock, machine, phases };
}

const blink = (turns: number) => `
@micropython.asm_thumb
def blink():
    movwt(r0, 0x40020018)      # GPIOA.BSRR
    movwt(r1, 1 << 13)
    movwt(r2, 1 << 29)
    movwt(r3, ${turns})
    label(again)
    str(r1, [r0, 0])
    mov(r4, r3)
    label(lit)
    sub(r4, 1)
    bne(lit)
    str(r2, [r0, 0])
    mov(r4, r3)
    label(dark)
    sub(r4, 1)
    bne(dark)
    b(again)

blink()
`;

describe('machine code on a board', () => {
  it('writes registers at the virtual time of its own instructions', () => {
    // Half a period: a store, a move, and turns of 4 cycles but for the last, which takes 2; one branch a period.
    const { trace } = run(blink(1000), 50e6);
    const signal = trace.net('LED_RED');
    const { frequency, duty } = signal.statistics(10e6, 40e6);
    expect(frequency).toBeCloseTo(168e6 / (2 * (1 + 1 + 999 * 4 + 2) + 3), -1);
    expect(duty).toBeCloseTo(0.5, 2);
  });

  it('is left when the board loses its power', () => {
    const { clock, machine } = run(blink(1000), 50e6);
    expect(machine.state().phase).toBe('off');
    expect(clock.now - 50e6).toBeLessThan(100);
  });

  it('is interrupted between two instructions, with all its registers kept', () => {
    const { output } = run(`
import pyb
flag = bytearray(4)

@micropython.asm_thumb
def work(r0, r1, r2):
    mov(r3, 33)
    mov(r4, 44)
    vmov(s0, r3)
    movwt(r5, 0x40013c10)      # EXTI.SWIER
    str(r2, [r5, 0])
    label(again)
    ldr(r6, [r0, 0])
    cmp(r6, 0)
    beq(again)
    vmov(r5, s0)
    add(r0, r1, r2)
    add(r0, r0, r3)
    add(r0, r0, r4)
    add(r0, r0, r5)

@micropython.asm_thumb
def clobber(r0, r1, r2):
    mov(r3, 0)
    vmov(s0, r3)
    cmp(r3, 0)

@micropython.native
def callback(line):
    clobber(0, 0, 0)
    flag[0] = 1

pyb.ExtInt(pyb.Pin('X1'), pyb.ExtInt.IRQ_RISING, pyb.Pin.PULL_DOWN, callback)
print(work(flag, 1000, 1))
`);
    expect(output).toBe('1111\n');
  });

  it('holds interrupts back with PRIMASK, which the runtime sees too', () => {
    const { output } = run(`
import pyb
@micropython.asm_thumb
def mask():
    cpsid(i)
@micropython.asm_thumb
def masked():
    data(2, 0xf3ef, 0x8010)    # mrs r0, primask
@micropython.asm_thumb
def unmask():
    cpsie(i)

line = pyb.ExtInt(pyb.Pin('X3'), pyb.ExtInt.IRQ_RISING, pyb.Pin.PULL_DOWN, lambda line: print('taken', masked()))
print(masked())
mask()
line.swint()
print(masked())
unmask()
print(masked())
`);
    expect(output).toBe('0\n1\ntaken 0\n0\n');
  });

  it('resets the board when it touches what is not there', () => {
    const { phases } = run(`
@micropython.asm_thumb
def wild():
    movwt(r0, 0xc0000000)
    ldr(r0, [r0, 0])
wild()
`);
    expect(phases.filter(phase => phase === 'reset')).toHaveLength(3);
  });

  it('shows a fault with the registers of the instruction, after fault_debug', () => {
    const { output, machine } = run(`
import pyb
pyb.fault_debug(True)
@micropython.asm_thumb
def wild():
    mov(r1, 7)
    movwt(r0, 0xc0000000)
    cmp(r1, r1)
    ldr(r2, [r0, 4])
wild()
`);
    const lines = output.split('\r\n');
    expect(lines.slice(0, 5)).toEqual(['HardFault', 'R0    c0000000', 'R1    00000007', 'R2    00000000', 'R3    00000000']);
    expect(lines.slice(8, 14)).toEqual([
      expect.stringMatching(/^PC {4}2000/),
      'XPSR  61000000',
      'HFSR  40000000',
      'CFSR  00008200',
      'BFAR  c0000004',
      'Stack:',
    ]);
    expect(lines[14]).toMatch(/^ {2}2001f[0-9a-f]{3} {2}c0000000$/);
    expect(lines.at(-2)).toMatch(/^ {2}2001fffc {2}/);
    expect(machine.runnable).toBe(false);
  });
});
