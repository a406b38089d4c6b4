/**
 * The thermometer DS18B20 on a 1-Wire bus (data sheet DS18B20, 2019): presence, ROM commands with the search that finds
 * every device, conversion at 9 to 12 bits, scratchpad, alarm limits, and its EEPROM. All slots have the data sheet's times.
 *
 * Several may share one wire: what each drives is ANDed there by the net.
 */
import type { ClockEvent } from '../clock/clock.ts';
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';

const MICROSECOND = 1000;

/** ns. A reset is longer than any slot; a slot is sampled in its middle; what is driven low is held for a while. */
const TIME = {
  reset: 400 * MICROSECOND,
  presenceDelay: 30 * MICROSECOND,
  presence: 120 * MICROSECOND,
  /** until nobody's presence pulse can be there any more */
  presences: 300 * MICROSECOND,
  sample: 30 * MICROSECOND,
  hold: 30 * MICROSECOND,
  copy: 10_000 * MICROSECOND,
} as const;

/** Conversion time at 9, 10, 11 and 12 bits. */
const CONVERSION = [93_750, 187_500, 375_000, 750_000].map(time => time * MICROSECOND);

type Phase = 'idle' | 'presence' | 'rom-command' | 'match' | 'search' | 'function' | 'write-scratchpad' | 'read' | 'busy';

export class Ds18b20 extends Part {
  /** Eight bytes: family 0x28, serial number, checksum. */
  readonly rom: Uint8Array;
  private readonly temperature: { readonly value: number };
  private readonly drift: { readonly value: number };
  private readonly scratchpad = Uint8Array.of(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0);
  private readonly eeprom = Uint8Array.of(0x4b, 0x46, 0x7f);
  private phase: Phase = 'idle';
  private fellAt = 0;
  private driving = false;
  private sampling: ClockEvent | undefined;
  private bits = 0;
  private shift = 0;
  private outgoing: Uint8Array = new Uint8Array(0);
  private outgoingBit = 0;
  private searchStep = 0;
  private alarmSearch = false;
  private received: number[] = [];
  private busyUntil = 0;

  /** @param serial 48 bits that tell it from others */
  constructor(bench: PartBench, name: string, serial?: number) {
    super(bench, name);
    const number = serial ?? this.random.between(1, 0xffff_ffff);
    const rom = Uint8Array.of(0x28, ...Array.from({ length: 6 }, (_, i) => Math.floor(number / 256 ** i) & 0xff), 0);
    rom[7] = crc8(rom.subarray(0, 7));
    this.rom = rom;
    this.temperature = this.addNumber('temperature', { description: 'how warm it is', unit: '°C', initial: 25, min: -55, max: 125 });
    this.drift = this.addAmountFault('drift', 'it measures too much', '°C');
    this.addFlagFault('silent', 'it does not answer');
    this.addFlagFault('wrong-answers', 'its checksum does not fit');
    this.addReading('measured', { description: 'the last temperature measured', unit: '°C', read: () => this.measured });
    this.updateChecksum();
    const data = this.addPin('data');
    data.observe((bit, time) => this.edge(bit, time));
  }

  private get measured(): number {
    return (((this.scratchpad[1] << 8) | this.scratchpad[0]) << 16) / 0x10_0000;
  }

  private get resolution(): number {
    return (this.scratchpad[4] >> 5) & 3;
  }

  // --- the wire --------------------------------------------------------------------------------------------------

  private edge(bit: Bit, time: number): void {
    if (this.isFaulty('silent')) return;
    if (bit === 0) {
      this.fellAt = time;
      if (this.driving) return;
      if (this.isSending) this.sendBit();
      else if (this.phase !== 'idle' && this.phase !== 'presence')
        this.sampling = this.clock.after(TIME.sample, () => this.receiveBit(this.pin('data').bit));
      return;
    }
    if (time - this.fellAt < TIME.reset || this.driving) return;
    this.clock.cancel(this.sampling);
    this.begin('presence');
    this.clock.after(TIME.presenceDelay, () => this.pull(TIME.presence));
    this.clock.after(TIME.presences, () => this.begin('rom-command'));
  }

  private pull(duration: number): void {
    this.driving = true;
    this.pin('data').setDrive(0);
    this.clock.after(duration, () => {
      this.pin('data').setDrive(-1);
      this.driving = false;
    });
  }

  private get isSending(): boolean {
    return this.phase === 'read' || this.phase === 'busy' || (this.phase === 'search' && this.searchStep < 2);
  }

  private sendBit(): void {
    let bit = 1;
    if (this.phase === 'busy') bit = this.clock.now >= this.busyUntil ? 1 : 0;
    else if (this.phase === 'search') {
      bit = this.romBit(this.bits) ^ this.searchStep;
      this.searchStep++;
    } else {
      const { outgoing, outgoingBit } = this;
      if (outgoingBit < outgoing.length * 8) bit = (outgoing[outgoingBit >> 3] >> (outgoingBit & 7)) & 1;
      this.outgoingBit++;
    }
    if (bit === 0) this.pull(TIME.hold);
  }

  private romBit(index: number): number {
    return (this.rom[index >> 3] >> (index & 7)) & 1;
  }

  private begin(phase: Phase): void {
    this.phase = phase;
    this.bits = this.shift = this.searchStep = 0;
    this.received = [];
  }

  private receiveBit(bit: Bit): void {
    if (this.phase === 'search') {
      // The controller says which way the search goes; whoever is on the other branch leaves.
      if (bit !== this.romBit(this.bits)) this.begin('idle');
      else if (++this.bits === 64) this.begin('function');
      this.searchStep = 0;
      return;
    }
    if (this.phase === 'match') {
      if (bit !== this.romBit(this.bits)) this.begin('idle');
      else if (++this.bits === 64) this.begin('function');
      return;
    }
    this.shift |= bit << this.bits;
    if (++this.bits < 8) return;
    const byte = this.shift;
    this.bits = this.shift = 0;
    if (this.phase === 'rom-command') this.romCommand(byte);
    else if (this.phase === 'function') this.functionCommand(byte);
    else if (this.phase === 'write-scratchpad') this.writeScratchpad(byte);
  }

  // --- commands --------------------------------------------------------------------------------------------------

  private romCommand(command: number): void {
    switch (command) {
      case 0x33:
        this.say(this.rom);
        break;
      case 0x55:
        this.begin('match');
        break;
      case 0xcc:
        this.begin('function');
        break;
      case 0xf0:
      case 0xec:
        this.alarmSearch = command === 0xec;
        this.begin(this.alarmSearch && !this.isAlarmed ? 'idle' : 'search');
        break;
      default:
        this.begin('idle');
    }
  }

  private get isAlarmed(): boolean {
    const degrees = Math.floor(this.measured);
    const signed = (byte: number) => (byte << 24) >> 24;
    return degrees >= signed(this.scratchpad[2]) || degrees <= signed(this.scratchpad[3]);
  }

  private functionCommand(command: number): void {
    switch (command) {
      case 0x44:
        this.convert();
        break;
      case 0x4e:
        this.begin('write-scratchpad');
        break;
      case 0xbe: {
        const answer = this.scratchpad.slice();
        if (this.isFaulty('wrong-answers')) answer[8] ^= 0x55;
        this.say(answer);
        break;
      }
      case 0x48:
        this.eeprom.set(this.scratchpad.subarray(2, 5));
        this.occupy(TIME.copy);
        break;
      case 0xb8:
        this.scratchpad.set(this.eeprom, 2);
        this.updateChecksum();
        this.occupy(0);
        break;
      case 0xb4:
        // Read slots say 1: it has a supply of its own.
        this.say(Uint8Array.of(0xff));
        break;
      default:
        this.begin('idle');
    }
  }

  private say(bytes: Uint8Array): void {
    this.begin('read');
    this.outgoing = bytes;
    this.outgoingBit = 0;
  }

  private occupy(duration: number): void {
    this.begin('busy');
    this.busyUntil = this.clock.now + duration;
  }

  private convert(): void {
    const time = CONVERSION[this.resolution];
    this.occupy(time);
    this.clock.after(time, () => {
      const step = 2 ** -(1 + this.resolution);
      const value = Math.max(-55, Math.min(125, this.temperature.value + this.drift.value));
      const counts = Math.floor(value / step) * (step * 16);
      this.scratchpad[0] = counts & 0xff;
      this.scratchpad[1] = (counts >> 8) & 0xff;
      this.updateChecksum();
    });
  }

  private writeScratchpad(byte: number): void {
    this.received.push(byte);
    const index = this.received.length - 1;
    this.scratchpad[2 + index] = index === 2 ? (byte & 0x60) | 0x1f : byte;
    this.updateChecksum();
    if (index === 2) this.begin('idle');
  }

  private updateChecksum(): void {
    this.scratchpad[8] = crc8(this.scratchpad.subarray(0, 8));
  }
}

/** The 1-Wire checksum: polynomial x^8 + x^5 + x^4 + 1, least significant bit first. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}
