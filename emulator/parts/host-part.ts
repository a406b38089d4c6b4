/** Parts whose behaviour is written by a user, in the host: whatever happens on their wires is asked there, while virtual time stands still. */
import { SpiPort } from '../peripherals/spi-bus.ts';
import { I2cPart } from './i2c-part.ts';
import { Part, type PartBench } from './part.ts';
import { SerialPeer } from './serial-peer.ts';

/** Asks the host, and waits for its answer. */
export type AskHost = (method: string, ...args: unknown[]) => unknown;

/** What the host's device can be asked; what it does not have is not asked for. */
export type HostPartSetup =
  | { readonly protocol: 'i2c'; readonly address: number; readonly has: readonly string[] }
  | { readonly protocol: 'spi'; readonly has: readonly string[] }
  | { readonly protocol: 'uart'; readonly baudrate: number; readonly has: readonly string[] };

export function makeHostPart(bench: PartBench, name: string, setup: HostPartSetup, ask: AskHost): Part {
  switch (setup.protocol) {
    case 'i2c':
      return new HostI2cPart(bench, name, setup.address, setup.has, ask);
    case 'spi':
      return new HostSpiPart(bench, name, setup.has, ask);
    case 'uart':
      return hostUartPart(bench, name, setup.baudrate, ask);
  }
}

const byteOf = (answer: unknown): number => Number(answer) & 0xff;

class HostI2cPart extends I2cPart {
  constructor(
    bench: PartBench,
    name: string,
    private readonly address: number,
    private readonly has: readonly string[],
    private readonly ask: AskHost,
  ) {
    super(bench, name);
  }

  protected override addressed(address: number, read: boolean): boolean {
    if (address !== this.address) return false;
    return !this.has.includes('start') || this.ask('start', read) !== false;
  }

  protected override written(byte: number): boolean {
    return this.ask('write', byte) !== false;
  }

  protected override nextByte(): number {
    return byteOf(this.ask('read'));
  }

  protected override stopped(): void {
    if (this.has.includes('stop')) this.ask('stop');
  }
}

class HostSpiPart extends Part {
  constructor(bench: PartBench, name: string, has: readonly string[], ask: AskHost) {
    super(bench, name);
    const [sck, mosi, miso, select] = ['sck', 'mosi', 'miso', 'cs'].map(pin => this.addPin(pin));
    // SPI shifts both ways at once: what a device says with a byte follows from the bytes before it.
    let next = 0xff;
    const tell = (selected: boolean) => {
      if (has.includes('select')) ask('select', selected);
    };
    this.addFlagFault('silent', 'it does not answer');
    new SpiPort(
      { sck, mosi, miso, select },
      {
        select: () => tell(true),
        deselect: () => tell(false),
        output: () => (this.isFaulty('silent') ? 0xff : next),
        input: byte => {
          if (!this.isFaulty('silent')) next = byteOf(ask('transfer', byte));
        },
      },
      { polarity: 0, phase: 0 },
      bench.netlist.spiPorts,
    );
  }
}

function hostUartPart(bench: PartBench, name: string, baudrate: number, ask: AskHost): Part {
  const peer = new SerialPeer(bench, name, baudrate);
  peer.onByte = byte => {
    const answer = ask('receive', byte);
    if (answer instanceof Uint8Array && answer.length > 0) peer.send(answer);
  };
  return peer;
}
