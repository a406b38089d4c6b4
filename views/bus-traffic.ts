/** One line for a piece of bus traffic, for diagrams and failures. */
import type { BusTraffic } from '../emulator/session/handle.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');

/** `write 0x50 ✓ 00 00 41`, `TX 48 69 "Hi"`. */
export function describeTraffic(traffic: BusTraffic): string {
  switch (traffic.protocol) {
    case 'i2c': {
      const address = `0x${traffic.address.toString(16).padStart(2, '0').toUpperCase()}`;
      const head = `${traffic.read ? 'read' : 'write'} ${address} ${traffic.acks[0] ? '✓' : '✗ nack'}`;
      return traffic.data.length === 0 ? head : `${head} ${hex(traffic.data)}`;
    }
    case 'spi':
      return `out ${hex(traffic.out)} / in ${hex(traffic.in)}`;
    case 'uart':
      return `${traffic.direction === 'tx' ? 'TX' : 'RX'} ${hex(traffic.data)}${asText(traffic.data)}${traffic.error === undefined ? '' : ` ✗ ${traffic.error}`}`;
    case 'can':
      return `${traffic.direction === 'tx' ? 'TX' : 'RX'} 0x${traffic.id.toString(16).toUpperCase()}${traffic.remote ? ' remote' : ''} ${hex(traffic.data)}${traffic.acknowledged ? '' : ' ✗ no acknowledge'}`;
  }
}

/** Did something go wrong on the wire? */
export function isTrouble(traffic: BusTraffic): boolean {
  switch (traffic.protocol) {
    case 'i2c':
      return !traffic.acks[0];
    case 'uart':
      return traffic.error !== undefined;
    case 'can':
      return !traffic.acknowledged;
    case 'spi':
      return false;
  }
}

function asText(bytes: Uint8Array): string {
  return bytes.length > 0 && bytes.every(byte => byte >= 0x20 && byte < 0x7f) ? ` "${Buffer.from(bytes).toString('latin1')}"` : '';
}
