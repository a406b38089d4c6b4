/** The CRC calculation unit (RM0090 section 4): the Ethernet polynomial over 32-bit words, most significant bit first. */
import { RegisterBlock } from './register-block.ts';

export const CrcRegister = { DR: 0x0, IDR: 0x4, CR: 0x8 } as const;

export class Crc extends RegisterBlock {
  private value = 0xffff_ffff;
  private idr = 0;

  constructor() {
    super('CRC');
  }

  override reset(): void {
    this.value = 0xffff_ffff;
    this.idr = 0;
  }

  override readRegister(offset: number): number {
    return offset === CrcRegister.DR ? this.value >>> 0 : offset === CrcRegister.IDR ? this.idr : 0;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === CrcRegister.DR) {
      let crc = this.value ^ value;
      for (let bit = 0; bit < 32; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
      this.value = crc >>> 0;
    } else if (offset === CrcRegister.IDR) this.idr = value & 0xff;
    else if (offset === CrcRegister.CR && value & 1) this.value = 0xffff_ffff;
  }
}
