/**
 * The microcontroller of a board: what guest modules (`pyb`, `machine`, `stm`) obtain and drive.
 *
 *     const chip = new Chip(board.hardware, { clock, trace, seed: 1, hooks });
 *     chip.pin('X1').configure({ mode: PinMode.OUTPUT });   // by board name, CPU name or pad
 *     chip.pin('X1').set(1);
 *     chip.block('TIM2')                                     // a peripheral's registers by name
 *     chip.space.write32(0x4002_0018, 1 << 0);               // the same registers, as mem32 reaches them
 *     chip.nvic.setHandler(irq, isr); chip.nvic.enable(irq, priority);
 *
 * ## Rules for those who drive it
 * - **Time.** A register access takes no virtual time here; the caller charges it. What takes time on the chip (a
 *   conversion, a frame) goes on by itself in virtual time, and is polled or interrupts. Use `elapse(ns)` for a driver's
 *   delay and `waitUntil(condition, limit)` for a driver's polling loop: both let events and interrupts happen inside.
 * - **Registers are the truth.** A driver sets a peripheral up through its registers, or through a method that writes
 *   them. It keeps no second copy of what a register says.
 * - **Interrupts.** See `nvic.ts`. A peripheral never calls guest code: it makes an interrupt pending, `hooks.interrupt`
 *   tells the CPU, the CPU calls `nvic.dispatch()` at its next instruction boundary, and that runs the handlers that the
 *   guest module set as the firmware's ISRs. An ISR clears the flag, then runs or schedules the user's callback.
 * - **Clocks.** A peripheral's registers are deaf until RCC clocks it: a driver calls `chip.rcc.enable('TIM2')` first.
 *   (`GpioPin.configure` does so by itself, as the firmware's pin functions do.)
 * - **Hooks** are given as arguments: V8 lays a function that is written right where it is assigned to a property into its old
 *   generation, and all that it knows, the whole board, then lives until the next full collection.
 * - **Reset.** `reset(flags)` is a system reset: all peripherals and the interrupt controller (handlers included), not the
 *   RAM, not the backup domain. `powerOn()` clears those too. `hooks.reset` asks the owner to do it and start over.
 */

import type { Hardware } from '../../boards/board.ts';
import type { BusName, Chip as ChipData, PeripheralKind } from '../../boards/chips/chip.ts';
import type { Clock } from '../clock/clock.ts';
import { type Frequency, frequencyOf, STOPPED } from '../clock/frequency.ts';
import { TickCounter } from '../clock/tick-counter.ts';
import type { Trace } from '../trace/trace.ts';
import type { Adc } from './adc.ts';
import { type AddressedDevice, AddressSpace, BitBand, Memory } from './address-space.ts';
import type { Can } from './can.ts';
import { type ChipMap, chipMapOf } from './chip-map.ts';
import { makePeripheral } from './chip-peripherals.ts';
import { type PinNames, pinNamesOf } from './chip-pins.ts';
import { CycleCounter, Dwt, SysTick, SystemControl } from './core.ts';
import type { Dac } from './dac.ts';
import type { Dma } from './dma.ts';
import { Exti, ExtiLine, Syscfg } from './exti.ts';
import { FlashInterface } from './flash.ts';
import { FunctionLines } from './function-line.ts';
import type { GpioPin, GpioPort } from './gpio.ts';
import type { I2c } from './i2c.ts';
import { LazyPeripherals } from './lazy-peripherals.ts';
import { Netlist, type Terminal } from './net.ts';
import { type InterruptHooks, type InterruptLine, Nvic, PENDSV } from './nvic.ts';
import { Pwr } from './pwr.ts';
import { Rcc, ResetFlag } from './rcc.ts';
import type { RegisterBlock } from './register-block.ts';
import { Rtc } from './rtc.ts';
import { SeededRandom } from './seeded-random.ts';
import { DeepSleep, squareWave } from './sleep.ts';
import type { Spi } from './spi.ts';
import type { Timer } from './timer.ts';
import type { Usart } from './usart.ts';
import type { IndependentWatchdog, WindowWatchdog } from './watchdog.ts';

/** What the chip asks of the one who runs its CPU. */
export interface ChipHooks extends InterruptHooks {
  /**
   * A reset happens now: a watchdog, AIRCR, the end of standby. `flags` are of `ResetFlag`. Must not run guest code from
   * within: note it, unwind the guest, then call `chip.reset(flags)` and boot.
   */
  reset(flags: number): void;
  /** The CPU's frequency has changed. */
  frequencyChanged?(hertz: number): void;
  /**
   * An instruction boundary inside a wait: called by `elapse` and `waitUntil` after each event. By default it dispatches
   * interrupts; a CPU that also checks for Ctrl-C or scheduled callbacks does that here, and may throw.
   */
  boundary?(): void;
}

export interface ChipOptions {
  clock: Clock;
  trace: Trace;
  hooks: ChipHooks;
  /** Seeds everything random: noise, the RNG. 1 unless given. */
  seed?: number;
  /** The nets to join, to have several chips on one bench; its own unless given. */
  netlist?: Netlist;
}

/** A name that is no pin of the board, or a number that is no peripheral of the chip. */
export class NoSuchPeripheralError extends Error {
  override readonly name = 'NoSuchPeripheralError';
}

/** Where the core's own registers are (ARMv7-M, table B3-3). */
const CORE = { DWT: 0xe000_1000, SYSTICK: 0xe000_e010, NVIC: 0xe000_e100, SCB: 0xe000_ed00, STIR: 0xe000_ef00 } as const;

/** PendSV's exception number (ARMv7-M, table B1-4). */
const PENDSV_EXCEPTION = 14;

/** Factory data in system memory (RM0090 sections 39.1 and 39.2; DS8626 tables 70 and 71). */
const FACTORY = { uniqueId: 0x210, flashSize: 0x222, referenceCalibration: 0x22a, temperature30: 0x22c, temperature110: 0x22e } as const;

export interface Environment {
  /** °C */
  temperature: number;
  /** V */
  supply: number;
  /** V at the backup supply's pin */
  battery: number;
  /** whether the backup supply stays when the main supply goes */
  backup: boolean;
  /** by how many parts in a million the RTC's crystal is too fast */
  crystalError: number;
  /** by how many parts in a million the main crystal is too fast */
  mainCrystalError: number;
}

/**
 * What is there from the beginning: what goes on without being touched, and the ports whose pins the debug unit pulls from reset on
 * (RM0090 section 8.4). All other peripherals are made when somebody touches them.
 */
const ALIVE = ['GPIOA', 'GPIOB', 'RCC', 'EXTI', 'SYSCFG', 'FLASH', 'PWR', 'RTC'];

export class Chip {
  readonly data: ChipData;
  readonly clock: Clock;
  readonly trace: Trace;
  readonly netlist: Netlist;
  readonly random: SeededRandom;
  readonly space = new AddressSpace(address => this.touch(address));
  readonly nvic: Nvic;
  readonly rcc: Rcc;
  readonly exti: Exti;
  readonly syscfg: Syscfg;
  readonly cycles: CycleCounter;
  readonly systick: SysTick;
  readonly dwt: Dwt;
  readonly system: SystemControl;
  /** Alternate function signals by name. */
  readonly lines = new FunctionLines();
  /** RAM and ROM by the chip data's names: `sram`, `ccm`, `otp`. */
  readonly memory: ReadonlyMap<string, Memory>;

  readonly flash: FlashInterface;
  readonly pwr: Pwr;
  readonly rtc: Rtc;
  /** Stop and standby. */
  readonly deepSleep: DeepSleep;
  /**
   * What the chip is exposed to. Changed through `setEnvironment`.
   */
  readonly environment: Environment;

  /** @internal */ readonly map: ChipMap;
  private readonly peripherals: LazyPeripherals;
  private readonly timerClocks: { readonly apb1: TickCounter; readonly apb2: TickCounter };
  private readonly interrupts = new Map<string, InterruptLine>();
  /** When it was made, while nothing has happened to it since: then power has just come. */
  private freshSince: number | undefined;
  private readonly names: PinNames;
  private readonly hooks: ChipHooks;

  constructor(
    readonly hardware: Hardware,
    options: ChipOptions,
  ) {
    const { clock, trace, hooks, seed = 1 } = options;
    this.data = hardware.chip;
    this.clock = clock;
    this.trace = trace;
    this.hooks = hooks;
    this.random = new SeededRandom(seed);
    const { supply, rtc } = hardware;
    this.environment = { temperature: 25, supply, battery: supply, backup: rtc?.backup ?? false, crystalError: 0, mainCrystalError: 0 };
    this.netlist = options.netlist ?? new Netlist(clock, trace, hardware.supply);
    this.map = chipMapOf(this.data);
    this.peripherals = new LazyPeripherals(this.map, place => {
      const block = makePeripheral(this, place);
      block.clocked = this.rcc.isEnabled(place.name);
      this.space.map(place.base, place.size, block);
      return block;
    });
    const { high = 0, low = 0 } = hardware.oscillators;
    this.rcc = new Rcc(clock, this.data, this.peripherals, high, low, {
      writable: () => this.pwr.backupWritable,
      reset: () => this.rtc.resetBackupDomain(),
      rtcClockChanged: () => this.rtc.clockChanged(),
    });
    this.cycles = new CycleCounter(clock, this.rcc.cpu);
    this.nvic = new Nvic(clock, hooks, cycles => this.rcc.cpu.nearest(cycles));
    this.names = pinNamesOf(hardware);
    this.timerClocks = {
      apb1: new TickCounter(clock, this.timerFrequency('apb1')),
      apb2: new TickCounter(clock, this.timerFrequency('apb2')),
    };
    trace.findAlsoBy(name => this.findPin(name)?.terminal.name);
    this.exti = new Exti(
      port => this.port('ABCDEFGHI'[port]),
      line => this.extiInterrupt(line),
    );
    this.syscfg = new Syscfg(this.exti, mode => this.remap(mode));
    this.systick = new SysTick(this.cycles);
    this.dwt = new Dwt(this.cycles);
    this.system = new SystemControl(
      () => (this.nvic.current < 0 ? 0 : this.nvic.current === PENDSV ? PENDSV_EXCEPTION : this.nvic.current + 16),
      () => this.requestReset(ResetFlag.SOFTWARE),
    );
    this.rcc.onChange.push(() => this.frequencyChanged());
    this.memory = this.makeMemory();
    this.flash = this.makeFlash();
    this.pwr = new Pwr(
      () => this.environment.supply,
      low => this.exti.edge(ExtiLine.PVD, low ? 1 : 0),
    );
    this.rtc = this.makeRtc();
    this.deepSleep = new DeepSleep(this);
    this.mapCore();
    // A trace lists the CAN controllers' channels first, used or not.
    for (const { number } of this.map.all('can')) trace.events(`can${number}`);
    for (const name of ALIVE) this.block(name);
    this.powerOn();
    this.freshSince = clock.now;
  }

  /**
   * A pin by its CPU name (`PA0`, `A0`) or any of its names on the board (`X1`, `LED_RED`).
   * @throws NoSuchPeripheralError if there is none
   */
  pin(name: string): GpioPin {
    const pin = this.findPin(name);
    if (pin === undefined) throw new NoSuchPeripheralError(`${this.data.mcu} on this board has no pin "${name}"`);
    return pin;
  }

  /** The same, or undefined. */
  findPin(name: string): GpioPin | undefined {
    const cpu = this.names.cpu.get(name);
    return cpu === undefined ? undefined : this.port(cpu[1])?.pins[Number(cpu.slice(2))];
  }

  /** A port by its letter, or undefined. */
  port(letter: string): GpioPort | undefined {
    return this.findBlock(`GPIO${letter}`) as GpioPort | undefined;
  }

  /** I2C1 to I2C3. @throws NoSuchPeripheralError if the chip has none of that number */
  i2c(number: number): I2c {
    return this.numbered('i2c', 'I2C', number);
  }

  /** SPI1 to SPI3. @throws NoSuchPeripheralError if the chip has none of that number */
  spi(number: number): Spi {
    return this.numbered('spi', 'SPI', number);
  }

  /** CAN1 and CAN2. @throws NoSuchPeripheralError if the chip has none of that number */
  can(number: number): Can {
    return this.numbered('can', 'CAN', number);
  }

  /** ADC1 to ADC3. @throws NoSuchPeripheralError if the chip has none of that number */
  adc(number: number): Adc {
    return this.numbered('adc', 'ADC', number);
  }

  /** DMA1 and DMA2. @throws NoSuchPeripheralError if the chip has none of that number */
  dma(number: number): Dma {
    return this.numbered('dma', 'DMA', number);
  }

  /** USART or UART of that number. @throws NoSuchPeripheralError if the chip has none */
  usart(number: number): Usart {
    return this.numbered('usart', 'USART', number);
  }

  /** TIM1 to TIM14. @throws NoSuchPeripheralError if the chip has none of that number */
  timer(number: number): Timer {
    return this.numbered('timer', 'TIM', number);
  }

  /** The same, or undefined. */
  findTimer(number: number): Timer | undefined {
    const place = this.map.numbered('timer', number);
    return place && (this.peripherals.get(place) as Timer);
  }

  /** The digital-to-analogue converter, if the chip has one. */
  get dac(): Dac | undefined {
    return this.findBlock('DAC') as Dac | undefined;
  }

  get iwdg(): IndependentWatchdog {
    return this.block('IWDG') as IndependentWatchdog;
  }

  get wwdg(): WindowWatchdog {
    return this.block('WWDG') as WindowWatchdog;
  }

  /** An interrupt's number by its name in the chip data: `TIM2`. @throws NoSuchPeripheralError */
  irq(name: string): number {
    const irq = this.data.interrupts[name];
    if (irq === undefined) throw new NoSuchPeripheralError(`${this.data.mcu} has no interrupt "${name}"`);
    return irq;
  }

  /** A new line to an interrupt by name; peripherals hold it active while they want service. */
  interruptLine(name: string): InterruptLine {
    return this.nvic.line(this.irq(name));
  }

  /** A peripheral's registers by name: `TIM2`. @throws NoSuchPeripheralError */
  block(name: string): RegisterBlock {
    const block = this.findBlock(name);
    if (block === undefined) throw new NoSuchPeripheralError(`${this.data.mcu} has no peripheral "${name}"`);
    return block;
  }

  /** Whether the chip has a peripheral of that name. */
  has(name: string): boolean {
    return this.map.named(name) !== undefined;
  }

  /**
   * Lets `duration` ns pass, as a delay in the firmware does: events happen at their own times, interrupts are taken in
   * between, and the time they take counts.
   */
  elapse(duration: number): void {
    const { clock } = this;
    const end = clock.now + duration;
    this.boundary();
    while (clock.now < end) {
      clock.sleep(end);
      this.boundary();
    }
  }

  /**
   * Lets time pass until `condition` holds, looking after every event, as a polling loop in the firmware does.
   * @param limit ns from now at which to give up
   * @returns whether the condition holds
   */
  waitUntil(condition: () => boolean, limit: number): boolean {
    const { clock } = this;
    const end = clock.now + limit;
    this.boundary();
    while (!condition()) {
      if (clock.now >= end) return false;
      clock.sleep(end);
      this.boundary();
    }
    return true;
  }

  /**
   * Sleeps until an enabled interrupt is pending (WFI), masked or not, or until `limit` ns from now.
   * @returns false if it was the limit, or if nothing will ever happen
   */
  waitForInterrupt(limit = Infinity): boolean {
    const { clock } = this;
    const end = clock.now + limit;
    while (!this.nvic.wakes) {
      if (Math.min(end, clock.nextDue) === Infinity) return false;
      clock.sleep(end);
      if (clock.now >= end) break;
    }
    const woke = this.nvic.wakes;
    this.boundary();
    return woke;
  }

  /** A system reset for the reasons `flags` (of `ResetFlag`); every reset also sets the pin flag (RM0090 section 7.3.21). */
  reset(flags: number): void {
    this.freshSince = undefined;
    this.deepSleep?.abandon();
    this.rcc.noteReset(flags | ResetFlag.PIN);
    this.peripherals.each(block => {
      block.clocked = true;
      block.reset();
    });
    for (const block of [this.nvic, this.systick, this.dwt, this.system]) block.reset();
    // RCC comes last again: the others' resets must not have been ignored for want of a clock.
    this.rcc.reset();
  }

  /** Power has come: memory and backup domain are lost as well. */
  powerOn(): void {
    const isFresh = this.freshSince === this.clock.now;
    this.freshSince = undefined;
    if (isFresh) return;
    const { backup } = this.environment;
    this.rcc.powerOn(backup);
    this.pwr.powerOn();
    if (!backup) this.rtc.resetBackupDomain();
    this.loseMemory();
    this.reset(ResetFlag.POWER_ON | ResetFlag.BROWN_OUT);
  }

  /** @internal RAM forgets, but for what a backup battery keeps. */
  loseMemory(): void {
    for (const [name, memory] of this.memory) if (memory.writable && !(name === 'backup' && this.environment.backup)) memory.clear();
  }

  /** Changes what the chip is exposed to. */
  setEnvironment(change: Partial<Environment>): void {
    this.freshSince = undefined;
    Object.assign(this.environment, change);
    if (change.crystalError !== undefined) this.rtc.clockChanged();
    if (change.mainCrystalError !== undefined) this.rcc.setHseError(change.mainCrystalError);
    if (change.supply !== undefined) this.pwr.supplyChanged();
  }

  /**
   * Sets the clocks as the firmware's start-up code does (SystemClock_Config, then main): PLL from HSE, ports A to D and
   * SYSCFG clocked, SysTick at 1 kHz.
   */
  startClocks(): void {
    const { pll, dividers } = this.hardware.clock;
    this.rcc.runFromPll(pll, dividers);
    for (const name of ['GPIOA', 'GPIOB', 'GPIOC', 'GPIOD', 'SYSCFG', 'PWR']) this.rcc.enable(name);
    this.systick.start(this.rcc.frequencies.hclk / 1000 - 1);
  }

  /** @internal Asks the owner for a reset, for the reasons `flags` (of `ResetFlag`). */
  requestReset(flags: number): void {
    this.hooks.reset(flags);
  }

  /** @internal A peripheral's DMA request, for whatever stream serves it. */
  requestDma(request: string): void {
    for (const place of this.map.all('dma')) (this.peripherals.get(place) as Dma).request(request);
  }

  /** @internal Hz of a bus. */
  busFrequency(bus: BusName): number {
    const { hclk, pclk1, pclk2 } = this.rcc.actual;
    return bus === 'apb1' ? pclk1 : bus === 'apb2' ? pclk2 : hclk;
  }

  /** @internal What the timers on a bus count. */
  timerClock(bus: BusName): TickCounter {
    return this.timerClocks[bus === 'apb1' ? 'apb1' : 'apb2'];
  }

  /** @internal Makes the terminal of a pin, by the CPU's name. */
  makeTerminal(name: string): Terminal {
    return this.netlist.terminal(this.names.primary.get(name) ?? name, true);
  }

  private findBlock(name: string): RegisterBlock | undefined {
    const place = this.map.named(name);
    return place && this.peripherals.get(place);
  }

  /** Makes the peripheral that answers at an address, if there is one. */
  private touch(address: number): void {
    const place = this.map.at(address);
    if (place !== undefined) this.peripherals.get(place);
  }

  private boundary(): void {
    if (this.hooks.boundary !== undefined) this.hooks.boundary();
    else this.nvic.dispatch();
  }

  private frequencyChanged(): void {
    this.cycles.setFrequency(this.rcc.isStopped ? STOPPED : this.rcc.cpu);
    for (const bus of ['apb1', 'apb2'] as const) this.timerClocks[bus].setFrequency(this.timerFrequency(bus));
    this.peripherals.each((block, { bus }) => block.busClockChanged(this.busFrequency(bus)));
    this.hooks.frequencyChanged?.(this.rcc.actual.hclk);
  }

  /** The one of a kind that has a number; what its kind is called is for the error. */
  private numbered<T>(kind: PeripheralKind, name: string, number: number): T {
    const place = this.map.numbered(kind, number);
    if (place === undefined) throw new NoSuchPeripheralError(`${this.data.mcu} has no ${name}${number}`);
    return this.peripherals.get(place) as T;
  }

  /** Timers on APB1 count one clock, those on APB2 the other. */
  private timerFrequency(bus: 'apb1' | 'apb2'): Frequency {
    const { timer1, timer2 } = this.rcc.actual;
    if (this.rcc.isStopped) return STOPPED;
    return frequencyOf(bus === 'apb1' ? timer1 : timer2);
  }

  private makeFlash(): FlashInterface {
    const region = this.data.memory.find(({ kind }) => kind === 'flash')!;
    const sectors: { address: number; size: number }[] = [];
    // RM0090 table 5: four of 16 KiB, one of 64 KiB, the rest of 128 KiB
    for (let address = region.base; address < region.base + region.size; ) {
      const size = sectors.length < 4 ? 0x4000 : sectors.length === 4 ? 0x1_0000 : 0x2_0000;
      sectors.push({ address, size });
      address += size;
    }
    return new FlashInterface(this.clock, this.space, sectors, this.interruptLine('FLASH'));
  }

  private makeRtc(): Rtc {
    return new Rtc({
      clock: this.clock,
      frequency: () => this.rcc.rtcClock * (1 + this.environment.crystalError / 1e6),
      writable: () => this.pwr.backupWritable,
      onAlarm: () => this.deepSleep.rtcEvent(ExtiLine.RTC_ALARM),
      onWakeup: () => this.deepSleep.rtcEvent(ExtiLine.RTC_WAKEUP),
      onOutput: frequency => {
        const pin = this.findPin('PC13');
        if (pin === undefined) return;
        pin.override = frequency > 0 ? squareWave(this.clock.now, frequency) : undefined;
        pin.update();
      },
    });
  }

  private makeMemory(): Map<string, Memory> {
    const regions = new Map<string, Memory>();
    for (const { name, kind, base, size } of this.data.memory) {
      if (kind === 'flash') continue;
      const memory = new Memory(size, kind === 'ram', kind === 'ram' ? 0 : 0xff);
      regions.set(name, memory);
      this.space.map(base, size, memory);
    }
    for (const { base, size, alias } of this.data.bitBands) this.space.map(alias, size * 32, new BitBand(this.space, base));
    const factory = regions.get('otp')!;
    const { uniqueId } = this.hardware;
    for (let i = 0; i < 12; i++) factory.bytes[FACTORY.uniqueId + i] = parseInt(uniqueId.slice(2 * i, 2 * i + 2), 16);
    const put = (offset: number, value: number) => factory.bytes.set([value & 0xff, value >> 8], offset);
    const { adc, memory } = this.data;
    const code = (volts: number) => Math.round((volts / 3.3) * 4095);
    put(FACTORY.flashSize, memory.find(region => region.kind === 'flash')!.size / 1024);
    put(FACTORY.referenceCalibration, code(adc.reference));
    put(FACTORY.temperature30, code(adc.temperature.at25 + 5 * adc.temperature.slope));
    put(FACTORY.temperature110, code(adc.temperature.at25 + 85 * adc.temperature.slope));
    return regions;
  }

  private mapCore(): void {
    this.space.map(CORE.DWT, 0x1000, this.dwt);
    this.space.map(CORE.NVIC, 0x500, this.nvic);
    this.space.map(CORE.SYSTICK, 0x10, this.systick);
    this.space.map(CORE.SCB, 0x90, this.system);
    this.space.map(CORE.STIR, 4, { read: () => 0, write: (_, value) => this.nvic.pend(value & 0xff) });
  }

  private extiInterrupt(line: number): InterruptLine | undefined {
    const name =
      line < 5
        ? `EXTI${line}`
        : line === 5
          ? 'EXTI9_5'
          : line === 10
            ? 'EXTI15_10'
            : {
                [ExtiLine.PVD]: 'PVD',
                [ExtiLine.RTC_ALARM]: 'RTC_Alarm',
                [ExtiLine.OTG_FS_WKUP]: 'OTG_FS_WKUP',
                [ExtiLine.OTG_HS_WKUP]: 'OTG_HS_WKUP',
                [ExtiLine.TAMPER]: 'TAMP_STAMP',
                [ExtiLine.RTC_WAKEUP]: 'RTC_WKUP',
              }[line];
    if (name === undefined || !(name in this.data.interrupts)) return undefined;
    let known = this.interrupts.get(name);
    if (known === undefined) this.interrupts.set(name, (known = this.interruptLine(name)));
    return known;
  }

  private aliased: AddressedDevice | undefined;

  /** What answers at address 0 (RM0090 sections 2.4 and 9.2.1). */
  private remap(mode: number): void {
    if (this.aliased !== undefined) this.space.unmap(this.aliased, 0);
    const target = this.data.memory.find(({ name }) => name === (mode === 3 ? 'sram' : mode === 1 ? 'system' : 'flash'))!;
    this.aliased = {
      unaligned: true,
      read: (offset, size) => this.space.read(target.base + offset, size),
      write: (offset, value, size) => this.space.write(target.base + offset, value, size),
    };
    this.space.map(0, target.size, this.aliased);
  }
}
