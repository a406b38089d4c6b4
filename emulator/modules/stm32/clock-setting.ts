/** Setting the clocks (ports/stm32/powerctrl.c): the PLL's factors for a frequency, and the change itself. */
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now, rebudget } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { PwrCr, PwrRegister } from '../../peripherals/pwr.ts';
import { RccRegister } from '../../peripherals/rcc.ts';
import { RtcRegister } from '../../peripherals/rtc.ts';
import { hardware } from '../hardware.ts';
import { delayMs, NS_PER_MS } from '../waiting.ts';
import { pollUntil } from './time.ts';

const MHZ = 1_000_000;
const HSEON = 0x1_0000;
const HSERDY = 0x2_0000;
const PLLON = 0x100_0000;
const PLLRDY = 0x200_0000;
const SW_HSE = 1;
const SW_PLL = 2;

interface Pll {
  readonly m: number;
  readonly n: number;
  readonly p: number;
  readonly q: number;
}

/**
 * Factors that make `target` MHz of `crystal` MHz and keep 48 MHz for USB: the VCO runs at 192 to 432 MHz, its input at 1 to 2 MHz
 * (RM0090 section 7.3.2; boards/pllvalues.py takes the smallest p, then the smallest m).
 */
function findPll(crystal: number, target: number): Pll | undefined {
  for (const p of [2, 4, 6, 8]) {
    const vco = target * p;
    if (vco < 192 || vco > 432 || vco % 48 !== 0) continue;
    const first = Math.max(Math.floor(192 / Math.round(vco / crystal)), Math.ceil(crystal / 2));
    for (let m = first; m <= crystal; m++) {
      const n = (vco * m) / crystal;
      if (Number.isInteger(n) && n >= 192 && n <= 432) return { m, n, p, q: vco / 48 };
    }
  }
  return undefined;
}

/** The setting for the greatest frequency that is no more than `megahertz`: a PLL's, or the crystal itself. */
function settingFor(crystal: number, megahertz: number): { pll: Pll; direct: boolean } | undefined {
  for (let target = Math.min(216, megahertz - (megahertz % 2)); target >= 2; target -= 2) {
    const pll = findPll(crystal, target);
    if (pll !== undefined) return { pll, direct: false };
    if (target === crystal) return { pll: { m: crystal, n: 336, p: 2, q: 7 }, direct: true };
  }
  return undefined;
}

/** A divider's field: the smallest power of two that is not below `wanted`. */
function ahbField(wanted: number): number {
  const dividers = [1, 2, 4, 8, 16, 64, 128, 256];
  const index = dividers.findIndex(divider => wanted <= divider);
  if (index === 0) return 0;
  return 7 + (index < 0 ? 8 : index);
}

function apbField(wanted: number): number {
  const index = [1, 2, 4, 8].findIndex(divider => wanted <= divider);
  if (index === 0) return 0;
  return 3 + (index < 0 ? 4 : index);
}

const AHB_SHIFTS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 6, 7, 8, 9];

function modify(register: number, clear: number, set: number): void {
  const { rcc } = hardware().chip;
  rcc.writeRegister(register, ((rcc.peek(register) & ~clear) | set) >>> 0);
}

function ready(flag: number): void {
  const { rcc } = hardware().chip;
  pollUntil(() => (rcc.readRegister(RccRegister.CR) & flag) !== 0, 100 * NS_PER_MS);
}

/** Runs the chip on the crystal, sets the PLL, and runs it on that if `usePll`. */
function apply({ m, n, p, q }: Pll, dividers: number, usePll: boolean): void {
  const { chip } = hardware();
  modify(RccRegister.CR, 0, HSEON);
  ready(HSERDY);
  modify(RccRegister.CFGR, 0xfcf3, dividers | SW_HSE);
  modify(RccRegister.CR, PLLON, 0);
  chip.rcc.writeRegister(RccRegister.PLLCFGR, (m | (n << 6) | ((p / 2 - 1) << 16) | (1 << 22) | (q << 24)) >>> 0);
  modify(RccRegister.CR, 0, PLLON);
  ready(PLLRDY);
  if (usePll) modify(RccRegister.CFGR, 3, SW_PLL);
  startTick();
}

/** The tick is counted from the new clock on. */
function startTick(): void {
  const { chip } = hardware();
  chip.systick.start(chip.rcc.frequencies.hclk / 1000 - 1);
  rebudget();
}

/** After stop mode: from the internal oscillator back to the PLL. */
export function resumeClocks(): void {
  modify(RccRegister.CR, 0, HSEON);
  ready(HSERDY);
  modify(RccRegister.CR, 0, PLLON);
  ready(PLLRDY);
  modify(RccRegister.CFGR, 3, SW_PLL);
  startTick();
}

/** machine.freq(sysclk, ahb, apb1, apb2) with one argument at least. Raises ValueError for what cannot be made. */
export function setFrequency(args: readonly Value[]): void {
  const sysclk = toInt(args[0]);
  const wanted = [sysclk, Math.trunc(sysclk / 4), Math.trunc(sysclk / 2)];
  for (let i = 1; i < args.length; i++) wanted[i - 1] = toInt(args[i]);
  const [ahb, apb1, apb2] = wanted.map(value => value >>> 0);
  const { chip, hardware: wired } = hardware();
  const { frequencies } = chip.rcc;
  if (sysclk === frequencies.sysclk && ahb === frequencies.hclk && apb1 === frequencies.pclk1 && apb2 === frequencies.pclk2) return;
  const setting = settingFor((wired.oscillators.high ?? 0) / MHZ, Math.floor((sysclk >>> 0) / MHZ));
  if (setting === undefined) raiseValueError('invalid freq');
  delayMs(5);
  now();
  // A division by zero gives zero on this processor.
  const quotient = (a: number, b: number) => (b === 0 ? 0 : Math.floor(a / b));
  const h = ahbField(quotient(sysclk >>> 0, ahb));
  const bus = (sysclk >>> 0) >>> AHB_SHIFTS[h];
  const b1 = apbField(quotient(bus, apb1));
  const b2 = apbField(quotient(bus, apb2));
  apply(setting.pll, (h << 4) | (b1 << 10) | (b2 << 13), !setting.direct);
  remember(setting.pll, h, b1, b2);
}

/** The setting outlives a hard reset in the last backup register. */
function remember({ m, n, p, q }: Pll, h: number, b1: number, b2: number): void {
  const value = m | (n << 6) | ((p / 2 - 1) << 16) | (q << 18) | (h << 22) | (b1 << 26) | (b2 << 29);
  hardware().chip.rtc.writeRegister(RtcRegister.BKP19R, value >>> 0);
}

/** At reset: the clocks as they were last set, if that is remembered and makes sense (SystemClock_Config). */
export function restoreFrequency(): void {
  const { chip } = hardware();
  const saved = chip.rtc.readRegister(RtcRegister.BKP19R);
  const pll = { m: saved & 0x3f, n: (saved >>> 6) & 0x1ff, p: (((saved >>> 16) & 3) + 1) * 2, q: (saved >>> 18) & 15 };
  if (pll.q < 2 || pll.p > 8 || pll.n < 192 || pll.n > 432 || pll.m < 2) return;
  chip.rcc.enable('PWR');
  chip.pwr.writeRegister(PwrRegister.CR, chip.pwr.peek(PwrRegister.CR) | PwrCr.DBP);
  const h = (saved >>> 22) & 15;
  apply(pll, (h << 4) | (((saved >>> 26) & 7) << 10) | (((saved >>> 29) & 7) << 13), true);
}
