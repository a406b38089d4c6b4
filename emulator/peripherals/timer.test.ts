import { describe, expect, it } from 'vitest';
import { PinMode } from './gpio.ts';
import { chipOnBench } from './test-bench.ts';
import { Cr1, TimerRegister as R, TimerFlag } from './timer.ts';

/** X1 is PA0: TIM2_CH1 at AF1, TIM5_CH1 at AF2. */
function timerOnX1(number = 2, alternate = 1) {
  const bench = chipOnBench();
  bench.chip.rcc.enable(`TIM${number}`);
  bench.chip.pin('X1').configure({ mode: PinMode.ALTERNATE, alternate });
  return { ...bench, timer: bench.chip.timer(number), x1: bench.chip.pin('X1') };
}

function pwm(number: number, psc: number, arr: number, ccr: number, ccmr = 0x68) {
  const bench = timerOnX1(number, number === 2 ? 1 : 2);
  const { timer } = bench;
  timer.writeRegister(R.PSC, psc);
  timer.writeRegister(R.ARR, arr);
  timer.writeRegister(R.CCR1, ccr);
  timer.writeRegister(R.EGR, 1);
  timer.writeRegister(R.CCMR1, ccmr);
  timer.writeRegister(R.CCER, 1);
  timer.writeRegister(R.CR1, Cr1.CEN | Cr1.ARPE);
  return bench;
}

describe('counter', () => {
  it('counts the APB1 timer clock through the prescaler', () => {
    const { timer, clock } = timerOnX1();
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CR1, Cr1.CEN);
    clock.advanceTo(clock.now + 123_456_789);
    expect(timer.readRegister(R.CNT)).toBe(123_456);
  });

  it('keeps exact time over an hour', () => {
    const { timer, clock } = timerOnX1(3);
    timer.writeRegister(R.PSC, 8399);
    timer.writeRegister(R.ARR, 9999);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CR1, Cr1.CEN);
    clock.advanceTo(3_600_000_000_000);
    expect(timer.readRegister(R.CNT)).toBe(0);
    clock.advanceTo(3_600_000_000_000 + 500_000_000);
    expect(timer.readRegister(R.CNT)).toBe(5000);
  });

  it('counts down, and up and down', () => {
    const { timer, clock } = timerOnX1(3);
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.ARR, 9);
    timer.writeRegister(R.CR1, Cr1.DIR);
    timer.writeRegister(R.EGR, 1);
    const sample = (count: number) =>
      Array.from({ length: count }, () => {
        const value = timer.readRegister(R.CNT);
        clock.advanceTo(clock.now + 1000);
        return value;
      });
    timer.writeRegister(R.CR1, Cr1.DIR | Cr1.CEN);
    expect(sample(12)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 8]);
    timer.writeRegister(R.CR1, 0);
    timer.writeRegister(R.CR1, 0x60);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CR1, 0x60 | Cr1.CEN);
    expect(sample(22)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3]);
    expect(timer.readRegister(R.CR1) & Cr1.DIR).toBe(0);
  });

  it('schedules nothing while nobody waits', () => {
    const { timer, clock } = timerOnX1();
    timer.writeRegister(R.CR1, Cr1.CEN);
    expect(clock.nextDue).toBe(Infinity);
  });

  it('goes round the whole range when ARR is put below its value', () => {
    const { timer, clock } = timerOnX1(3);
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.CNT, 100);
    timer.writeRegister(R.ARR, 50);
    timer.writeRegister(R.EGR, 0);
    timer.writeRegister(R.CR1, Cr1.CEN);
    expect(timer.readRegister(R.CNT)).toBe(100);
    clock.advanceTo(clock.now + 10_000);
    // the prescaler takes effect at the first update only
    expect(timer.readRegister(R.CNT)).toBe(100 + 840);
  });
});

describe('update', () => {
  it('interrupts each period until the handler is taken away, on the grid of the counter', () => {
    const { chip, timer, clock } = timerOnX1(4);
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.ARR, 99);
    timer.writeRegister(R.EGR, 1);
    timer.clearFlags(TimerFlag.UPDATE);
    const times: number[] = [];
    chip.nvic.setHandler(chip.irq('TIM4'), () => {
      times.push(clock.now);
      timer.clearFlags(TimerFlag.UPDATE);
    });
    chip.nvic.enable(chip.irq('TIM4'), 13);
    timer.writeRegister(R.DIER, TimerFlag.UPDATE);
    timer.writeRegister(R.CR1, Cr1.CEN);
    chip.elapse(1_000_000);
    expect(times).toHaveLength(10);
    expect(times[9] - times[0]).toBe(900_000);
    expect(times[0]).toBe(100_000 + 71);
  });

  it('sets its flag without an event, found when it is read', () => {
    const { timer, clock } = timerOnX1(3);
    timer.writeRegister(R.ARR, 83);
    timer.writeRegister(R.EGR, 1);
    timer.clearFlags(TimerFlag.UPDATE);
    timer.writeRegister(R.CR1, Cr1.CEN);
    clock.advanceTo(clock.now + 999);
    expect(timer.readRegister(R.SR) & 1).toBe(0);
    clock.advanceTo(clock.now + 1);
    expect(timer.readRegister(R.SR) & 1).toBe(1);
  });

  it('comes once in RCR + 1 overflows', () => {
    const { chip, timer, clock } = timerOnX1(1);
    timer.writeRegister(R.PSC, 167);
    timer.writeRegister(R.ARR, 9);
    timer.writeRegister(R.RCR, 3);
    timer.writeRegister(R.EGR, 1);
    timer.clearFlags(TimerFlag.UPDATE);
    timer.writeRegister(R.DIER, 1);
    const times: number[] = [];
    chip.nvic.setHandler(chip.irq('TIM1_UP_TIM10'), () => {
      times.push(clock.now - 71);
      timer.clearFlags(1);
    });
    chip.nvic.enable(chip.irq('TIM1_UP_TIM10'), 13);
    timer.writeRegister(R.CR1, Cr1.CEN);
    chip.elapse(100_000);
    expect(times).toEqual([40_000, 80_000]);
  });

  it('stops a timer in one-pulse mode', () => {
    const { timer, clock } = timerOnX1(3);
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.ARR, 99);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CR1, Cr1.CEN | Cr1.OPM);
    clock.advanceTo(clock.now + 1_000_000);
    expect(timer.readRegister(R.CR1) & Cr1.CEN).toBe(0);
    expect(timer.readRegister(R.CNT)).toBe(0);
  });
});

describe('PWM', () => {
  it('has frequency and duty cycle, and costs no event', () => {
    const { clock, trace } = pwm(2, 83, 999, 250);
    expect(clock.nextDue).toBe(Infinity);
    clock.advanceTo(10_000_000);
    expect(trace.net('X1').statistics(0, 10_000_000)).toMatchObject({ frequency: 1000, duty: 0.25 });
  });

  it('runs at 1 MHz for an hour at no cost', () => {
    const { clock, trace } = pwm(5, 0, 83, 21);
    clock.advanceTo(3_600_000_000_000);
    expect(trace.net('X1').statistics(3_599_999_000_000, 3_600_000_000_000)).toMatchObject({ frequency: 1e6, duty: 0.25 });
  });

  it('takes a new pulse width at the end of the period, when preloaded', () => {
    const { clock, trace, timer } = pwm(2, 83, 999, 250);
    clock.advanceTo(2_100_000);
    timer.writeRegister(R.CCR1, 750);
    clock.advanceTo(5_000_000);
    const widths = trace.net('X1').pulses(500_000, 5_000_000, 1);
    expect(widths.map(pulse => pulse.end - pulse.start)).toEqual([250_000, 250_000, 750_000, 750_000]);
    expect(clock.nextDue).toBe(Infinity);
  });

  it('takes it at once when not preloaded', () => {
    const { clock, trace, timer } = pwm(2, 83, 999, 250, 0x60);
    clock.advanceTo(2_100_000);
    timer.writeRegister(R.CCR1, 750);
    clock.advanceTo(3_000_000);
    expect(trace.net('X1').pulses(1_500_000, 3_000_000, 1)).toEqual([{ start: 2_000_000, end: 2_750_000, bit: 1 }]);
  });

  it('stays low at 0 and high beyond ARR', () => {
    const low = pwm(2, 83, 999, 0);
    low.clock.advanceTo(5_000_000);
    expect(low.trace.net('X1').edges()).toEqual([]);
    expect(low.x1.bit).toBe(0);
    const high = pwm(2, 83, 999, 1000);
    high.clock.advanceTo(5_000_000);
    expect(high.x1.bit).toBe(1);
    expect(high.trace.net('X1').edges(1)).toEqual([]);
  });

  it('is inverted by PWM mode 2 and by polarity', () => {
    const mode2 = pwm(2, 83, 999, 250, 0x78);
    mode2.clock.advanceTo(10_000_000);
    expect(mode2.trace.net('X1').statistics(0, 10_000_000).duty).toBe(0.75);
    const polarity = pwm(2, 83, 999, 250);
    polarity.timer.writeRegister(R.CCER, 3);
    polarity.clock.advanceTo(10_000_000);
    expect(polarity.trace.net('X1').statistics(1_000_000, 10_000_000).duty).toBe(0.75);
  });

  it('is symmetric when centre-aligned', () => {
    const { timer, clock, trace } = timerOnX1(5, 2);
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.ARR, 100);
    timer.writeRegister(R.CCR1, 30);
    timer.writeRegister(R.CCMR1, 0x60);
    timer.writeRegister(R.CCER, 1);
    timer.writeRegister(R.CR1, 0x60);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CR1, 0x60 | Cr1.CEN);
    clock.advanceTo(1_000_000);
    expect(trace.net('X1').edges(0, 400_000)).toEqual([
      { time: 30_000, bit: 0 },
      { time: 170_000, bit: 1 },
      { time: 230_000, bit: 0 },
      { time: 370_000, bit: 1 },
    ]);
  });

  it('changes its frequency with the bus clock', () => {
    const { chip, clock, trace } = pwm(2, 83, 999, 250);
    clock.advanceTo(5_000_000);
    chip.rcc.runFromPll({ m: 12, n: 168, p: 2, q: 7 }, { ahb: 1, apb1: 4, apb2: 2 });
    clock.advanceTo(20_000_000);
    expect(trace.net('X1').statistics(6_000_000, 20_000_000).frequency).toBe(500);
  });

  it('drives no pin whose alternate function is another', () => {
    const { chip, clock, trace, x1 } = pwm(2, 83, 999, 250);
    clock.advanceTo(2_500_000);
    x1.configure({ mode: PinMode.INPUT });
    clock.advanceTo(5_000_000);
    expect(trace.net('X1').edges(2_500_000)).toEqual([]);
    chip.pin('LED_YELLOW').configure({ mode: PinMode.ALTERNATE, alternate: 1 });
    clock.advanceTo(10_000_000);
    expect(trace.net('LED_YELLOW').statistics(5_000_000, 10_000_000).duty).toBe(0.25);
  });
});

describe('output compare', () => {
  it('toggles at each match', () => {
    const { timer, clock, trace } = pwm(2, 83, 999, 400, 0x30);
    clock.advanceTo(4_000_000);
    expect(
      trace
        .net('X1')
        .edges()
        .map(edge => edge.time),
    ).toEqual([400_000, 1_400_000, 2_400_000, 3_400_000]);
    timer.writeRegister(R.CCR1, 100);
    clock.advanceTo(6_000_000);
    expect(trace.net('X1').edges(4_000_000)).toEqual([
      { time: 4_100_000, bit: 1 },
      { time: 5_100_000, bit: 0 },
    ]);
  });

  it('becomes active or inactive at a match and stays so', () => {
    const { timer, clock, trace, x1 } = pwm(2, 83, 999, 400, 0x10);
    clock.advanceTo(3_000_000);
    expect(trace.net('X1').edges()).toEqual([{ time: 400_000, bit: 1 }]);
    timer.writeRegister(R.CCMR1, 0x20);
    expect(x1.bit).toBe(1);
    clock.advanceTo(5_000_000);
    expect(trace.net('X1').edges(3_000_000)).toEqual([{ time: 3_400_000, bit: 0 }]);
  });

  it('is forced', () => {
    const { timer, x1 } = pwm(2, 83, 999, 400, 0x50);
    expect(x1.bit).toBe(1);
    timer.writeRegister(R.CCMR1, 0x40);
    expect(x1.bit).toBe(0);
  });

  it('interrupts at the match', () => {
    const { chip, timer, clock } = pwm(2, 83, 999, 400, 0x00);
    const times: number[] = [];
    chip.nvic.setHandler(chip.irq('TIM2'), () => {
      times.push(clock.now - 71);
      timer.clearFlags(TimerFlag.CC1);
    });
    chip.nvic.enable(chip.irq('TIM2'), 13);
    timer.writeRegister(R.DIER, TimerFlag.CC1);
    chip.elapse(3_000_000);
    expect(times).toEqual([400_000, 1_400_000, 2_400_000]);
  });
});

describe('advanced timer', () => {
  function complementary(dtg: number) {
    const bench = chipOnBench();
    const { chip } = bench;
    chip.rcc.enable('TIM1');
    chip.pin('PA8').configure({ mode: PinMode.ALTERNATE, alternate: 1 });
    chip.pin('Y6').configure({ mode: PinMode.ALTERNATE, alternate: 1 }); // PB13: TIM1_CH1N
    const timer = chip.timer(1);
    timer.writeRegister(R.PSC, 0);
    timer.writeRegister(R.ARR, 1679);
    timer.writeRegister(R.CCR1, 840);
    timer.writeRegister(R.CCMR1, 0x60);
    timer.writeRegister(R.CCER, 5);
    timer.writeRegister(R.CR1, Cr1.CEN);
    timer.writeRegister(R.BDTR, dtg);
    return { ...bench, timer };
  }

  it('drives nothing until its main output is enabled', () => {
    const { chip, clock, trace, timer } = complementary(0);
    clock.advanceTo(100_000);
    expect(trace.net('SD').edges()).toEqual([]);
    timer.writeRegister(R.BDTR, 0x8000);
    clock.advanceTo(200_000);
    expect(trace.net('PA8').statistics(100_000, 200_000)).toMatchObject({ frequency: 1e5, duty: 0.5 });
    expect(chip.pin('Y6').bit).not.toBe(chip.pin('PA8').bit);
  });

  it('keeps the dead time between its two outputs', () => {
    const { clock, trace, timer } = complementary(84);
    timer.writeRegister(R.BDTR, 0x8000 | 84); // 84 ticks of 168 MHz: 500 ns
    clock.advanceTo(100_000);
    expect(trace.net('PA8').statistics(20_000, 100_000).highPulse).toEqual({ min: 4500, max: 4500, mean: 4500 });
    expect(trace.net('Y6').statistics(20_000, 100_000).highPulse).toEqual({ min: 4500, max: 4500, mean: 4500 });
    const rise = trace.net('PA8').nextEdge(15_000, 1)!;
    const fall = trace.net('Y6').edges(15_000, rise.time).at(-1)!;
    expect(fall.bit).toBe(0);
    expect(rise.time - fall.time).toBe(500);
  });

  it('is switched off by its break input', () => {
    const { chip, clock, trace, timer } = complementary(0);
    chip.pin('Y5').configure({ mode: PinMode.ALTERNATE, alternate: 1 }); // PB12: TIM1_BKIN
    const fault = chip.netlist.terminal('fault');
    chip.netlist.connect(fault, chip.pin('Y5').terminal);
    fault.setDrive(0);
    timer.writeRegister(R.BDTR, 0x8000 | 0x1000 | 0x2000);
    clock.advanceTo(103_000);
    fault.setDrive(1);
    clock.advanceTo(200_000);
    expect(trace.net('PA8').edges(103_000)).toEqual([]);
    expect(timer.readRegister(R.SR) & TimerFlag.BREAK).not.toBe(0);
    expect(timer.readRegister(R.BDTR) & 0x8000).toBe(0);
  });
});

describe('input', () => {
  it('captures the counter at edges of the pin', () => {
    const { chip, timer, clock, x1 } = timerOnX1(2);
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CCMR1, 1);
    timer.writeRegister(R.CCER, 1);
    timer.writeRegister(R.CR1, Cr1.CEN);
    const signal = chip.netlist.terminal('signal');
    chip.netlist.connect(signal, x1.terminal);
    signal.setDrive(0);
    clock.at(1_234_500, () => signal.setDrive(1));
    clock.at(2_000_000, () => signal.setDrive(0));
    clock.advanceTo(3_000_000);
    expect(timer.readRegister(R.SR) & TimerFlag.CC1).not.toBe(0);
    expect(timer.readRegister(R.CCR1)).toBe(1234);
    expect(timer.readRegister(R.SR) & TimerFlag.CC1).toBe(0);
    timer.writeRegister(R.CCER, 0xb);
    clock.at(4_000_000, () => signal.setDrive(1));
    clock.at(5_000_000, () => signal.setDrive(0));
    clock.advanceTo(6_000_000);
    expect(timer.readRegister(R.SR) & TimerFlag.CC1_OVER).not.toBe(0);
    expect(timer.readRegister(R.CCR1)).toBe(5000);
  });

  it('measures the PWM of another timer over a wire', () => {
    const { chip, timer, clock } = pwm(2, 83, 999, 250);
    chip.rcc.enable('TIM4');
    chip.pin('X9').configure({ mode: PinMode.ALTERNATE, alternate: 2 }); // PB6: TIM4_CH1
    chip.netlist.connect(chip.pin('X9').terminal, chip.pin('X1').terminal);
    const capture = chip.timer(4);
    capture.writeRegister(R.PSC, 83);
    capture.writeRegister(R.CCMR1, 0x0201); // IC1 rising, IC2 from the same input, falling
    capture.writeRegister(R.CCER, 0x31);
    capture.writeRegister(R.SMCR, 0x54); // reset by TI1
    capture.writeRegister(R.EGR, 1);
    capture.writeRegister(R.CR1, Cr1.CEN);
    clock.advanceTo(10_000_000);
    expect(capture.readRegister(R.CCR1)).toBe(1000);
    expect(capture.readRegister(R.CCR2)).toBe(250);
    timer.writeRegister(R.CR1, 0);
  });

  it('ignores glitches that are shorter than its filter', () => {
    const { chip, timer, clock, x1 } = timerOnX1(2);
    timer.writeRegister(R.CCMR1, 0xf1); // 256 samples' time: 3.05 µs
    timer.writeRegister(R.CCER, 1);
    timer.writeRegister(R.CR1, Cr1.CEN);
    const signal = chip.netlist.terminal('signal');
    chip.netlist.connect(signal, x1.terminal);
    signal.setDrive(0);
    clock.at(1000, () => signal.setDrive(1));
    clock.at(3000, () => signal.setDrive(0));
    clock.advanceTo(10_000);
    expect(timer.readRegister(R.SR) & TimerFlag.CC1).toBe(0);
    signal.setDrive(1);
    clock.advanceTo(20_000);
    expect(timer.readRegister(R.SR) & TimerFlag.CC1).not.toBe(0);
  });

  it('follows a quadrature encoder both ways', () => {
    const { chip, timer, clock } = timerOnX1(2);
    chip.pin('X2').configure({ mode: PinMode.ALTERNATE, alternate: 1 });
    const [a, b] = ['X1', 'X2'].map(name => {
      const terminal = chip.netlist.terminal(`encoder ${name}`);
      chip.netlist.connect(terminal, chip.pin(name).terminal);
      terminal.setDrive(0);
      return terminal;
    });
    timer.writeRegister(R.CCMR1, 0x0101);
    timer.writeRegister(R.SMCR, 3);
    timer.writeRegister(R.ARR, 0xffff);
    timer.writeRegister(R.CR1, Cr1.CEN);
    const steps = [
      [1, 0],
      [1, 1],
      [0, 1],
      [0, 0],
    ];
    const turn = (order: number[][]) => {
      for (const [levelA, levelB] of order) {
        clock.advanceTo(clock.now + 1000);
        a.setDrive(levelA as 0 | 1);
        b.setDrive(levelB as 0 | 1);
      }
    };
    turn(steps);
    turn(steps);
    expect(timer.readRegister(R.CNT)).toBe(8);
    expect(timer.readRegister(R.CR1) & Cr1.DIR).toBe(0);
    turn([steps[2], steps[1], steps[0], steps[3]]);
    turn([steps[2], steps[1], steps[0], steps[3]]);
    turn([steps[2]]);
    expect(timer.readRegister(R.CNT)).toBe(0xffff);
    expect(timer.readRegister(R.CR1) & Cr1.DIR).not.toBe(0);
  });

  it('is clocked by another timer', () => {
    const { chip, clock } = timerOnX1();
    chip.rcc.enable('TIM3');
    const [two, three] = [chip.timer(2), chip.timer(3)];
    two.writeRegister(R.PSC, 83);
    two.writeRegister(R.ARR, 99);
    two.writeRegister(R.CR2, 0x20); // TRGO at update
    two.writeRegister(R.EGR, 1);
    three.writeRegister(R.SMCR, 0x17); // external clock, ITR1 = TIM2
    three.writeRegister(R.CR1, Cr1.CEN);
    two.writeRegister(R.CR1, Cr1.CEN);
    clock.advanceTo(clock.now + 1_050_000);
    expect(three.readRegister(R.CNT)).toBe(10);
  });
});

describe('a compare flag that nobody clears', () => {
  /** TIM2 at a match each millisecond, and its flags read every half. */
  function matchEachMillisecond(ccmr: number) {
    const { chip, clock, timer, x1 } = timerOnX1();
    timer.writeRegister(R.PSC, 83);
    timer.writeRegister(R.ARR, 999);
    timer.writeRegister(R.CCR1, 500);
    timer.writeRegister(R.EGR, 1);
    timer.writeRegister(R.CCMR1, ccmr);
    timer.writeRegister(R.CCER, 1);
    const pass = (milliseconds: number) => {
      timer.writeRegister(R.CR1, Cr1.CEN);
      for (let half = 0; half < 2 * milliseconds; half++) {
        clock.advanceTo(clock.now + 500_000);
        timer.readRegister(R.SR);
      }
    };
    return { chip, timer, x1, pass };
  }

  it('does not keep the output from toggling', () => {
    const { timer, x1, pass } = matchEachMillisecond(0x30);
    pass(2);
    expect(x1.bit).toBe(0);
    timer.writeRegister(R.CCMR1, 0);
    expect(x1.bit).toBe(0);
  });

  it('does not keep a DMA request from coming at each match', () => {
    const { timer, pass } = matchEachMillisecond(0);
    const requests: string[] = [];
    timer.onDmaRequest = request => requests.push(request);
    timer.writeRegister(R.DIER, TimerFlag.CC1 << 8);
    pass(3);
    expect(requests).toEqual(['CH1', 'CH1', 'CH1']);
  });

  it('does not keep the trigger output from pulsing at each match', () => {
    const { timer, pass } = matchEachMillisecond(0);
    let pulses = 0;
    timer.writeRegister(R.CR2, 0x30);
    timer.trigger.observe(() => pulses++);
    pass(3);
    expect(pulses).toBe(3);
  });
});
