/** Changing the clocks of the chip (powerctrl_set_sysclk in ports/stm32/powerctrl.c), and setting them up again after stop mode. */
import { RccRegister } from '../../peripherals/rcc.ts';
import { RtcRegister } from '../../peripherals/rtc.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now, rebudget } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { delayMs } from '../waiting.ts';
import { pollUntil } from './time.ts';

const MHZ = 1_000_000;

/** Limits of the PLL in MHz and of its factors (RM0090 section 7.3.2), as the port's table of frequencies keeps to them. */
const VCO = { from: 192, to: 432 };
const FACTOR_N = { from: 192, to: 432 };
const FASTEST = 216;

const Cr = { HSEON: 1 << 16, HSERDY: 1 << 17, PLLON: 1 << 24, PLLRDY: 1 << 25 } as const;
const Source = { HSI: 0, HSE: 1, PLL: 2 } as const;
const PLL_FROM_HSE = 1 << 22;

/** Longest that an oscillator or the PLL may take to start, ns. */
const START_LIMIT = 100_000_000;

const AHB_DIVIDERS = [1, 2, 4, 8, 16, 64, 128, 256, 512];
const APB_DIVIDERS = [1, 2, 4, 8, 16];

interface Pll {
  readonly m: number;
  readonly n: number;
  readonly p: number;
  readonly q: number;
}

interface Choice {
  /** MHz */
  readonly sysclk: number;
  readonly source: number;
  readonly pll: Pll;
}

const within = (value: number, { from, to }: { from: number; to: number }) => value >= from && value <= to;

/** Factors that give `sysclk` MHz and exactly 48 MHz for USB. */
function findPll(crystal: number, sysclk: number): Pll | undefined {
  for (const p of [2, 4, 6, 8]) {
    const vco = sysclk * p;
    if (!within(vco, VCO) || vco % 48 !== 0) continue;
    for (let m = Math.ceil(crystal / 2); m <= crystal; m++) {
      const n = (vco * m) / crystal;
      if (Number.isInteger(n) && within(n, FACTOR_N)) return { m, n, p, q: vco / 48 };
    }
  }
  return undefined;
}

/** Every frequency that the port can set, in its order: those of the PLL, then the oscillators themselves. */
function choices(crystal: number, internal: number): Choice[] {
  const direct: Pll = { m: crystal, n: 336, p: 2, q: 7 };
  const all: Choice[] = [];
  for (let sysclk = 2; sysclk <= FASTEST; sysclk += 2) {
    const pll = findPll(crystal, sysclk);
    if (pll !== undefined) all.push({ sysclk, source: Source.PLL, pll });
  }
  all.push({ sysclk: internal, source: Source.HSI, pll: direct }, { sysclk: crystal, source: Source.HSE, pll: direct });
  return all.sort((a, b) => a.sysclk - b.sysclk);
}

const divider = (wanted: number, possible: readonly number[]) => possible.find(each => wanted <= each) ?? possible[possible.length - 1];
const ahbField = (each: number) => (each === 1 ? 0 : 7 + AHB_DIVIDERS.indexOf(each));
const apbField = (each: number) => (each === 1 ? 0 : 3 + APB_DIVIDERS.indexOf(each));

const quotient = (a: number, b: number) => (b === 0 ? 0 : Math.floor(a / b));

function modify(register: number, clear: number, set: number): void {
  const { rcc } = hardware().chip;
  now();
  rcc.writeRegister(register, ((rcc.peek(register) & ~clear) | set) >>> 0);
  now();
}

const waitFor = (flag: number) => pollUntil(() => (hardware().chip.rcc.readRegister(RccRegister.CR) & flag) !== 0, START_LIMIT);

/** Sets SYSCLK to the greatest possible frequency up to `sysclk`, and the buses by the dividers next to what is wanted. All in Hz. */
export function setFrequency(sysclk: number, ahb: number, apb1: number, apb2: number): void {
  const { chip, hardware: board } = hardware();
  const { frequencies } = chip.rcc;
  if (sysclk === frequencies.sysclk && ahb === frequencies.hclk && apb1 === frequencies.pclk1 && apb2 === frequencies.pclk2) return;
  const crystal = Math.floor((board.oscillators.high ?? 0) / MHZ);
  const internal = Math.floor(chip.data.oscillators.internal / MHZ);
  const limit = Math.floor((sysclk >>> 0) / MHZ);
  const choice = choices(crystal, internal)
    .filter(each => each.sysclk <= limit)
    .at(-1);
  if (choice === undefined) raiseValueError('invalid freq');
  // USB gets a chance to send what it has.
  delayMs(5);
  const ahbDivider = divider(quotient(sysclk >>> 0, ahb >>> 0), AHB_DIVIDERS);
  const bus = Math.floor((sysclk >>> 0) / ahbDivider);
  const apb1Divider = divider(quotient(bus, apb1 >>> 0), APB_DIVIDERS);
  const apb2Divider = divider(quotient(bus, apb2 >>> 0), APB_DIVIDERS);
  const dividers = (ahbField(ahbDivider) << 4) | (apbField(apb1Divider) << 10) | (apbField(apb2Divider) << 13);
  const { source, pll } = choice;
  // The PLL can only be changed while nothing runs from it.
  modify(RccRegister.CFGR, 0xfcf3, (source === Source.PLL ? Source.HSE : source) | dividers);
  modify(RccRegister.CR, Cr.PLLON, 0);
  const { m, n, p, q } = pll;
  modify(RccRegister.PLLCFGR, 0x0f43_7fff, PLL_FROM_HSE | m | (n << 6) | ((p / 2 - 1) << 16) | (q << 24));
  modify(RccRegister.CR, 0, Cr.PLLON);
  waitFor(Cr.PLLRDY);
  if (source === Source.PLL) modify(RccRegister.CFGR, 3, Source.PLL);
  restartTick();
  // The setting outlives a hard reset in the last backup register.
  chip.rtc.writeRegister(
    RtcRegister.BKP19R,
    (m |
      (n << 6) |
      ((p / 2 - 1) << 16) |
      (q << 18) |
      (((dividers >> 4) & 15) << 22) |
      (((dividers >> 10) & 7) << 26) |
      (((dividers >> 13) & 7) << 29)) >>>
      0,
  );
}

/** The tick is counted from the new clock on, and the next event of the guest's is worked out anew. */
function restartTick(): void {
  const { chip } = hardware();
  chip.systick.start(chip.rcc.frequencies.hclk / 1000 - 1);
  rebudget();
}

/** At reset: the clocks as they were last set, if that is remembered and makes sense (SystemClock_Config in system_stm32.c). */
export function restoreFrequency(): void {
  const { chip } = hardware();
  const saved = chip.rtc.readRegister(RtcRegister.BKP19R);
  const m = saved & 0x3f;
  const n = (saved >>> 6) & 0x3ff;
  const q = (saved >>> 18) & 15;
  if (q < 2 || !within(n, FACTOR_N) || m < 2) return;
  modify(RccRegister.CFGR, 0xfcf3, Source.HSE | (((saved >>> 22) & 15) << 4) | (((saved >>> 26) & 7) << 10) | (((saved >>> 29) & 7) << 13));
  modify(RccRegister.CR, Cr.PLLON, 0);
  modify(RccRegister.PLLCFGR, 0x0f43_7fff, PLL_FROM_HSE | m | (n << 6) | (saved & 0x3_0000) | (q << 24));
  modify(RccRegister.CR, 0, Cr.PLLON);
  waitFor(Cr.PLLRDY);
  modify(RccRegister.CFGR, 3, Source.PLL);
  restartTick();
}

/** What powerctrl_enter_stop_mode does after the chip has woken on its internal oscillator. */
export function restoreClocks(): void {
  modify(RccRegister.CR, 0, Cr.HSEON);
  waitFor(Cr.HSERDY);
  modify(RccRegister.CR, 0, Cr.PLLON);
  waitFor(Cr.PLLRDY);
  modify(RccRegister.CFGR, 3, Source.PLL);
}
