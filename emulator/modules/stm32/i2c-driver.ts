/** The HAL's I2C driver as the port uses it (ports/stm32/pyb_i2c.c): controller and target, by polling. One for each bus. */
import type { I2cBus } from '../../../boards/board.ts';
import { I2cCr1, I2cRegister, I2cSr1, I2cSr2 } from '../../peripherals/i2c.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { delayMs, NS_PER_MS } from '../waiting.ts';
import type { HalStatus } from './hal-status.ts';
import { configureAlternate } from './pins.ts';
import { pollUntil, tickDeadline } from './time.ts';

/** OAR1 of a bus that is a controller: an address that nobody uses. */
export const CONTROLLER_ADDRESS = 0xfe;
/** How long the HAL waits for the bus to be free. */
const BUSY_TIMEOUT = 25 * NS_PER_MS;

export class I2cDriver {
  enabled = false;
  ownAddress: number = CONTROLLER_ADDRESS;
  generalCall = false;
  /** Hz asked for. */
  speed = 400_000;

  constructor(readonly bus: I2cBus) {}

  get block() {
    return hardware().chip.i2c(this.bus.id);
  }
  get isController(): boolean {
    return this.ownAddress === CONTROLLER_ADDRESS;
  }

  private modify(register: number, clear: number, set: number): void {
    const { block } = this;
    block.writeRegister(register, (block.peek(register) & ~clear) | set);
  }

  /** Hz as the registers have it. */
  get baudrate(): number {
    const megahertz = this.block.peek(I2cRegister.CR2) & 0x3f;
    const ccr = this.block.peek(I2cRegister.CCR);
    return Math.floor((megahertz * (ccr & 0x8000 ? 40_000 : 500_000)) / Math.max(1, ccr & 0xfff));
  }

  /** HAL_I2C_Init: fast mode has the 16 to 9 duty cycle. */
  init(): void {
    const { chip } = hardware();
    const { block, bus } = this;
    chip.rcc.enable(block.name);
    for (const pin of [bus.scl, bus.sda]) configureAlternate(pin, 'I2C', bus.id, { openDrain: true });
    const { pclk1 } = chip.rcc.frequencies;
    const megahertz = Math.floor(pclk1 / 1_000_000);
    const fast = this.speed > 100_000;
    this.modify(I2cRegister.CR1, I2cCr1.PE, 0);
    block.writeRegister(I2cRegister.CR1, I2cCr1.SWRST);
    block.writeRegister(I2cRegister.CR1, 0);
    block.writeRegister(I2cRegister.CR2, megahertz);
    block.writeRegister(I2cRegister.TRISE, fast ? Math.floor((megahertz * 300) / 1000) + 1 : megahertz + 1);
    const divided = (coefficient: number) => (Math.floor((pclk1 - 1) / Math.max(1, this.speed * coefficient)) + 1) & 0xfff;
    block.writeRegister(I2cRegister.CCR, fast ? Math.max(1, divided(25)) | 0xc000 : Math.max(4, divided(2)));
    block.writeRegister(I2cRegister.CR1, this.generalCall ? I2cCr1.ENGC : 0);
    block.writeRegister(I2cRegister.OAR1, 0x4000 | this.ownAddress);
    block.writeRegister(I2cRegister.OAR2, 0);
    this.modify(I2cRegister.CR1, 0, I2cCr1.PE);
    this.enabled = true;
  }

  deinit(): void {
    if (!this.enabled) return;
    this.enabled = false;
    this.block.reset();
    hardware().chip.rcc.enable(this.block.name, false);
  }

  private get isBusy(): boolean {
    return (this.block.peek(I2cRegister.SR2) & I2cSr2.BUSY) !== 0;
  }

  private waitUntilFree(): boolean {
    return pollUntil(() => !this.isBusy, BUSY_TIMEOUT);
  }

  /** Gives the bus 50 ms to become free, or starts the block anew (i2c_reset_after_error). */
  resetAfterError(): void {
    for (let i = 0; i < 50; i++) {
      if (!this.isBusy) return;
      delayMs(1);
    }
    this.deinit();
    this.init();
  }

  /** Waits for a flag of SR1; a missing acknowledge ends the transfer. */
  private waitFor(flag: number, deadline: number): HalStatus {
    const { block } = this;
    const status = () => block.readRegister(I2cRegister.SR1);
    if (!pollUntil(() => (status() & (flag | I2cSr1.AF | I2cSr1.ARLO | I2cSr1.BERR)) !== 0, Math.max(0, deadline - now())))
      return 'timeout';
    if (status() & flag) return 'ok';
    if (status() & I2cSr1.AF) this.modify(I2cRegister.CR1, 0, I2cCr1.STOP);
    block.writeRegister(I2cRegister.SR1, ~(I2cSr1.AF | I2cSr1.ARLO | I2cSr1.BERR) & 0xffff);
    return 'error';
  }

  /** START and the address byte. */
  private address(byte: number, deadline: number): HalStatus {
    this.modify(I2cRegister.CR1, I2cCr1.POS, I2cCr1.START);
    const started = this.waitFor(I2cSr1.SB, deadline);
    if (started !== 'ok') return started;
    this.block.writeRegister(I2cRegister.DR, byte);
    return this.waitFor(I2cSr1.ADDR, deadline);
  }

  private clearAddress(): void {
    this.block.readRegister(I2cRegister.SR1);
    this.block.readRegister(I2cRegister.SR2);
  }

  private sendBytes(data: Uint8Array, deadline: number): HalStatus {
    for (const byte of data) {
      const ready = this.waitFor(I2cSr1.TXE, deadline);
      if (ready !== 'ok') return ready;
      this.block.writeRegister(I2cRegister.DR, byte);
    }
    return data.length === 0 ? 'ok' : this.waitFor(I2cSr1.BTF, deadline);
  }

  private stop(): void {
    this.modify(I2cRegister.CR1, 0, I2cCr1.STOP);
  }

  /** Receives after the address was acknowledged, and ends with a STOP. */
  private receiveBytes(into: Uint8Array, deadline: number): HalStatus {
    const { length } = into;
    if (length === 0) {
      this.clearAddress();
      this.stop();
      return 'ok';
    }
    this.modify(I2cRegister.CR1, length === 1 ? I2cCr1.ACK : 0, length === 1 ? 0 : I2cCr1.ACK);
    this.clearAddress();
    if (length === 1) this.stop();
    for (let i = 0; i < length; i++) {
      const ready = this.waitFor(I2cSr1.RXNE, deadline);
      if (ready !== 'ok') return ready;
      // The last byte, which comes in now, is not acknowledged.
      if (i === length - 2) this.modify(I2cRegister.CR1, I2cCr1.ACK, I2cCr1.STOP);
      into[i] = this.block.readRegister(I2cRegister.DR);
    }
    return 'ok';
  }

  private begin(timeout: number): { deadline: number; status: HalStatus } {
    if (!this.enabled) return { deadline: 0, status: 'error' };
    if (!this.waitUntilFree()) return { deadline: 0, status: 'busy' };
    return { deadline: tickDeadline(timeout), status: 'ok' };
  }

  /** HAL_I2C_Master_Transmit. `address` has 7 bits, `timeout` is in ms. */
  send(address: number, data: Uint8Array, timeout: number): HalStatus {
    const { deadline, status } = this.begin(timeout);
    if (status !== 'ok') return status;
    const addressed = this.address((address << 1) & 0xfe, deadline);
    if (addressed !== 'ok') return addressed;
    this.clearAddress();
    const sent = this.sendBytes(data, deadline);
    if (sent === 'ok') this.stop();
    return sent;
  }

  /** HAL_I2C_Master_Receive. */
  receive(address: number, into: Uint8Array, timeout: number): HalStatus {
    const { deadline, status } = this.begin(timeout);
    if (status !== 'ok') return status;
    const addressed = this.address(((address << 1) & 0xfe) | 1, deadline);
    return addressed === 'ok' ? this.receiveBytes(into, deadline) : addressed;
  }

  private addressMemory(address: number, memory: Uint8Array, deadline: number): HalStatus {
    const addressed = this.address((address << 1) & 0xfe, deadline);
    if (addressed !== 'ok') return addressed;
    this.clearAddress();
    for (const byte of memory) {
      const ready = this.waitFor(I2cSr1.TXE, deadline);
      if (ready !== 'ok') return ready;
      this.block.writeRegister(I2cRegister.DR, byte);
    }
    return 'ok';
  }

  /** HAL_I2C_Mem_Write. `memory` is the memory address, the high byte first. */
  writeMemory(address: number, memory: Uint8Array, data: Uint8Array, timeout: number): HalStatus {
    const { deadline, status } = this.begin(timeout);
    if (status !== 'ok') return status;
    const addressed = this.addressMemory(address, memory, deadline);
    if (addressed !== 'ok') return addressed;
    const sent = data.length > 0 ? this.sendBytes(data, deadline) : this.waitFor(I2cSr1.BTF, deadline);
    if (sent === 'ok') this.stop();
    return sent;
  }

  /** HAL_I2C_Mem_Read. */
  readMemory(address: number, memory: Uint8Array, into: Uint8Array, timeout: number): HalStatus {
    const { deadline, status } = this.begin(timeout);
    if (status !== 'ok') return status;
    const addressed = this.addressMemory(address, memory, deadline);
    if (addressed !== 'ok') return addressed;
    // The address must be out before the bus turns round.
    const turned = this.waitFor(I2cSr1.BTF, deadline);
    if (turned !== 'ok') return turned;
    const again = this.address(((address << 1) & 0xfe) | 1, deadline);
    return again === 'ok' ? this.receiveBytes(into, deadline) : again;
  }

  /** HAL_I2C_IsDeviceReady: does somebody acknowledge the address? */
  isReady(address: number, trials: number, timeout: number): HalStatus {
    if (!this.enabled) return 'error';
    if (!this.waitUntilFree()) return 'busy';
    for (let trial = 0; trial < trials; trial++) {
      const addressed = this.address((address << 1) & 0xfe, tickDeadline(timeout));
      if (addressed === 'timeout') return 'timeout';
      if (addressed === 'ok') {
        this.stop();
        this.clearAddress();
      }
      if (!this.waitUntilFree()) return 'error';
      if (addressed === 'ok') return 'ok';
    }
    return 'error';
  }

  // --- target ----------------------------------------------------------------------------------------------------

  private waitToBeAddressed(deadline: number): HalStatus {
    this.modify(I2cRegister.CR1, I2cCr1.POS, I2cCr1.ACK);
    const addressed = this.waitForOwn(I2cSr1.ADDR, deadline);
    if (addressed === 'ok') this.clearAddress();
    return addressed;
  }

  private waitForOwn(flag: number, deadline: number, error = 0): HalStatus {
    const status = () => this.block.readRegister(I2cRegister.SR1);
    if (!pollUntil(() => (status() & (flag | error)) !== 0, Math.max(0, deadline - now()))) return 'timeout';
    return status() & flag ? 'ok' : 'error';
  }

  /** HAL_I2C_Slave_Transmit: answers a controller that reads. */
  sendAsTarget(data: Uint8Array, timeout: number): HalStatus {
    if (!this.enabled) return 'error';
    const deadline = tickDeadline(timeout);
    let status = this.waitToBeAddressed(deadline);
    for (const byte of data) {
      if (status === 'ok') status = this.waitForOwn(I2cSr1.TXE, deadline, I2cSr1.AF);
      if (status === 'ok') this.block.writeRegister(I2cRegister.DR, byte);
    }
    if (status === 'ok') status = this.waitForOwn(I2cSr1.AF, deadline);
    if (status !== 'timeout') this.block.writeRegister(I2cRegister.SR1, ~I2cSr1.AF & 0xffff);
    this.modify(I2cRegister.CR1, I2cCr1.ACK, 0);
    return status;
  }

  /** HAL_I2C_Slave_Receive: takes what a controller writes. */
  receiveAsTarget(into: Uint8Array, timeout: number): HalStatus {
    if (!this.enabled) return 'error';
    const deadline = tickDeadline(timeout);
    let status = this.waitToBeAddressed(deadline);
    for (let i = 0; i < into.length && status === 'ok'; i++) {
      status = this.waitForOwn(I2cSr1.RXNE, deadline, I2cSr1.STOPF);
      if (status === 'ok') into[i] = this.block.readRegister(I2cRegister.DR);
    }
    if (status === 'ok') status = this.waitForOwn(I2cSr1.STOPF, deadline);
    this.block.readRegister(I2cRegister.SR1);
    this.modify(I2cRegister.CR1, I2cCr1.ACK, I2cCr1.PE);
    return status;
  }
}

const KEY = Symbol('I2C buses');

const drivers = () =>
  vm.volatileStateOf(KEY, () => new Map(hardware().hardware.i2cs.map(bus => [bus.id, new I2cDriver(bus)] as [number, I2cDriver])));

/** What a soft reset does. */
export function deinitI2cs(): void {
  for (const driver of drivers().values()) driver.deinit();
}

/** The bus that a guest's value names. Raises ValueError for none. */
export function findI2c(value: Value): I2cDriver {
  if (typeof value === 'string') {
    const named = [...drivers().values()].find(({ bus }) => bus.name === value);
    if (named === undefined) raiseValueError(`I2C(${value}) doesn't exist`);
    return named;
  }
  const id = toInt(value);
  const found = drivers().get(id);
  if (found === undefined) raiseValueError(`I2C(${id}) doesn't exist`);
  return found;
}
