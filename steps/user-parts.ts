/**
 * Parts that a project writes itself, in JavaScript or TypeScript: a device on I2C, SPI or a UART, with controls that a
 * spec sets and readings that it checks. Each byte on the wire is a call; virtual time stands still meanwhile.
 *
 *     definePart({
 *       kind: 'tmp102',
 *       title: 'thermometer on I2C',
 *       controls: { temperature: { unit: '°C', value: 25, min: -40, max: 125 } },
 *       i2c: { address: 0x48 },
 *       device: part => ({
 *         write: byte => true,
 *         read: () => part.controls.temperature & 0xff,
 *       }),
 *     });
 */
import type { HostDevice, PartKind, PartValue, Quantity } from '../emulator/session/handle.ts';
import { BadStep } from './failure.ts';

export interface UserControl {
  /** Unit symbol; empty or absent where there is none. */
  readonly unit?: string;
  /** What it is, in a phrase. */
  readonly about?: string;
  /** What it is at first; its type is the control's type. */
  readonly value: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  /** For texts: what it may be. */
  readonly values?: readonly string[];
}

export interface UserReading {
  readonly unit?: string;
  readonly about?: string;
  read(part: UserPartInstance): PartValue;
}

/** One part on the bench, as its device sees it. */
export interface UserPartInstance {
  readonly name: string;
  /** Options and controls by name: what the spec has set. */
  readonly controls: Record<string, PartValue>;
  /** What the device wants to keep. */
  readonly memory: Map<string, unknown>;
}

/** What a device does on its bus; see HostI2cDevice, HostSpiDevice and HostUartDevice for what each call means. */
export type UserDevice = {
  start?(read: boolean): boolean | Promise<boolean>;
  write?(byte: number): boolean | Promise<boolean>;
  read?(): number | Promise<number>;
  stop?(): void | Promise<void>;
  select?(selected: boolean): void | Promise<void>;
  transfer?(byte: number): number | Promise<number>;
  receive?(byte: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
};

export interface UserPart {
  /** How specs name it. */
  readonly kind: string;
  readonly title: string;
  /** Where its behaviour is documented. */
  readonly source?: string;
  readonly controls?: Readonly<Record<string, UserControl>>;
  readonly readings?: Readonly<Record<string, UserReading>>;
  /** Exactly one of the three says what bus it is on. An address may be a control's name, so that a spec can choose it. */
  readonly i2c?: { readonly address: number | string };
  readonly spi?: Readonly<Record<string, never>>;
  readonly uart?: { readonly baudrate: number };
  device(part: UserPartInstance): UserDevice;
}

const defined = new Map<string, UserPart>();

/** Makes a kind of part known, so that "a tmp102 called … is wired:" finds it. @throws BadStep if the definition lacks something */
export function definePart(part: UserPart): void {
  const buses = [part.i2c, part.spi, part.uart].filter(bus => bus !== undefined);
  if (!/^[\w-]+$/.test(part.kind)) throw new BadStep(`a part's kind is one word, not "${part.kind}"`);
  if (buses.length !== 1) throw new BadStep(`part "${part.kind}": say with i2c, spi or uart what bus it is on, with one of them`);
  defined.set(part.kind, part);
}

export function userPart(kind: string): UserPart | undefined {
  return defined.get(kind);
}

export function userPartKinds(): string[] {
  return [...defined.keys()];
}

const typeNames = { number: 'number', string: 'text', boolean: 'flag' } as const;

function quantity(name: string, { unit = '', about = '', value, min, max, values }: UserControl): Quantity {
  return { name, type: typeNames[typeof value as 'number'], unit, text: about, min, max, values };
}

/** The kind as the steps look at those of the emulator. */
export function describeUserPart(part: UserPart): PartKind {
  const pins =
    part.i2c !== undefined ? ['scl', 'sda'] : part.spi !== undefined ? ['sck', 'mosi', 'miso', 'cs'] : ['tx', 'rx', 'rts', 'cts'];
  return {
    kind: part.kind,
    title: part.title,
    source: part.source ?? '',
    pins: pins.map(name => ({ name, optional: part.i2c === undefined, text: '' })),
    controls: Object.entries(part.controls ?? {}).map(([name, control]) => quantity(name, control)),
    readings: Object.entries(part.readings ?? {}).map(([name, { unit = '', about = '' }]) => ({ name, type: 'number', unit, text: about })),
    options: [],
    faults: [],
  };
}

/** A part of the user's on the bench. */
export class PlacedUserPart implements UserPartInstance {
  readonly controls: Record<string, PartValue>;
  readonly memory = new Map<string, unknown>();
  readonly description: PartKind;

  constructor(
    readonly part: UserPart,
    readonly name: string,
    options: Readonly<Record<string, PartValue>>,
  ) {
    this.description = describeUserPart(part);
    this.controls = Object.fromEntries(
      Object.entries(part.controls ?? {}).map(([control, { value }]) => [control, options[control] ?? value]),
    );
  }

  set(control: string, value: PartValue): void {
    this.controls[control] = value;
  }

  reading(name: string): PartValue {
    return this.part.readings![name].read(this);
  }

  /** The device as a session wants it. */
  device(): HostDevice {
    const { i2c, uart } = this.part;
    const device = this.part.device(this);
    if (i2c !== undefined) {
      const address = typeof i2c.address === 'string' ? Number(this.controls[i2c.address]) : i2c.address;
      return { protocol: 'i2c', address, write: () => true, read: () => 0xff, ...device };
    }
    if (uart !== undefined) return { protocol: 'uart', baudrate: uart.baudrate, receive: () => undefined, ...device };
    return { protocol: 'spi', transfer: () => 0xff, ...device };
  }
}
