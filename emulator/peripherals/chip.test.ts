import { describe, expect, it } from 'vitest';
import { pybliteV10 } from '../../boards/pyblite-v1.0.ts';
import { pyboardV11 } from '../../boards/pyboard-v1.1.ts';
import { Level } from '../trace/level.ts';
import { BusFault } from './address-space.ts';
import { PinMode, PinPull } from './gpio.ts';
import { ResetFlag } from './rcc.ts';
import { chipOnBench } from './test-bench.ts';

const GPIOA = 0x4002_0000;
const GPIOB = 0x4002_0400;
const RCC = 0x4002_3800;

describe('GPIO', () => {
  it('is the same net and trace whether a driver or mem32 sets it up', () => {
    const byDriver = chipOnBench();
    const x1 = byDriver.chip.pin('X1');
    x1.configure({ mode: PinMode.OUTPUT });
    byDriver.clock.advanceTo(1000);
    x1.set(1);
    byDriver.clock.advanceTo(2000);
    x1.set(0);

    const byRegister = chipOnBench();
    const { space } = byRegister.chip;
    space.write32(GPIOA, (space.read32(GPIOA) & ~3) | 1);
    byRegister.clock.advanceTo(1000);
    space.write32(GPIOA + 0x18, 1);
    byRegister.clock.advanceTo(2000);
    space.write16(GPIOA + 0x1a, 1);

    expect(byRegister.trace.net('X1').edges()).toEqual(byDriver.trace.net('X1').edges());
    expect(byDriver.trace.net('A0').edges()).toEqual([
      { time: 1000, bit: 1 },
      { time: 2000, bit: 0 },
    ]);
    expect(space.read32(GPIOA)).toBe(byDriver.chip.space.read32(GPIOA));
  });

  it('reads what is on the net, not what was written', () => {
    const { chip } = chipOnBench();
    const x1 = chip.pin('X1');
    x1.configure({ mode: PinMode.OUTPUT, openDrain: true, pull: PinPull.UP, latch: 1 });
    expect(x1.terminal.level).toBe(Level.PULLED_HIGH);
    const other = chip.netlist.terminal('outside');
    chip.netlist.connect(x1.terminal, other);
    other.setDrive(0);
    expect(chip.space.read32(GPIOA + 0x10) & 1).toBe(0);
    expect(chip.space.read32(GPIOA + 0x14) & 1).toBe(1);
  });

  it('answers to bit-banding', () => {
    const { chip } = chipOnBench();
    chip.pin('X1').configure({ mode: PinMode.OUTPUT });
    const alias = 0x4200_0000 + (GPIOA + 0x14 - 0x4000_0000) * 32;
    chip.space.write32(alias, 1);
    expect(chip.pin('X1').bit).toBe(1);
    expect(chip.space.read32(alias)).toBe(1);
  });

  it('keeps a locked pin as it is', () => {
    const { chip } = chipOnBench();
    const { space } = chip;
    chip.pin('X1').configure({ mode: PinMode.OUTPUT });
    for (const key of [0x1_0001, 0x0001, 0x1_0001]) space.write32(GPIOA + 0x1c, key);
    expect(space.read32(GPIOA + 0x1c)).toBe(0x1_0001);
    const before = space.read32(GPIOA);
    space.write32(GPIOA, before & ~3);
    expect(space.read32(GPIOA)).toBe(before);
  });

  it('is deaf while RCC gives it no clock', () => {
    const { chip } = chipOnBench();
    chip.rcc.enable('GPIOB', false);
    chip.space.write32(GPIOB + 0x14, 1);
    expect(chip.space.read32(GPIOB)).toBe(0);
    chip.rcc.enable('GPIOB');
    expect(chip.space.read32(GPIOB + 0x14)).toBe(0);
  });

  it('has the debug port on its pins after reset', () => {
    const { chip } = chipOnBench();
    expect(chip.space.read32(GPIOA)).toBe(0xa800_0000);
    expect(chip.pin('LED_RED').mode).toBe(PinMode.ALTERNATE);
  });
});

describe('external interrupts', () => {
  it('take an edge of the chosen pin to a handler, with the latency of exception entry', () => {
    const { chip, clock, announced } = chipOnBench();
    const pin = chip.pin('X17');
    pin.configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    chip.exti.configure(3, { port: 1, rising: false, falling: true, interrupt: true });
    const irq = chip.irq('EXTI3');
    const taken: number[] = [];
    chip.nvic.setHandler(irq, () => {
      taken.push(clock.now);
      chip.exti.clear(3);
    });
    chip.nvic.enable(irq, 14);
    const button = chip.netlist.terminal('button');
    chip.netlist.connect(button, pin.terminal);
    clock.at(1000, () => button.setDrive(0));
    chip.elapse(5000);
    expect(announced).toEqual([irq]);
    expect(taken).toEqual([1000 + Math.round((12 / 168) * 1000)]);
    expect(chip.space.read32(0x4001_3c14)).toBe(0);
  });

  it('come again as long as the handler does not clear the flag', () => {
    const { chip } = chipOnBench();
    const irq = chip.irq('EXTI0');
    chip.exti.configure(0, { port: 0, rising: true, falling: false, interrupt: true });
    let runs = 0;
    chip.nvic.setHandler(irq, () => {
      if (++runs === 3) chip.exti.clear(0);
    });
    chip.nvic.enable(irq, 14);
    chip.exti.trigger(0);
    chip.nvic.dispatch();
    expect(runs).toBe(3);
  });

  it('nest by priority and wait while masked', () => {
    const { chip } = chipOnBench();
    const order: string[] = [];
    const [low, high] = [chip.irq('EXTI0'), chip.irq('EXTI1')];
    chip.nvic.setHandler(low, () => {
      order.push('low begins');
      chip.nvic.pend(high);
      chip.nvic.dispatch();
      order.push('low ends');
    });
    chip.nvic.setHandler(high, () => {
      order.push('high');
      chip.nvic.pend(low);
      chip.nvic.dispatch();
      order.push('high ends');
      chip.nvic.clearPending(low);
    });
    chip.nvic.enable(low, 14);
    chip.nvic.enable(high, 2);
    chip.nvic.setPrimask(true);
    chip.nvic.pend(low);
    chip.nvic.dispatch();
    expect(order).toEqual([]);
    chip.nvic.setPrimask(false);
    chip.nvic.dispatch();
    expect(order).toEqual(['low begins', 'high', 'high ends', 'low ends']);
  });
});

describe('address space', () => {
  it('faults where nothing answers and where registers are not aligned', () => {
    const { chip } = chipOnBench();
    expect(() => chip.space.read32(0x6000_0000)).toThrow(BusFault);
    expect(() => chip.space.read32(0x6000_0000)).toThrow('unmapped 32-bit read at 0x60000000');
    expect(() => chip.space.write32(0x2002_0000, 0)).toThrow('unmapped 32-bit write at 0x20020000');
    expect(() => chip.space.read32(GPIOA + 2)).toThrow('unaligned');
  });

  it('has every peripheral of the chip data at its address', () => {
    for (const { hardware } of [pyboardV11, pybliteV10]) {
      const { chip } = chipOnBench(hardware!);
      for (const [name, { base }] of Object.entries(chip.data.peripherals)) {
        chip.rcc.enable(name);
        const { kind } = chip.data.peripherals[name];
        if (['sdio', 'usb-otg', 'i2s-ext'].includes(kind)) expect(() => chip.space.read32(base)).toThrow(`${name}: its register`);
        else expect(chip.space.read32(base), name).toBeTypeOf('number');
      }
    }
  });

  it('holds RAM at any alignment, flash at its two addresses, and the factory data', () => {
    const { chip } = chipOnBench();
    const { space } = chip;
    space.write32(0x2000_0101, 0x1234_5678);
    expect(space.read8(0x2000_0102)).toBe(0x56);
    expect(space.read32(0x1000_fffc)).toBe(0);
    space.write32(0x0800_0000, 0);
    expect(space.read32(0x0800_0000)).toBe(0xffff_ffff);
    expect(space.read32(0)).toBe(0xffff_ffff);
    expect(space.read16(0x1fff_7a22)).toBe(1024);
    expect(space.read8(0x1fff_7a10)).toBe(0x3a);
    expect(space.read32(0xe004_2000)).toBe(0x1003_6413);
  });
});

describe('clock tree', () => {
  it('runs the pyboard at 168 MHz with the buses and timers that follow', () => {
    const { chip } = chipOnBench();
    expect(chip.rcc.frequencies).toMatchObject({
      sysclk: 168e6,
      hclk: 168e6,
      pclk1: 42e6,
      pclk2: 84e6,
      timer1: 84e6,
      timer2: 168e6,
      pll48: 48e6,
    });
    expect(chip.space.read32(RCC + 8) & 0xf).toBe(0xa);
  });

  it('runs the pyboard lite at 96 MHz', () => {
    const { chip } = chipOnBench(pybliteV10.hardware!);
    expect(chip.rcc.frequencies).toMatchObject({ hclk: 96e6, pclk1: 24e6, pclk2: 48e6, timer1: 48e6, timer2: 96e6, pll48: 48e6 });
  });

  it('can be set by registers alone, oscillators ready only after their start-up time', () => {
    const { chip, clock } = chipOnBench();
    const { space } = chip;
    space.write32(RCC + 8, 0); // SYSCLK from HSI
    expect(chip.rcc.frequencies.hclk).toBe(16e6);
    space.write32(RCC, 0x1_0081); // PLL off
    space.write32(RCC + 4, 12 | (192 << 6) | (1 << 16) | (1 << 22) | (4 << 24));
    space.write32(RCC, 0x101_0081);
    expect(space.read32(RCC) & 0x200_0000).toBe(0);
    clock.advanceTo(clock.now + 1_000_000);
    expect(space.read32(RCC) & 0x200_0000).not.toBe(0);
    space.write32(RCC + 8, 2 | (4 << 10));
    expect(chip.rcc.frequencies).toMatchObject({ sysclk: 48e6, pclk1: 24e6, pclk2: 48e6, timer1: 48e6 });
  });

  it('keeps counting cycles through a change of frequency', () => {
    const { chip, clock } = chipOnBench();
    clock.advanceTo(1_000_000);
    expect(chip.cycles.count).toBe(168_000);
    chip.space.write32(RCC + 8, 0);
    clock.advanceTo(2_000_000);
    expect(chip.cycles.count).toBe(168_000 + 16_000);
    expect(chip.systick.readRegister(4)).toBe(167_999);
  });

  it('says why it was reset until the flags are cleared', () => {
    const { chip } = chipOnBench();
    expect(chip.rcc.resetFlags & ResetFlag.POWER_ON).not.toBe(0);
    chip.rcc.clearResetFlags();
    chip.reset(ResetFlag.SOFTWARE);
    expect(chip.space.read32(RCC + 0x74) >>> 24).toBe(0b0001_0100);
    chip.space.write32(RCC + 0x74, 1 << 24);
    expect(chip.space.read32(RCC + 0x74) >>> 24).toBe(0);
  });

  it('asks for a reset when a program writes AIRCR with its key', () => {
    const { chip, resets } = chipOnBench();
    chip.space.write32(0xe000_ed0c, 4);
    expect(resets).toEqual([]);
    chip.space.write32(0xe000_ed0c, 0x05fa_0004);
    expect(resets).toEqual([ResetFlag.SOFTWARE]);
  });
});

describe('SysTick and the cycle counter', () => {
  it('count CPU cycles down and up', () => {
    const { chip, clock } = chipOnBench();
    const { space } = chip;
    clock.advanceTo(250_000);
    expect(space.read32(0xe000_e018)).toBe(168_000 - 42_000);
    expect(space.read32(0xe000_e010) & 0x1_0000).toBe(0);
    clock.advanceTo(1_000_000);
    expect(space.read32(0xe000_e010) & 0x1_0000).not.toBe(0);
    expect(space.read32(0xe000_e010) & 0x1_0000).toBe(0);
    space.write32(0xe000_1000, 1);
    space.write32(0xe000_1004, 0);
    clock.advanceTo(1_001_000);
    expect(space.read32(0xe000_1004)).toBe(168);
  });
});
