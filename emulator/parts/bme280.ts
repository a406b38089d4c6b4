/**
 * The pressure, temperature and humidity sensor BME280 (data sheet BST-BME280-DS001 rev. 1.23) and its sibling without
 * humidity, the BMP280 (BST-BMP280-DS001 rev. 1.26), on I2C.
 *
 * Its registers hold what its converters gave; a driver makes numbers of that with the calibration values of the chip. So
 * the model goes the other way: for what it is set to, it looks for the converter values that the data sheet's formulas
 * (section 4.2.3 and appendix 8.1) turn into it.
 */
import type { ClockEvent } from '../clock/clock.ts';
import type { PartBench } from './part.ts';
import { RegisterPart } from './register-part.ts';

export type BmeModel = 'BME280' | 'BMP280';

const ID = { BME280: 0x60, BMP280: 0x58 } as const;

/** Section 5.3: the registers that a driver uses. */
const Register = {
  CALIBRATION: 0x88,
  ID: 0xd0,
  RESET: 0xe0,
  CALIBRATION_H: 0xe1,
  CTRL_HUM: 0xf2,
  STATUS: 0xf3,
  CTRL_MEAS: 0xf4,
  CONFIG: 0xf5,
  DATA: 0xf7,
};

const RESET_WORD = 0xb6;
const MILLISECOND = 1_000_000;

/** Table 27: ms between two measurements in normal mode. */
const STANDBY = { BME280: [0.5, 62.5, 125, 250, 500, 1000, 10, 20], BMP280: [0.5, 62.5, 125, 250, 500, 1000, 2000, 4000] } as const;

/** Samples that are averaged, by the three bits of osrs_x. */
const OVERSAMPLING = [0, 1, 2, 4, 8, 16, 16, 16];

/** Calibration as in the example of the BMP280's data sheet, section 3.12, with plausible values for humidity. */
const T = [27504, 26435, -1000];
const P = [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000];
const H = { h1: 75, h2: 362, h3: 0, h4: 313, h5: 50, h6: 30 };

/** A fine temperature, in 1/5120 °C, from a converter value. */
function fineTemperature(adc: number): number {
  const [t1, t2, t3] = T;
  return (adc / 16384 - t1 / 1024) * t2 + (adc / 131072 - t1 / 8192) ** 2 * t3;
}

/** Pressure in Pa. */
function pressureOf(adc: number, fine: number): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = P;
  let a = fine / 2 - 64000;
  let b = (a * a * p6) / 32768 + a * p5 * 2;
  b = b / 4 + p4 * 65536;
  a = (1 + ((p3 * a * a) / 524288 + p2 * a) / 524288 / 32768) * p1;
  const raw = ((1048576 - adc - b / 4096) * 6250) / a;
  return raw + ((p9 * raw * raw) / 2147483648 + (raw * p8) / 32768 + p7) / 16;
}

/** Relative humidity in %, not yet cut to 0 … 100. */
function humidityOf(adc: number, fine: number): number {
  const { h1, h2, h3, h4, h5, h6 } = H;
  const t = fine - 76800;
  const raw = (adc - (h4 * 64 + (h5 / 16384) * t)) * ((h2 / 65536) * (1 + (h6 / 67108864) * t * (1 + (h3 / 67108864) * t)));
  return raw * (1 - (h1 * raw) / 524288);
}

/** The converter value for which a monotonic formula comes closest to what is wanted. */
function converterValue(bits: number, wanted: number, formula: (adc: number) => number): number {
  let [from, to] = [0, 2 ** bits - 1];
  const rising = formula(to) > formula(from);
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (formula(middle) > wanted === rising) to = middle;
    else from = middle;
  }
  return Math.abs(formula(from) - wanted) <= Math.abs(formula(to) - wanted) ? from : to;
}

export class Bme280 extends RegisterPart {
  private readonly temperature: { readonly value: number };
  private readonly pressure: { readonly value: number };
  private readonly humidity: { readonly value: number };
  private readonly calibration = new Map<number, number>();
  private ctrlHum = 0;
  /** takes effect only with the next write of ctrl_meas (section 5.4.3) */
  private activeHum = 0;
  private ctrlMeas = 0;
  private config = 0;
  private measuring = false;
  private event: ClockEvent | undefined;
  private data: number[] = [];
  /** What a transfer reads is of one measurement (section 4.1). */
  private shadow: number[] = [];
  private filtered: { temperature: number; pressure: number } | undefined;

  constructor(
    bench: PartBench,
    name: string,
    private readonly model: BmeModel = 'BME280',
    address = 0x76,
  ) {
    super(bench, name, address);
    this.temperature = this.addNumber('temperature', { description: 'how warm it is', unit: '°C', initial: 25, min: -40, max: 85 });
    this.pressure = this.addNumber('pressure', {
      description: 'the pressure of the air',
      unit: 'hPa',
      initial: 1013.25,
      min: 300,
      max: 1100,
    });
    this.humidity = this.addNumber('humidity', { description: 'how damp it is', unit: '%', initial: 50, min: 0, max: 100 });
    this.addReading('measuring', { description: 'whether it is measuring', read: () => this.measuring });
    this.burnCalibration();
    this.reset();
  }

  private burnCalibration(): void {
    let register = Register.CALIBRATION;
    for (const word of [...T, ...P]) {
      this.calibration.set(register++, word & 0xff);
      this.calibration.set(register++, (word >> 8) & 0xff);
    }
    if (this.model !== 'BME280') return;
    const { h1, h2, h3, h4, h5, h6 } = H;
    this.calibration.set(0xa1, h1);
    // h4 and h5 share a register (table 16).
    const bytes = [h2 & 0xff, h2 >> 8, h3, h4 >> 4, (h4 & 15) | ((h5 & 15) << 4), h5 >> 4, h6];
    for (const [index, byte] of bytes.entries()) this.calibration.set(Register.CALIBRATION_H + index, byte & 0xff);
  }

  private reset(): void {
    this.clock.cancel(this.event);
    this.measuring = false;
    this.ctrlHum = this.activeHum = this.ctrlMeas = this.config = 0;
    this.filtered = undefined;
    this.data = this.shadow = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0];
  }

  protected override transferBegins(read: boolean): void {
    if (read) this.shadow = this.data;
  }

  protected override readRegister(register: number): number {
    if (register >= Register.DATA)
      return register < Register.DATA + (this.model === 'BME280' ? 8 : 6) ? this.shadow[register - Register.DATA] : 0;
    switch (register) {
      case Register.ID:
        return ID[this.model];
      case Register.CTRL_HUM:
        return this.ctrlHum;
      case Register.STATUS:
        return this.measuring ? 8 : 0;
      case Register.CTRL_MEAS:
        return this.ctrlMeas;
      case Register.CONFIG:
        return this.config;
    }
    return this.calibration.get(register) ?? 0;
  }

  protected override writeRegister(register: number, value: number): void {
    if (register === Register.RESET && value === RESET_WORD) this.reset();
    else if (register === Register.CTRL_HUM && this.model === 'BME280') this.ctrlHum = value & 7;
    else if (register === Register.CONFIG) {
      this.config = value & 0xfd;
      this.filtered = undefined;
    } else if (register === Register.CTRL_MEAS) {
      this.ctrlMeas = value;
      this.activeHum = this.ctrlHum;
      this.clock.cancel(this.event);
      this.measuring = false;
      if (this.mode !== 0) this.measure();
    }
  }

  /** 0 sleep, 1 and 2 forced, 3 normal. */
  private get mode(): number {
    return this.ctrlMeas & 3;
  }

  private get samples(): { temperature: number; pressure: number; humidity: number } {
    return {
      temperature: OVERSAMPLING[this.ctrlMeas >> 5],
      pressure: OVERSAMPLING[(this.ctrlMeas >> 2) & 7],
      humidity: this.model === 'BME280' ? OVERSAMPLING[this.activeHum] : 0,
    };
  }

  /** Typical time, appendix 9.1. */
  private measure(): void {
    const { temperature, pressure, humidity } = this.samples;
    const time = 1 + 2 * temperature + (pressure > 0 ? 2 * pressure + 0.5 : 0) + (humidity > 0 ? 2 * humidity + 0.5 : 0);
    this.measuring = true;
    this.event = this.clock.after(time * MILLISECOND, () => this.measured());
  }

  private measured(): void {
    this.measuring = false;
    const { samples } = this;
    const adcTemperature = converterValue(20, this.temperature.value * 5120, fineTemperature);
    const fine = fineTemperature(adcTemperature);
    const adcPressure = converterValue(20, this.pressure.value * 100, adc => pressureOf(adc, fine));
    const adcHumidity = converterValue(16, this.humidity.value, adc => humidityOf(adc, fine));
    const smooth = this.filter(adcTemperature, adcPressure);
    const t = samples.temperature > 0 ? smooth.temperature : 0x8_0000;
    const p = samples.pressure > 0 ? smooth.pressure : 0x8_0000;
    const h = samples.humidity > 0 ? adcHumidity : 0x8000;
    this.data = [p >> 12, (p >> 4) & 0xff, (p & 15) << 4, t >> 12, (t >> 4) & 0xff, (t & 15) << 4, h >> 8, h & 0xff];
    if (this.mode === 3) this.event = this.clock.after(STANDBY[this.model][this.config >> 5] * MILLISECOND, () => this.measure());
    else this.ctrlMeas &= 0xfc;
  }

  /** The filter of section 3.4.4: it begins with the first measurement. */
  private filter(temperature: number, pressure: number): { temperature: number; pressure: number } {
    const coefficient = [1, 2, 4, 8, 16, 16, 16, 16][(this.config >> 2) & 7];
    const before = this.filtered ?? { temperature, pressure };
    const step = (old: number, now: number) => (old * (coefficient - 1) + now) / coefficient;
    this.filtered = { temperature: step(before.temperature, temperature), pressure: step(before.pressure, pressure) };
    return { temperature: Math.round(this.filtered.temperature), pressure: Math.round(this.filtered.pressure) };
  }
}
