/** How the peripherals of a chip are made, by their kind: what each needs of the chip around it. */
import { Adc, AdcCommon } from './adc.ts';
import { Can } from './can.ts';
import type { Chip } from './chip.ts';
import type { Place } from './chip-map.ts';
import { adcPinsOf, pinsOfPort } from './chip-pins.ts';
import { DebugUnit } from './core.ts';
import { Crc } from './crc.ts';
import { Dac } from './dac.ts';
import { Dma } from './dma.ts';
import { GpioPin, GpioPort } from './gpio.ts';
import { I2c } from './i2c.ts';
import { NotModelledError } from './not-modelled.ts';
import { ResetFlag } from './rcc.ts';
import type { RegisterBlock } from './register-block.ts';
import { Rng } from './rng.ts';
import { Spi } from './spi.ts';
import { Timer } from './timer.ts';
import type { Trigger } from './trigger.ts';
import { UnmodelledBlock } from './unmodelled-block.ts';
import { Usart } from './usart.ts';
import { IndependentWatchdog, WindowWatchdog } from './watchdog.ts';

/** Timers behind the DAC's TSEL values (RM0090 table 75). */
const DAC_TRIGGERS: Record<number, number> = { 0: 6, 1: 8, 2: 7, 3: 5, 4: 2, 5: 4 };

/** Timers behind the regular EXTSEL values that are TRGO (RM0090 table 69): 6 TIM2, 8 TIM3, 14 TIM8. */
const ADC_TRIGGERS: Record<number, number> = { 6: 2, 8: 3, 14: 8 };

/** Makes the peripheral of a place, or gives the one that the chip has had from the beginning. */
export function makePeripheral(chip: Chip, place: Place): RegisterBlock {
  switch (place.kind) {
    case 'rcc':
      return chip.rcc;
    case 'exti':
      return chip.exti;
    case 'syscfg':
      return chip.syscfg;
    case 'flash':
      return chip.flash;
    case 'pwr':
      return chip.pwr;
    case 'rtc':
      return chip.rtc;
    case 'dbgmcu':
      return new DebugUnit(chip.data.idCode);
    case 'crc':
      return new Crc();
    case 'gpio':
      return makePort(chip, place);
    case 'timer':
      return makeTimer(chip, place);
    case 'usart':
      return requesting(chip, new Usart(place.name, { ...surroundings(chip, place), interrupt: chip.interruptLine(place.name) }));
    case 'i2c':
      return makeI2c(chip, place);
    case 'spi':
      return makeSpi(chip, place);
    case 'can':
      return makeCan(chip, place);
    case 'adc':
      return makeAdc(chip, place);
    case 'adc-common':
      return new AdcCommon(() => chip.rcc.actual.pclk2, chip.interruptLine('ADC'));
    case 'dac':
      return makeDac(chip);
    case 'dma':
      return makeDma(chip, place);
    case 'rng':
      return new Rng(chip.clock, chip.random.fork('rng'), () => chip.rcc.actual.pll48, chip.interruptLine('HASH_RNG'));
    case 'iwdg':
      return new IndependentWatchdog(chip.clock, chip.data.oscillators.slow, () => chip.requestReset(ResetFlag.INDEPENDENT_WATCHDOG));
    case 'wwdg':
      return new WindowWatchdog(
        chip.clock,
        () => chip.rcc.actual.pclk1,
        chip.interruptLine('WWDG'),
        () => chip.requestReset(ResetFlag.WINDOW_WATCHDOG),
      );
    case 'sdio':
    case 'usb-otg':
    case 'i2s-ext':
      return new UnmodelledBlock(place.name);
  }
}

/** What every serial controller needs. */
function surroundings(chip: Chip, { bus }: Place) {
  const { clock, trace, lines } = chip;
  return { clock, trace, lines, frequency: chip.busFrequency(bus) };
}

/** Takes a peripheral's DMA requests to the controllers. */
function requesting<T extends RegisterBlock & { onDmaRequest?: (kind: never) => void }>(
  chip: Chip,
  block: T,
  prefix = `${block.name}_`,
): T {
  const request = (kind: string | number) => chip.requestDma(`${prefix}${kind}`);
  block.onDmaRequest = request;
  return block;
}

function makePort(chip: Chip, { name }: Place): GpioPort {
  const port = new GpioPort(name.slice(4));
  for (const { name, index, functions } of pinsOfPort(chip.data, port.letter)) port.add(new GpioPin(name, port, index, functions, chip));
  return port;
}

function makeTimer(chip: Chip, { number, bus }: Place): Timer {
  const features = chip.data.timers[number];
  const { update, capture, break: breaking, trigger } = features.interrupts;
  return requesting(
    chip,
    new Timer(number, features, {
      clock: chip.clock,
      lines: chip.lines,
      source: chip.timerClock(bus),
      interrupts: {
        update: chip.interruptLine(update),
        capture: chip.interruptLine(capture),
        break: breaking === undefined ? undefined : chip.interruptLine(breaking),
        trigger: trigger === undefined ? undefined : chip.interruptLine(trigger),
      },
      internalTrigger: index => chip.findTimer(features.internalTriggers?.[index] ?? 0)?.trigger,
    }),
  );
}

function makeI2c(chip: Chip, place: Place): I2c {
  const { name } = place;
  return requesting(
    chip,
    new I2c(name, {
      ...surroundings(chip, place),
      interrupts: { event: chip.interruptLine(`${name}_EV`), error: chip.interruptLine(`${name}_ER`) },
      ports: chip.netlist.i2cPorts,
    }),
  );
}

function makeSpi(chip: Chip, place: Place): Spi {
  return requesting(
    chip,
    new Spi(place.name, {
      ...surroundings(chip, place),
      interrupt: chip.interruptLine(place.name),
      i2sFrequency: () => chip.rcc.actual.i2s,
      ports: chip.netlist.spiPorts,
    }),
  );
}

function makeCan(chip: Chip, place: Place): Can {
  const { name, number } = place;
  return new Can(number, {
    ...surroundings(chip, place),
    interrupts: {
      transmit: chip.interruptLine(`${name}_TX`),
      fifo0: chip.interruptLine(`${name}_RX0`),
      fifo1: chip.interruptLine(`${name}_RX1`),
      status: chip.interruptLine(`${name}_SCE`),
    },
    filters: number === 1 ? undefined : chip.can(1).filters,
    transceivers: chip.netlist.canTransceivers,
  });
}

function makeAdc(chip: Chip, { number }: Place): Adc {
  const { environment, hardware, data, map } = chip;
  const pinOf = adcPinsOf(data);
  const inputs = {
    pin: (channel: number) => chip.findPin(pinOf.get(`${number}.${channel}`) ?? '')?.voltage,
    reference: hardware.supply,
    get battery() {
      return environment.battery;
    },
    get temperature() {
      return environment.temperature;
    },
  };
  const triggerOf = (selection: number): Trigger | undefined => {
    const timer = ADC_TRIGGERS[selection];
    if (timer === undefined) throw new NotModelledError('ADC', `external trigger ${selection} (CR2.EXTSEL)`);
    return chip.findTimer(timer)?.trigger;
  };
  const common = chip.block(map.all('adc-common')[0].name) as AdcCommon;
  return new Adc(number, chip.clock, common, data.adc, inputs, triggerOf, name => chip.requestDma(name));
}

function makeDac(chip: Chip): Dac {
  const dac = new Dac({
    pins: ['PA4', 'PA5'].map(name => chip.findPin(name)),
    supply: chip.hardware.supply,
    interrupt: chip.interruptLine('TIM6_DAC'),
    triggerOf: selection => chip.findTimer(DAC_TRIGGERS[selection] ?? 0)?.trigger,
  });
  return requesting(chip, dac, 'DAC');
}

function makeDma(chip: Chip, { name, number }: Place): Dma {
  const lines = Array.from({ length: 8 }, (_, stream) => chip.interruptLine(`${name}_Stream${stream}`));
  return new Dma(name, chip.space, lines, chip.data.dma[number] ?? []);
}
