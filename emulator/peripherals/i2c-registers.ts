/** The registers of an I2C block and their bits (RM0090 section 27.6). */

export const I2cRegister = {
  CR1: 0x00,
  CR2: 0x04,
  OAR1: 0x08,
  OAR2: 0x0c,
  DR: 0x10,
  SR1: 0x14,
  SR2: 0x18,
  CCR: 0x1c,
  TRISE: 0x20,
  FLTR: 0x24,
} as const;

export const I2cCr1 = {
  PE: 1,
  SMBUS: 2,
  ENPEC: 0x20,
  ENGC: 0x40,
  NOSTRETCH: 0x80,
  START: 0x100,
  STOP: 0x200,
  ACK: 0x400,
  POS: 0x800,
  SWRST: 0x8000,
} as const;
export const I2cCr2 = { ITERREN: 0x100, ITEVTEN: 0x200, ITBUFEN: 0x400, DMAEN: 0x800, LAST: 0x1000 } as const;
export const I2cSr1 = {
  SB: 1,
  ADDR: 2,
  BTF: 4,
  ADD10: 8,
  STOPF: 0x10,
  RXNE: 0x40,
  TXE: 0x80,
  BERR: 0x100,
  ARLO: 0x200,
  AF: 0x400,
  OVR: 0x800,
} as const;
export const I2cSr2 = { MSL: 1, BUSY: 2, TRA: 4, GENCALL: 0x10, DUALF: 0x80 } as const;
