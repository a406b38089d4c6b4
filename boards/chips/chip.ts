/** What a microcontroller is: memory map, peripherals, interrupts, alternate functions. Data and no behaviour. */

export interface Chip {
  /** `stm32f405` */
  name: string;
  /** As the banner has it: `STM32F405RG`. */
  mcu: string;
  core: 'cortex-m4';
  /** The manual that the data is from. */
  manual: string;
  memory: MemoryRegion[];
  /** Two address ranges whose words stand for single bits (ARMv7-M, section B3.1). */
  bitBands: { base: number; size: number; alias: number }[];
  oscillators: {
    /** the internal RC oscillator, HSI */
    internal: number;
    /** the slow internal RC oscillator, LSI */
    slow: number;
  };
  /** The highest frequencies allowed. */
  limits: { sysclk: number; apb1: number; apb2: number };
  /** What the debug unit says it is: DBGMCU_IDCODE. */
  idCode: number;
  peripherals: Record<string, Peripheral>;
  /** Interrupt numbers by vector name. */
  interrupts: Record<string, number>;
  timers: Record<number, TimerFeatures>;
  dma: DmaRequests;
  adc: AdcFeatures;
  pins: Record<string, PinFunctions>;
}

export interface MemoryRegion {
  name: string;
  kind: 'flash' | 'ram' | 'rom';
  base: number;
  size: number;
  /** A second address at which it also appears: flash at 0. */
  alias?: number;
}

export type PeripheralKind =
  | 'adc'
  | 'adc-common'
  | 'can'
  | 'crc'
  | 'dac'
  | 'dbgmcu'
  | 'dma'
  | 'exti'
  | 'flash'
  | 'gpio'
  | 'i2c'
  | 'i2s-ext'
  | 'iwdg'
  | 'pwr'
  | 'rcc'
  | 'rng'
  | 'rtc'
  | 'sdio'
  | 'spi'
  | 'syscfg'
  | 'timer'
  | 'usart'
  | 'usb-otg'
  | 'wwdg';

export type BusName = 'ahb1' | 'ahb2' | 'apb1' | 'apb2' | 'core';

export interface Peripheral {
  kind: PeripheralKind;
  base: number;
  /** The bus whose clock drives it. */
  bus: BusName;
  /** The bit in RCC's enable and reset registers of its bus; absent if it is always on. */
  clockBit?: number;
}

/** By DMA controller, by channel, by stream: the requests, separated by spaces. */
export type DmaRequests = Record<number, Record<number, string>[]>;

export interface TimerFeatures {
  bits: 16 | 32;
  channels: 0 | 1 | 2 | 4;
  /** Channels with a complementary output, dead time and break. */
  complementary: 0 | 3;
  /** Up only, or up, down and centre-aligned. */
  directions: 'up' | 'all';
  /** Whether it can be clocked, reset or gated by another timer or pin. */
  slave: boolean;
  /** Whether it reads quadrature encoders. */
  encoder: boolean;
  repetition: boolean;
  interrupts: { update: string; capture: string; break?: string; trigger?: string };
  /** Which timers are ITR0 to ITR3. */
  internalTriggers?: number[];
}

export interface AdcFeatures {
  units: number[];
  /** Inputs inside the chip, by channel number. */
  internal: { temperature: number; reference: number; battery: number };
  /** The battery is divided by this before it is measured. */
  batteryDivider: number;
  /** Volts of the internal reference. */
  reference: number;
  /** Volts of the temperature sensor at 25 °C, and per °C. */
  temperature: { at25: number; slope: number };
  /** The highest ADC clock. */
  maxClock: number;
}

export interface PinFunctions {
  /** Alternate functions by number; more than one at a number are separated by `/`. */
  af: Record<number, string>;
  /** The converters and the channel: `ADC123_IN0`. */
  adc?: string;
}
