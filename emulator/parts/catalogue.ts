/** The parts that a bench can have, by the kind that specs name. */
import { Dht22 } from './dht22.ts';
import { Ds18b20 } from './ds18b20.ts';
import { Eeprom24C, type EepromModel } from './eeprom-24c.ts';
import { JumperWire } from './jumper-wire.ts';
import { Led } from './led.ts';
import { Mma7660 } from './mma7660.ts';
import type { ControlValue, Part, PartBench } from './part.ts';
import { Potentiometer } from './potentiometer.ts';
import { PushButton } from './push-button.ts';
import { Relay } from './relay.ts';
import { RotaryEncoder } from './rotary-encoder.ts';
import { SerialPeer } from './serial-peer.ts';
import { Servo } from './servo.ts';
import { Ssd1306I2c, Ssd1306Spi } from './ssd1306.ts';
import { W25q, type W25qModel } from './w25q.ts';
import { Ws2812 } from './ws2812.ts';

export type PartOptions = Readonly<Record<string, ControlValue | readonly number[]>>;

export interface PartOption {
  readonly name: string;
  readonly type: 'number' | 'text' | 'flag';
  readonly unit?: string;
  readonly description: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

export interface CatalogueEntry {
  readonly kind: string;
  readonly title: string;
  /** Where its behaviour is documented. */
  readonly source: string;
  /** Pins that need no wire. */
  readonly optionalPins?: readonly string[];
  readonly options?: readonly PartOption[];
  make(bench: PartBench, name: string, options: PartOptions): Part;
}

const number = (options: PartOptions, name: string): number | undefined => options[name] as number | undefined;

export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  (
    [
      {
        kind: 'led',
        title: 'LED with its resistor',
        source: 'a diode: lit or not',
        options: [
          { name: 'lit', type: 'number', description: 'the level that lights it', min: 0, max: 1 },
          { name: 'color', type: 'text', description: 'its colour, for pictures' },
        ],
        make: (bench, name, options) =>
          new Led(bench, name, (number(options, 'lit') ?? 1) as 0 | 1, (options.color as string | undefined) ?? 'red'),
      },
      {
        kind: 'button',
        title: 'push-button between a pin and ground',
        source: 'a tactile switch: bounces for some milliseconds',
        optionalPins: ['b'],
        make: (bench, name) => new PushButton(bench, name),
      },
      {
        kind: 'potentiometer',
        title: 'potentiometer between supply and ground',
        source: 'a linear one of 10 kΩ',
        options: [{ name: 'resistance', type: 'number', unit: 'Ω', description: 'from end to end', min: 1 }],
        make: (bench, name, options) => new Potentiometer(bench, name, number(options, 'resistance')),
      },
      {
        kind: 'servo',
        title: 'hobby servo',
        source: 'pulses of 1 to 2 ms, some fifty a second',
        options: [
          { name: 'speed', type: 'number', unit: '°/s', description: 'how fast its arm turns', min: 1 },
          { name: 'range', type: 'number', unit: '°', description: 'how far it turns to either side', min: 1, max: 180 },
        ],
        make: (bench, name, options) => new Servo(bench, name, { speed: number(options, 'speed'), range: number(options, 'range') }),
      },
      {
        kind: 'relay',
        title: 'relay module',
        source: 'a coil behind a transistor: its contact closes some milliseconds after its input rises',
        make: (bench, name) => new Relay(bench, name),
      },
      {
        kind: 'rotary-encoder',
        title: 'rotary encoder with two contacts',
        source: 'quadrature, a whole cycle for each detent',
        make: (bench, name) => new RotaryEncoder(bench, name),
      },
      {
        kind: 'jumper',
        title: 'wire that can be pulled out',
        source: 'a wire',
        make: (bench, name) => new JumperWire(bench, name),
      },
      {
        kind: 'serial-peer',
        title: 'serial device at the other end of a UART',
        source: 'asynchronous frames at a baud rate of its own',
        optionalPins: ['rts', 'cts', 'tx', 'rx'],
        make: (bench, name) => new SerialPeer(bench, name),
      },
      ...(['24c02', '24c04', '24c08', '24c16', '24c32', '24c64', '24c128', '24c256', '24c512'] as const).map(kind => ({
        kind,
        title: 'serial EEPROM',
        source: 'data sheets of AT24C02 to AT24C512',
        options: [{ name: 'selected', type: 'number' as const, description: 'what its address pins say', min: 0, max: 7 }],
        make: (bench: PartBench, name: string, options: PartOptions) =>
          new Eeprom24C(bench, name, kind.toUpperCase() as EepromModel, number(options, 'selected')),
      })),
      {
        kind: 'ssd1306',
        title: 'OLED display on I2C',
        source: 'data sheet of the SSD1306, rev 1.1',
        options: [
          { name: 'width', type: 'number', unit: 'pixels', description: 'of the panel', min: 1, max: 128 },
          { name: 'height', type: 'number', unit: 'pixels', description: 'of the panel', min: 1, max: 64 },
          { name: 'address', type: 'number', description: 'on the bus, 0x3C or 0x3D' },
        ],
        make: (bench, name, options) =>
          new Ssd1306I2c(bench, name, number(options, 'width'), number(options, 'height'), number(options, 'address')),
      },
      {
        kind: 'ssd1306-spi',
        title: 'OLED display on SPI',
        source: 'data sheet of the SSD1306, rev 1.1',
        optionalPins: ['cs', 'res'],
        make: (bench, name) => new Ssd1306Spi(bench, name),
      },
      {
        kind: 'ds18b20',
        title: 'thermometer on 1-Wire',
        source: 'data sheet of the DS18B20',
        make: (bench, name) => new Ds18b20(bench, name),
      },
      {
        kind: 'dht22',
        title: 'thermometer and hygrometer',
        source: 'data sheet of the AM2302',
        make: (bench, name) => new Dht22(bench, name, 'DHT22'),
      },
      {
        kind: 'dht11',
        title: 'thermometer and hygrometer',
        source: 'data sheet of the DHT11',
        make: (bench, name) => new Dht22(bench, name, 'DHT11'),
      },
      {
        kind: 'mma7660',
        title: 'accelerometer on I2C',
        source: 'data sheet of the MMA7660FC, rev 7',
        optionalPins: ['int'],
        make: (bench, name) => new Mma7660(bench, name),
      },
      ...(['w25q16', 'w25q32', 'w25q64', 'w25q128'] as const).map(kind => ({
        kind,
        title: 'flash memory on SPI',
        source: 'data sheets of W25Q16 to W25Q128',
        make: (bench: PartBench, name: string) => new W25q(bench, name, kind.toUpperCase() as W25qModel),
      })),
      {
        kind: 'ws2812',
        title: 'strip of LEDs with a colour each',
        source: 'data sheet of the WS2812B',
        options: [{ name: 'count', type: 'number', description: 'how many LEDs it has', min: 1, max: 1024 }],
        make: (bench, name, options) => new Ws2812(bench, name, number(options, 'count') ?? 8),
      },
    ] satisfies CatalogueEntry[] as CatalogueEntry[]
  ).map(entry => [entry.kind, entry]),
);
