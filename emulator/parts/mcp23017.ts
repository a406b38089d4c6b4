/**
 * The port expander MCP23017 on I2C (Microchip data sheet DS20001952C): two ports of eight pins with direction, pull-ups,
 * inverted inputs and interrupts on change.
 */
import type { Bit } from '../trace/level.ts';
import type { PartBench } from './part.ts';
import { RegisterPart } from './register-part.ts';

/** Registers of a port (table 3-1), in the order of their addresses. */
const R = { IODIR: 0, IPOL: 1, GPINTEN: 2, DEFVAL: 3, INTCON: 4, IOCON: 5, GPPU: 6, INTF: 7, INTCAP: 8, GPIO: 9, OLAT: 10 } as const;
const COUNT = 11;
const IOCON = { BANK: 0x80, MIRROR: 0x40, SEQOP: 0x20, ODR: 0x04, INTPOL: 0x02 } as const;

/** Ohms of an internal pull-up. */
const PULL_UP = 100_000;

const PORTS = ['a', 'b'] as const;

export class Mcp23017 extends RegisterPart {
  private readonly ports: [Uint8Array, Uint8Array] = [new Uint8Array(COUNT), new Uint8Array(COUNT)];
  /** what interrupt-on-change compares with */
  private readonly before: [number, number] = [0, 0];

  /** Pins `scl`, `sda`, `reset`, `inta`, `intb`, `a0` … `a7`, `b0` … `b7`. */
  constructor(bench: PartBench, name: string, address = 0x20) {
    super(bench, name, address);
    for (const pin of ['inta', 'intb']) this.addPin(pin);
    for (const [port, letter] of PORTS.entries()) {
      for (let bit = 0; bit < 8; bit++) this.addPin(`${letter}${bit}`).observe(() => this.changed(port));
      this.addReading(`port-${letter}`, {
        description: `the levels of the pins of port ${letter.toUpperCase()}, ${letter}0 lowest`,
        read: () => this.levels(port),
      });
      this.addReading(`outputs-${letter}`, {
        description: `which pins of port ${letter.toUpperCase()} are outputs`,
        read: () => ~this.ports[port][R.IODIR] & 0xff,
      });
    }
    const reset = this.addPin('reset');
    reset.setPull(PULL_UP, bench.netlist.supply);
    reset.observe(bit => {
      if (bit === 0) this.reset();
    });
    this.reset();
  }

  private reset(): void {
    for (const registers of this.ports) {
      registers.fill(0);
      registers[R.IODIR] = 0xff;
    }
    for (const port of [0, 1]) this.drive(port);
    this.interrupts();
  }

  private get configuration(): number {
    return this.ports[0][R.IOCON];
  }

  private levels(port: number): number {
    let levels = 0;
    for (let bit = 0; bit < 8; bit++) levels |= this.pin(`${PORTS[port]}${bit}`).bit << bit;
    return levels;
  }

  /** Addresses are in pairs, or in two banks. */
  private decode(register: number): [port: number, register: number] {
    return this.configuration & IOCON.BANK ? [(register >> 4) & 1, register & 15] : [register & 1, register >> 1];
  }

  protected override following(register: number): number {
    if (this.configuration & IOCON.BANK) {
      if (this.configuration & IOCON.SEQOP) return register;
      return (register & 0x10) | (((register & 15) + 1) % COUNT);
    }
    // In byte mode the pointer toggles between the two ports (section 3.2.1).
    return this.configuration & IOCON.SEQOP ? register ^ 1 : (register + 1) % (2 * COUNT);
  }

  protected override readRegister(address: number): number {
    const [port, register] = this.decode(address);
    if (register >= COUNT) return 0;
    const registers = this.ports[port];
    if (register === R.GPIO) {
      const value = this.levels(port) ^ registers[R.IPOL];
      this.acknowledge(port);
      return value;
    }
    const value = registers[register];
    if (register === R.INTCAP) this.acknowledge(port);
    return value;
  }

  protected override writeRegister(address: number, value: number): void {
    const [port, register] = this.decode(address);
    if (register >= COUNT || register === R.INTF || register === R.INTCAP) return;
    if (register === R.IOCON) for (const registers of this.ports) registers[R.IOCON] = value & 0xfe;
    else this.ports[port][register === R.GPIO ? R.OLAT : register] = value;
    this.drive(port);
    if (register === R.GPINTEN) this.before[port] = this.levels(port);
    this.interrupts();
  }

  private drive(port: number): void {
    const registers = this.ports[port];
    for (let bit = 0; bit < 8; bit++) {
      const pin = this.pin(`${PORTS[port]}${bit}`);
      const input = (registers[R.IODIR] >> bit) & 1;
      pin.setPull(input && (registers[R.GPPU] >> bit) & 1 ? PULL_UP : Infinity, this.bench.netlist.supply);
      pin.setDrive(input ? -1 : (((registers[R.OLAT] >> bit) & 1) as Bit));
    }
  }

  private changed(port: number): void {
    const registers = this.ports[port];
    const levels = this.levels(port);
    const compared = registers[R.INTCON];
    const different = (levels ^ this.before[port]) & ~compared;
    // A pin that is compared with DEFVAL interrupts as long as it differs.
    const unlike = (levels ^ registers[R.IPOL] ^ registers[R.DEFVAL]) & compared;
    this.before[port] = levels;
    const causes = (different | unlike) & registers[R.GPINTEN] & registers[R.IODIR];
    if (causes === 0 || registers[R.INTF] !== 0) return;
    registers[R.INTF] = causes;
    registers[R.INTCAP] = levels ^ registers[R.IPOL];
    this.interrupts();
  }

  private acknowledge(port: number): void {
    this.ports[port][R.INTF] = 0;
    this.interrupts();
    this.changed(port);
  }

  private interrupts(): void {
    const { MIRROR, ODR, INTPOL } = IOCON;
    const [a, b] = this.ports.map(registers => registers[R.INTF] !== 0);
    const either = this.configuration & MIRROR ? a || b : undefined;
    for (const [pin, active] of [
      ['inta', either ?? a],
      ['intb', either ?? b],
    ] as const) {
      const high = active === ((this.configuration & INTPOL) !== 0);
      this.pin(pin).setDrive(this.configuration & ODR ? (active ? 0 : -1) : high ? 1 : 0);
    }
  }
}
