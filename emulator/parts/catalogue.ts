/** The parts that a bench file or a step can name, and how each is made. */
import { CanPeer, CanTransceiver } from './can-transceiver.ts';
import { Dht22 } from './dht22.ts';
import { Ds18b20 } from './ds18b20.ts';
import { Eeprom24C, type EepromModel } from './eeprom-24c.ts';
import { JumperWire } from './jumper-wire.ts';
import { Led } from './led.ts';
import { Mma7660 } from './mma7660.ts';
import { type Part, type PartBench, PartError } from './part.ts';
import { Potentiometer } from './potentiometer.ts';
import { PushButton } from './push-button.ts';
import { RotaryEncoder } from './rotary-encoder.ts';
import { SerialPeer } from './serial-peer.ts';
import { Servo } from './servo.ts';
import { Ssd1306I2c, Ssd1306Spi } from './ssd1306.ts';
import { W25q, type W25qModel } from './w25q.ts';
import { Ws2812 } from './ws2812.ts';

/** What a part may be told when it is made, besides its name. */
export type PartOptions = Readonly<Record<string, number | string | boolean>>;

export interface PartKind {
  /** One sentence for the documentation. */
  description: string;
  /** The options it understands, each with what it means. */
  options: Readonly<Record<string, string>>;
  make(bench: PartBench, name: string, options: PartOptions): Part;
}

const number = (options: PartOptions, key: string, otherwise: number): number => {
  const value = options[key] ?? otherwise;
  if (typeof value !== 'number') throw new PartError(`option "${key}" must be a number, not ${String(value)}`);
  return value;
};

function kind(description: string, options: Record<string, string>, make: PartKind['make']): PartKind {
  return { description, options, make };
}

const entries: [string, PartKind][] = [
  [
    'led',
    kind(
      'a light-emitting diode; pin anode',
      { lit: 'the level that lights it, 1', color: 'for pictures, red' },
      (b, n, o) => new Led(b, n, number(o, 'lit', 1) as 0 | 1, String(o['color'] ?? 'red')),
    ),
  ],
  [
    'button',
    kind(
      'a push-button; pins a and b',
      { bounce: 'ms for which it bounces, 0' },
      (b, n, o) => new PushButton(b, n, number(o, 'bounce', 0)),
    ),
  ],
  [
    'potentiometer',
    kind(
      'a potentiometer at the supply; pin wiper',
      { resistance: 'ohms, 10000' },
      (b, n, o) => new Potentiometer(b, n, number(o, 'resistance', 10_000)),
    ),
  ],
  [
    'servo',
    kind(
      'a hobby servo; pin signal',
      { centre: 'µs in the middle, 1500', quarterTurn: 'µs more for 90°, 970', speed: '° a second, 400', range: '° to either side, 90' },
      (b, n, o) =>
        new Servo(b, n, {
          centre: number(o, 'centre', 1500),
          quarterTurn: number(o, 'quarterTurn', 970),
          speed: number(o, 'speed', 400),
          range: number(o, 'range', 90),
        }),
    ),
  ],
  [
    'mma7660',
    kind(
      'an accelerometer; pins scl, sda, avdd, int',
      { address: 'on the bus, 0x4c' },
      (b, n, o) => new Mma7660(b, n, number(o, 'address', 0x4c)),
    ),
  ],
  [
    'ssd1306',
    kind(
      'a display on I2C; pins scl, sda',
      { width: '128', height: '64', address: 'on the bus, 0x3c' },
      (b, n, o) => new Ssd1306I2c(b, n, number(o, 'width', 128), number(o, 'height', 64), number(o, 'address', 0x3c)),
    ),
  ],
  [
    'ssd1306-spi',
    kind(
      'a display on SPI; pins sck, mosi, cs, dc, res',
      { width: '128', height: '64' },
      (b, n, o) => new Ssd1306Spi(b, n, number(o, 'width', 128), number(o, 'height', 64)),
    ),
  ],
  [
    'ds18b20',
    kind(
      'a thermometer on 1-Wire; pin data',
      { serial: 'its serial number' },
      (b, n, o) => new Ds18b20(b, n, 'serial' in o ? number(o, 'serial', 0) : undefined),
    ),
  ],
  ['dht22', kind('a humidity sensor; pin data', {}, (b, n) => new Dht22(b, n, 'DHT22'))],
  ['dht11', kind('a humidity sensor; pin data', {}, (b, n) => new Dht22(b, n, 'DHT11'))],
  [
    'ws2812',
    kind(
      'a strip of RGB LEDs; pin din',
      { count: 'LEDs, 8', white: 'whether they have a fourth, white, chip' },
      (b, n, o) => new Ws2812(b, n, number(o, 'count', 8), o['white'] === true),
    ),
  ],
  [
    'rotary-encoder',
    kind(
      'a rotary encoder; pins a and b',
      { bounce: 'ms for which it bounces, 0' },
      (b, n, o) => new RotaryEncoder(b, n, number(o, 'bounce', 0)),
    ),
  ],
  [
    'serial-peer',
    kind(
      'something with a serial port; pins tx, rx, rts, cts',
      { baud: 'bits a second, 115200' },
      (b, n, o) => new SerialPeer(b, n, number(o, 'baud', 115_200)),
    ),
  ],
  [
    'can-transceiver',
    kind(
      'what connects a CAN controller to a bus; pins txd, rxd',
      { bus: 'the name of the bus, can' },
      (b, n, o) => new CanTransceiver(b, n, String(o['bus'] ?? 'can')),
    ),
  ],
  [
    'can-peer',
    kind(
      'another device on a CAN bus; no pins',
      { bus: 'the name of the bus, can', rate: 'bits a second, 125000' },
      (b, n, o) => new CanPeer(b, n, number(o, 'rate', 125_000), String(o['bus'] ?? 'can')),
    ),
  ],
  ['wire', kind('a jumper wire; pins a and b', {}, (b, n) => new JumperWire(b, n))],
  ...(['24C02', '24C04', '24C08', '24C16', '24C32', '24C64', '24C128', '24C256', '24C512'] as EepromModel[]).map(
    (model): [string, PartKind] => [
      model.toLowerCase(),
      kind(
        `an EEPROM ${model}; pins scl, sda`,
        { selected: 'what its address pins say, 0 to 7' },
        (b, n, o) => new Eeprom24C(b, n, model, number(o, 'selected', 0)),
      ),
    ],
  ),
  ...(['W25Q16', 'W25Q32', 'W25Q64', 'W25Q128'] as W25qModel[]).map((model): [string, PartKind] => [
    model.toLowerCase(),
    kind(`an SPI flash ${model}; pins sck, mosi, miso, cs`, {}, (b, n) => new W25q(b, n, model)),
  ]),
];

/** Every kind of part by its name. */
export const partKinds: ReadonlyMap<string, PartKind> = new Map(entries);

/** Makes a part of a kind. @throws PartError if there is no such kind, or it does not understand an option */
export function makePart(bench: PartBench, kindName: string, name: string, options: PartOptions = {}): Part {
  const found = partKinds.get(kindName);
  if (found === undefined) throw new PartError(`there is no part "${kindName}"; there are: ${[...partKinds.keys()].join(', ')}`);
  for (const option of Object.keys(options)) {
    if (!(option in found.options)) {
      throw new PartError(`${kindName} has no option "${option}"; it has: ${Object.keys(found.options).join(', ') || 'none'}`);
    }
  }
  return found.make(bench, name, options);
}
