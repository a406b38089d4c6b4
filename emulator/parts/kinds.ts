/** The kinds of parts that a bench can be asked for by name, and how each is made. */
import { Bme280, type BmeModel } from './bme280.ts';
import { CanPeer, CanTransceiver } from './can-transceiver.ts';
import { Dht22 } from './dht22.ts';
import { Ds18b20 } from './ds18b20.ts';
import { Ds1307 } from './ds1307.ts';
import { Ds3231 } from './ds3231.ts';
import { Eeprom24C, type EepromModel } from './eeprom-24c.ts';
import { HcSr04 } from './hc-sr04.ts';
import { Hd44780 } from './hd44780.ts';
import { Hx711 } from './hx711.ts';
import { JumperWire } from './jumper-wire.ts';
import { Led } from './led.ts';
import { Max7219 } from './max7219.ts';
import { Mcp23017 } from './mcp23017.ts';
import { Mma7660 } from './mma7660.ts';
import { Mpu6050 } from './mpu6050.ts';
import type { Part, PartBench } from './part.ts';
import { Pcf8574 } from './pcf8574.ts';
import { Potentiometer } from './potentiometer.ts';
import { PushButton } from './push-button.ts';
import { Relay } from './relay.ts';
import { RotaryEncoder } from './rotary-encoder.ts';
import { SdCardSpi } from './sd-card-spi.ts';
import { SerialPeer } from './serial-peer.ts';
import { Servo } from './servo.ts';
import { ShiftRegister595 } from './shift-register-595.ts';
import { Ssd1306I2c, Ssd1306Spi } from './ssd1306.ts';
import { Tft, type TftModel } from './tft.ts';
import { Tm1637 } from './tm1637.ts';
import { W25q, type W25qModel } from './w25q.ts';
import { Ws2812 } from './ws2812.ts';

export type PartOptionValue = number | string | boolean | Uint8Array | readonly number[];
type Options = Readonly<Record<string, PartOptionValue>>;

export interface PartOption {
  readonly name: string;
  readonly type: 'number' | 'text' | 'flag';
  readonly unit: string;
  readonly text: string;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
}

export interface PartKindDefinition {
  readonly kind: string;
  readonly title: string;
  /** Where its behaviour is documented. */
  readonly source: string;
  /** What can be chosen when it is made; anything else is a first value of a control. */
  readonly options: readonly PartOption[];
  make(bench: PartBench, name: string, options: Options): Part;
}

const number = (options: Options, name: string, otherwise: number) => (options[name] === undefined ? otherwise : Number(options[name]));
const flag = (options: Options, name: string, otherwise: boolean) => (options[name] === undefined ? otherwise : Boolean(options[name]));

const text = (options: Options, name: string, otherwise: string) => (options[name] === undefined ? otherwise : String(options[name]));

const CAN_BUS: PartOption = { name: 'bus', type: 'text', unit: '', text: 'the bus that it is on; those on the same one hear each other' };
const BOUNCE: PartOption = { name: 'bounce', type: 'number', unit: 'ms', text: 'how long a contact bounces', min: 0, max: 1000 };
const ADDRESS: PartOption = { name: 'address', type: 'number', unit: '', text: 'its address on the I2C bus, 7 bits', min: 0x08, max: 0x77 };

const EEPROM_MODELS = ['24C02', '24C04', '24C08', '24C16', '24C32', '24C64', '24C128', '24C256', '24C512'] as const;
const W25Q_MODELS = ['W25Q16', 'W25Q32', 'W25Q64', 'W25Q128'] as const;

const eeprom = (model: string): PartKindDefinition => ({
  kind: model.toLowerCase(),
  title: `serial EEPROM ${model}`,
  source: `data sheet AT${model}`,
  options: [{ name: 'selected', type: 'number', unit: '', text: 'how its address pins are strapped', min: 0, max: 7 }],
  make: (bench, name, options) => new Eeprom24C(bench, name, model as EepromModel, number(options, 'selected', 0)),
});

const spiFlash = (model: string): PartKindDefinition => ({
  kind: model.toLowerCase(),
  title: `SPI flash ${model}`,
  source: 'data sheet W25Q128FV',
  options: [],
  make: (bench, name) => new W25q(bench, name, model as W25qModel),
});

const sensor = (model: 'DHT22' | 'DHT11'): PartKindDefinition => ({
  kind: model.toLowerCase(),
  title: `humidity and temperature sensor ${model}`,
  source: 'data sheet AM2302, section 7',
  options: [{ name: 'pull-up', type: 'flag', unit: '', text: 'whether its board has a pull-up on the data line' }],
  make: (bench, name, options) => new Dht22(bench, name, model, flag(options, 'pull-up', true)),
});

const display = (kind: string, bus: 'i2c' | 'spi'): PartKindDefinition => ({
  kind,
  title: `display SSD1306 on ${bus === 'i2c' ? 'I2C' : 'SPI'}`,
  source: 'data sheet SSD1306 rev. 1.1',
  options: [
    { name: 'width', type: 'number', unit: 'pixels', text: 'columns of the panel', min: 1, max: 128 },
    { name: 'height', type: 'number', unit: 'pixels', text: 'rows of the panel', min: 1, max: 64 },
    ...(bus === 'i2c' ? [ADDRESS] : []),
  ],
  make: (bench, name, options) =>
    bus === 'i2c'
      ? new Ssd1306I2c(bench, name, number(options, 'width', 128), number(options, 'height', 64), number(options, 'address', 0x3c))
      : new Ssd1306Spi(bench, name, number(options, 'width', 128), number(options, 'height', 64)),
});

const airSensor = (model: BmeModel): PartKindDefinition => ({
  kind: model.toLowerCase(),
  title: `${model === 'BME280' ? 'humidity, pressure and temperature' : 'pressure and temperature'} sensor ${model}`,
  source: model === 'BME280' ? 'data sheet BST-BME280-DS001 rev. 1.23' : 'data sheet BST-BMP280-DS001 rev. 1.26',
  options: [{ ...ADDRESS, min: 0x76, max: 0x77 }],
  make: (bench, name, options) => new Bme280(bench, name, model, number(options, 'address', 0x76)),
});

const colorDisplay = (model: TftModel): PartKindDefinition => ({
  kind: model.toLowerCase(),
  title: `colour display ${model} on SPI`,
  source: { ILI9341: 'data sheet ILI9341 V1.11', ST7735: 'data sheet ST7735R V0.2', ST7789: 'data sheet ST7789V V1.6' }[model],
  options: [
    { name: 'width', type: 'number', unit: 'pixels', text: 'columns of the panel', min: 1, max: 240 },
    { name: 'height', type: 'number', unit: 'pixels', text: 'rows of the panel', min: 1, max: 320 },
    { name: 'column-offset', type: 'number', unit: 'pixels', text: 'columns of memory left of the panel', min: 0, max: 80 },
    { name: 'row-offset', type: 'number', unit: 'pixels', text: 'rows of memory above the panel', min: 0, max: 80 },
    { name: 'bgr', type: 'flag', unit: '', text: 'the colours of its glass are in the order blue, green, red' },
  ],
  make: (bench, name, options) => {
    const optional = (option: string) => (options[option] === undefined ? undefined : Number(options[option]));
    return new Tft(bench, name, model, {
      width: optional('width'),
      height: optional('height'),
      columnOffset: optional('column-offset'),
      rowOffset: optional('row-offset'),
      bgr: options.bgr === undefined ? undefined : Boolean(options.bgr),
    });
  },
});

const DEFINITIONS: readonly PartKindDefinition[] = [
  {
    kind: 'led',
    title: 'light-emitting diode',
    source: 'a diode with its resistor, between a pin and a rail',
    options: [
      { name: 'color', type: 'text', unit: '', text: 'for pictures' },
      { name: 'active-low', type: 'flag', unit: '', text: 'a low level lights it' },
    ],
    make: (bench, name, options) => new Led(bench, name, flag(options, 'active-low', false) ? 0 : 1, String(options.color ?? 'red')),
  },
  {
    kind: 'button',
    title: 'push-button',
    source: 'a contact between two pins; the second is at ground unless wired elsewhere',
    options: [BOUNCE],
    make: (bench, name, options) => new PushButton(bench, name, number(options, 'bounce', 0)),
  },
  {
    kind: 'potentiometer',
    title: 'potentiometer',
    source: 'a resistor from ground to supply with a wiper',
    options: [{ name: 'resistance', type: 'number', unit: 'Ω', text: 'from end to end', min: 1 }],
    make: (bench, name, options) => new Potentiometer(bench, name, number(options, 'resistance', 10_000)),
  },
  {
    kind: 'relay',
    title: 'relay module',
    source: 'a coil behind a transistor: its contact closes some milliseconds after its input rises',
    options: [],
    make: (bench, name) => new Relay(bench, name),
  },
  {
    kind: 'servo',
    title: 'hobby servo',
    source: 'pulses of 1 to 2 ms, some fifty a second',
    options: [
      { name: 'speed', type: 'number', unit: '°/s', text: 'how fast it turns', min: 0 },
      { name: 'range', type: 'number', unit: '°', text: 'how far it turns to either side', min: 0, max: 360 },
    ],
    make: (bench, name, options) =>
      new Servo(bench, name, {
        speed: options.speed === undefined ? undefined : Number(options.speed),
        range: options.range === undefined ? undefined : Number(options.range),
      }),
  },
  {
    kind: 'rotary-encoder',
    title: 'rotary encoder',
    source: 'two contacts to ground in quadrature',
    options: [BOUNCE],
    make: (bench, name, options) => new RotaryEncoder(bench, name, number(options, 'bounce', 0)),
  },
  {
    kind: 'wire',
    title: 'jumper wire',
    source: 'two ends that can be pulled apart',
    options: [],
    make: (bench, name) => new JumperWire(bench, name),
  },
  {
    kind: 'serial-peer',
    title: 'something with a serial port',
    source: 'asynchronous serial frames, 8 data bits, no parity, 1 stop bit',
    options: [{ name: 'baud', type: 'number', unit: 'Bd', text: 'symbols a second', min: 1 }],
    make: (bench, name, options) => new SerialPeer(bench, name, number(options, 'baud', 115_200)),
  },
  {
    kind: 'can-transceiver',
    title: 'CAN transceiver',
    source: 'ISO 11898-2: what a controller sends is on the bus, what is on the bus it receives',
    options: [CAN_BUS],
    make: (bench, name, options) => new CanTransceiver(bench, name, text(options, 'bus', 'can')),
  },
  {
    kind: 'can-peer',
    title: 'another device on a CAN bus',
    source: 'ISO 11898-1: frames of version 2.0 B',
    options: [CAN_BUS, { name: 'rate', type: 'number', unit: 'bit/s', text: 'its speed', min: 1000, max: 1_000_000 }],
    make: (bench, name, options) => new CanPeer(bench, name, number(options, 'rate', 125_000), text(options, 'bus', 'can')),
  },
  {
    kind: 'ds18b20',
    title: 'thermometer DS18B20',
    source: 'data sheet DS18B20 (2019)',
    options: [{ name: 'serial', type: 'number', unit: '', text: 'serial number in its ROM code', min: 0 }],
    make: (bench, name, options) => new Ds18b20(bench, name, options.serial === undefined ? undefined : Number(options.serial)),
  },
  {
    kind: 'mma7660',
    title: 'accelerometer MMA7660FC',
    source: 'data sheet MMA7660FC rev. 7',
    options: [ADDRESS],
    make: (bench, name, options) => new Mma7660(bench, name, number(options, 'address', 0x4c)),
  },
  {
    kind: 'ws2812',
    title: 'strip of WS2812B LEDs',
    source: 'data sheet WS2812B',
    options: [
      { name: 'count', type: 'number', unit: '', text: 'how many LEDs', min: 1, max: 4096 },
      { name: 'white', type: 'flag', unit: '', text: 'with a fourth, white channel' },
    ],
    make: (bench, name, options) => new Ws2812(bench, name, number(options, 'count', 8), flag(options, 'white', false)),
  },
  {
    kind: 'hc-sr04',
    title: 'ultrasonic distance sensor HC-SR04',
    source: 'data sheet HC-SR04 (Elec Freaks)',
    options: [],
    make: (bench, name) => new HcSr04(bench, name),
  },
  {
    kind: 'hx711',
    title: 'load cell with the converter HX711',
    source: 'data sheet HX711 (Avia Semiconductor)',
    options: [
      { name: 'capacity', type: 'number', unit: 'kg', text: 'load for which the cell is rated', min: 0.001 },
      { name: 'sensitivity', type: 'number', unit: 'mV/V', text: 'its output at that load', min: 0.01, max: 10 },
    ],
    make: (bench, name, options) => new Hx711(bench, name, number(options, 'capacity', 5), number(options, 'sensitivity', 1)),
  },
  {
    kind: 'mpu6050',
    title: 'accelerometer and gyroscope MPU-6050',
    source: 'register map RM-MPU-6000A rev. 4.2',
    options: [{ ...ADDRESS, min: 0x68, max: 0x69 }],
    make: (bench, name, options) => new Mpu6050(bench, name, number(options, 'address', 0x68)),
  },
  airSensor('BME280'),
  airSensor('BMP280'),
  {
    kind: 'ds3231',
    title: 'real-time clock DS3231',
    source: 'data sheet 19-5170 rev. 10',
    options: [],
    make: (bench, name) => new Ds3231(bench, name),
  },
  {
    kind: 'ds1307',
    title: 'real-time clock DS1307',
    source: 'data sheet 100101 rev. 3/15',
    options: [],
    make: (bench, name) => new Ds1307(bench, name),
  },
  {
    kind: 'pcf8574',
    title: 'port expander PCF8574',
    source: 'data sheet PCF8574 rev. 5',
    options: [ADDRESS],
    make: (bench, name, options) => new Pcf8574(bench, name, number(options, 'address', 0x20)),
  },
  {
    kind: 'mcp23017',
    title: 'port expander MCP23017',
    source: 'data sheet DS20001952C',
    options: [{ ...ADDRESS, min: 0x20, max: 0x27 }],
    make: (bench, name, options) => new Mcp23017(bench, name, number(options, 'address', 0x20)),
  },
  {
    kind: '74hc595',
    title: 'shift register 74HC595',
    source: 'data sheet SCLS041',
    options: [],
    make: (bench, name) => new ShiftRegister595(bench, name),
  },
  {
    kind: 'hd44780',
    title: 'character display HD44780',
    source: 'data sheet ADE-207-272(Z)',
    options: [
      { name: 'columns', type: 'number', unit: '', text: 'characters of a line', min: 1, max: 40 },
      { name: 'rows', type: 'number', unit: '', text: 'lines', min: 1, max: 4 },
    ],
    make: (bench, name, options) => new Hd44780(bench, name, number(options, 'columns', 16), number(options, 'rows', 2)),
  },
  {
    kind: 'tm1637',
    title: 'display of seven segments with the driver TM1637',
    source: 'data sheet TM1637 V2.4',
    options: [{ name: 'digits', type: 'number', unit: '', text: 'how many it has', min: 1, max: 6 }],
    make: (bench, name, options) => new Tm1637(bench, name, number(options, 'digits', 4)),
  },
  {
    kind: 'max7219',
    title: 'LED matrices or digits with the driver MAX7219',
    source: 'data sheet 19-4452 rev. 4',
    options: [{ name: 'count', type: 'number', unit: '', text: 'drivers in the chain', min: 1, max: 64 }],
    make: (bench, name, options) => new Max7219(bench, name, number(options, 'count', 1)),
  },
  {
    kind: 'sd-card-spi',
    title: 'SD card on SPI',
    source: 'SD Physical Layer Simplified Specification 9.00, chapter 7',
    options: [
      { name: 'size', type: 'number', unit: 'MB', text: 'how much it holds; above 2048 it is of high capacity', min: 1, max: 32_768 },
    ],
    make: (bench, name, options) => new SdCardSpi(bench, name, number(options, 'size', 4096)),
  },
  display('ssd1306', 'i2c'),
  display('ssd1306-spi', 'spi'),
  colorDisplay('ILI9341'),
  colorDisplay('ST7735'),
  colorDisplay('ST7789'),
  sensor('DHT22'),
  sensor('DHT11'),
  ...EEPROM_MODELS.map(eeprom),
  ...W25Q_MODELS.map(spiFlash),
];

export const PART_KINDS: ReadonlyMap<string, PartKindDefinition> = new Map(DEFINITIONS.map(definition => [definition.kind, definition]));
