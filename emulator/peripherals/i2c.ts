/**
 * I2C1 to I2C3 (RM0090 section 27): controller and target, 7-bit addresses, standard and fast mode. SMBus and 10-bit
 * addresses are refused.
 *
 * A byte costs two clock events: one after its eighth bit, one after its ninth. What is read is what was on the SDA net at
 * the times at which the clock was high, so that anybody who pulls it down is heard.
 */

import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { EventStream } from '../trace/event-stream.ts';
import { Level } from '../trace/level.ts';
import type { Trace } from '../trace/trace.ts';
import { EdgeList } from '../trace/waveform.ts';
import type { FunctionLines } from './function-line.ts';
import { I2cPort, openDrainLevel } from './i2c-bus.ts';
import { I2cCr1, I2cCr2, I2cRegister, I2cSr1, I2cSr2 } from './i2c-registers.ts';
import { I2cTargetSide } from './i2c-target-side.ts';
import { LineWire } from './line-wire.ts';
import { BUS_PATIENCE, patient } from './net.ts';
import { NotModelledError } from './not-modelled.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';

export { I2cCr1, I2cCr2, I2cRegister, I2cSr1, I2cSr2 } from './i2c-registers.ts';

export interface I2cOptions {
  clock: Clock;
  trace: Trace;
  lines: FunctionLines;
  /** Hz of the bus clock. */
  frequency: number;
  interrupts: { event: InterruptLine; error: InterruptLine };
  /** All target ports of the bench. */
  ports: Set<I2cPort>;
}

/** What the controller is doing. `held`: it holds SCL low and waits for its program. */
type Step = 'off' | 'start' | 'held' | 'byte' | 'acknowledge' | 'stop';

export class I2c extends RegisterBlock {
  /** Called when the DMA controller is asked to move a byte. */
  onDmaRequest?: (request: 'TX' | 'RX') => void;

  private cr1 = 0;
  private cr2 = 0;
  private oar1 = 0;
  private oar2 = 0;
  private ccr = 0;
  private trise = 2;
  private fltr = 0;
  private sr1 = 0;
  private sr2 = 0;
  private data = 0;
  private sr1Read = false;

  private readonly clock: Clock;
  private readonly scl: LineWire;
  private readonly sda: LineWire;
  private frequency: number;

  private step: Step = 'off';
  private event: ClockEvent | undefined;
  private taken: I2cPort[] = [];
  private waitingForIdle: (() => void)[] = [];
  /** While a transfer runs on wires that go on at other boards: those may answer any bit, and hold the clock. */
  private listening: (() => void)[] = [];
  /** the byte in the shift register, or undefined */
  private shifting: number | undefined;
  private addressing = false;
  private receiving = false;
  private transmitPending = false;
  private byteStart = 0;
  private positionAck = true;
  private lastAck = true;
  /** what has been transferred since the last START, for the trace */
  private transferStart = 0;
  private transferAddress = -1;
  private transferred: number[] = [];

  private port: I2cPort | undefined;
  private readonly targetSide: I2cTargetSide;

  /** @param name `I2C1` */
  constructor(
    name: string,
    private readonly options: I2cOptions,
  ) {
    super(name);
    const { clock, lines } = options;
    this.clock = clock;
    this.frequency = options.frequency;
    this.scl = new LineWire(lines.get(`${name}_SCL`));
    this.sda = new LineWire(lines.get(`${name}_SDA`));
    this.targetSide = new I2cTargetSide(this);
    for (const signal of ['SCL', 'SDA']) lines.get(`${name}_${signal}`).onRouted(() => this.update());
  }

  private get events(): EventStream {
    return this.options.trace.events(this.name.toLowerCase());
  }

  override busClockChanged(frequency: number): void {
    this.frequency = frequency;
  }

  /** ns for which SCL is low and high, not rounded. */
  get clockTimes(): { low: number; high: number } {
    const ccr = Math.max(1, this.ccr & 0xfff);
    const tick = 1e9 / this.frequency;
    if ((this.ccr & 0x8000) === 0) return { low: ccr * tick, high: ccr * tick };
    return this.ccr & 0x4000 ? { low: 16 * ccr * tick, high: 9 * ccr * tick } : { low: 2 * ccr * tick, high: ccr * tick };
  }

  override reset(): void {
    this.abort();
    this.cr1 = this.cr2 = this.oar1 = this.oar2 = this.ccr = this.fltr = this.data = 0;
    this.trise = 2;
    this.sr1 = this.sr2 = 0;
    this.update();
  }

  override readRegister(offset: number): number {
    switch (offset) {
      case I2cRegister.SR1:
        this.sr1Read = true;
        return this.sr1;
      case I2cRegister.SR2: {
        const value = this.sr2 | (this.isBusy ? I2cSr2.BUSY : 0);
        if (this.sr1Read && this.sr1 & I2cSr1.ADDR) this.addressCleared();
        return value;
      }
      case I2cRegister.DR:
        return this.readData();
    }
    return this.peek(offset);
  }

  override peek(offset: number): number {
    switch (offset) {
      case I2cRegister.CR1:
        return this.cr1;
      case I2cRegister.CR2:
        return this.cr2;
      case I2cRegister.OAR1:
        return this.oar1;
      case I2cRegister.OAR2:
        return this.oar2;
      case I2cRegister.DR:
        return this.data;
      case I2cRegister.SR1:
        return this.sr1;
      case I2cRegister.SR2:
        return this.sr2 | (this.isBusy ? I2cSr2.BUSY : 0);
      case I2cRegister.CCR:
        return this.ccr;
      case I2cRegister.TRISE:
        return this.trise;
      case I2cRegister.FLTR:
        return this.fltr;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case I2cRegister.CR1:
        this.writeCr1(value & 0xffff);
        return;
      case I2cRegister.CR2:
        this.cr2 = value & 0x1f3f;
        break;
      case I2cRegister.OAR1:
        if (value & 0x8000) throw new NotModelledError(this.name, '10-bit own address (OAR1.ADDMODE)');
        this.oar1 = value & 0x43ff;
        break;
      case I2cRegister.OAR2:
        this.oar2 = value & 0xff;
        break;
      case I2cRegister.DR:
        this.writeData(value & 0xff);
        return;
      case I2cRegister.SR1:
        // The error flags are cleared by writing 0.
        this.sr1 &= value | 0xff;
        break;
      case I2cRegister.CCR:
        this.ccr = value & 0xcfff;
        break;
      case I2cRegister.TRISE:
        this.trise = value & 0x3f;
        break;
      case I2cRegister.FLTR:
        this.fltr = value & 0x1f;
    }
    this.update();
  }

  private writeCr1(value: number): void {
    if (value & I2cCr1.SMBUS) throw new NotModelledError(this.name, 'SMBus mode (CR1.SMBUS)');
    if (value & I2cCr1.ENPEC) throw new NotModelledError(this.name, 'packet error checking (CR1.ENPEC)');
    if (value & I2cCr1.SWRST) {
      this.reset();
      this.cr1 = I2cCr1.SWRST;
      return;
    }
    // START, STOP and POS can be set in the write that also enables; STOPF is cleared by reading SR1 and writing CR1.
    if (this.sr1Read && this.sr1 & I2cSr1.STOPF) this.sr1 &= ~I2cSr1.STOPF;
    const rising = value & ~this.cr1;
    this.cr1 = value;
    if ((value & I2cCr1.PE) === 0) {
      this.cr1 &= ~(I2cCr1.START | I2cCr1.STOP | I2cCr1.ACK);
      this.abort();
      this.sr1 = 0;
    } else if (this.step === 'held') {
      if (rising & I2cCr1.STOP) this.generateStop();
      else if (rising & I2cCr1.START) this.generateStart(true);
    } else if (rising & I2cCr1.START && this.step === 'off') this.tryStart();
    else if (rising & I2cCr1.STOP && this.step === 'off' && !this.targetSide.active) this.cr1 &= ~I2cCr1.STOP;
    this.update();
  }

  // --- controller ------------------------------------------------------------------------------------------------

  /** Whether somebody else uses the bus, or a wire is held low. */
  private get isBusy(): boolean {
    if (this.step !== 'off' || this.targetSide.active) return true;
    return (this.cr1 & I2cCr1.PE) !== 0 && this.scl.net !== undefined && (isLow(this.scl) || isLow(this.sda));
  }

  /** Sends START now, or as soon as the bus is free (RM0090 section 27.6.1). */
  private tryStart(): void {
    this.stopWaiting();
    if ((this.cr1 & (I2cCr1.PE | I2cCr1.START)) !== (I2cCr1.PE | I2cCr1.START) || this.step !== 'off') return;
    if (!this.isBusy) this.generateStart(false);
    else this.waitingForIdle = [this.scl.observe(() => this.busChanged()), this.sda.observe(() => this.busChanged())];
  }

  private busChanged(): void {
    if (this.isBusy || this.event?.pending) return;
    // The bus must have been free for a while (t_BUF).
    this.event = this.clock.after(Math.round(this.clockTimes.low), () => this.tryStart());
  }

  private stopWaiting(): void {
    for (const stop of this.waitingForIdle) stop();
    this.waitingForIdle = [];
  }

  private generateStart(repeated: boolean): void {
    const { low, high } = this.clockTimes;
    const now = this.clock.now;
    this.noteTransfer();
    this.cr1 &= ~I2cCr1.START;
    this.step = 'start';
    this.sr2 |= I2cSr2.MSL;
    if (!repeated) this.takePorts();
    // From idle: SDA falls, SCL follows. Repeated: SDA and SCL are released first.
    const fall = repeated ? low + high : 0;
    const begin = now + (repeated ? fall : Math.round(high / 2));
    const clockFall = begin + high;
    this.play(this.sda, repeated ? [[now, 1], [begin, 0]] : [[begin, 0]], 1); // biome-ignore format: pairs
    this.play(this.scl, repeated ? [[now + low, 1], [clockFall, 0]] : [[clockFall, 0]], repeated ? 0 : 1); // biome-ignore format: pairs
    this.transferStart = Math.round(begin);
    this.event = this.clock.at(Math.ceil(clockFall), () => {
      this.step = 'held';
      this.sr1 &= ~(I2cSr1.TXE | I2cSr1.BTF | I2cSr1.RXNE);
      this.sr1 |= I2cSr1.SB;
      this.sr2 &= ~I2cSr2.TRA;
      this.receiving = this.transmitPending = false;
      this.shifting = undefined;
      this.update();
    });
  }

  private generateStop(): void {
    const { low, high } = this.clockTimes;
    const now = this.clock.now;
    this.step = 'stop';
    this.play(this.sda, [[now, 0], [now + low + high / 2, 1]], 0); // biome-ignore format: pairs
    this.play(this.scl, [[now + low, 1]], 0);
    this.event = this.clock.at(Math.ceil(now + low + high), () => {
      this.noteTransfer();
      this.step = 'off';
      this.cr1 &= ~I2cCr1.STOP;
      this.sr2 &= ~(I2cSr2.MSL | I2cSr2.TRA);
      this.sr1 &= ~(I2cSr1.TXE | I2cSr1.BTF);
      this.scl.drive(-1);
      this.sda.drive(-1);
      this.releasePorts();
      this.receiving = false;
      if (this.cr1 & I2cCr1.START) this.tryStart();
      this.update();
    });
  }

  private takePorts(): void {
    const { scl, sda } = this;
    this.taken = [];
    if (scl.net === undefined || sda.net === undefined) return;
    if (scl.net.joint !== undefined) {
      this.listening = [scl, sda].map(wire =>
        wire.observe(
          patient(
            () => {},
            () => BUS_PATIENCE,
          ),
        ),
      );
    }
    for (const port of this.options.ports) {
      if (port === this.port || port.scl.net !== scl.net || port.sda.net !== sda.net) continue;
      port.take();
      this.taken.push(port);
    }
  }

  private releasePorts(): void {
    for (const port of this.taken) port.giveBack();
    this.taken = [];
    for (const stop of this.listening) stop();
    this.listening = [];
  }

  /** Lets the clock go when its low time is over, and goes on once it is high: somebody at another board may hold it. */
  private whenRisen(then: () => void): void {
    const { step } = this;
    this.event = this.clock.at(Math.round(this.clock.now + this.clockTimes.low), () => {
      this.scl.drive(-1);
      if (this.scl.bit === 1) {
        then();
        return;
      }
      const stop = this.scl.observe(
        patient(
          bit => {
            if (bit === 0) return;
            stop();
            if (this.step === step) then();
          },
          () => BUS_PATIENCE,
        ),
      );
      this.listening.push(stop);
    });
  }

  private abort(): void {
    this.clock.cancel(this.event);
    this.stopWaiting();
    if (this.step !== 'off') this.noteTransfer();
    this.step = 'off';
    this.shifting = undefined;
    this.receiving = this.transmitPending = this.addressing = false;
    this.sr2 = 0;
    this.scl.drive(-1);
    this.sda.drive(-1);
    this.releasePorts();
    this.targetSide.abort();
  }

  private writeData(value: number): void {
    this.data = value;
    if (this.targetSide.active) {
      this.targetSide.dataWritten();
      this.update();
      return;
    }
    if (this.sr1 & I2cSr1.SB) {
      this.sr1 &= ~I2cSr1.SB;
      this.addressing = true;
      this.receiving = (value & 1) === 1;
      this.transferAddress = value;
      this.sendByte(value);
    } else if (this.sr2 & I2cSr2.TRA && this.step !== 'off') {
      this.sr1 &= ~(I2cSr1.TXE | I2cSr1.BTF);
      if (this.step === 'held') this.sendNext();
      else this.transmitPending = true;
    }
    this.update();
  }

  private readData(): number {
    const value = this.data;
    this.sr1 &= ~I2cSr1.RXNE;
    if (this.targetSide.active) this.targetSide.dataRead();
    else if (this.sr1 & I2cSr1.BTF && this.receiving && this.shifting !== undefined) {
      // The second byte was waiting in the shift register.
      this.sr1 &= ~I2cSr1.BTF;
      this.data = this.shifting;
      this.shifting = undefined;
      this.sr1 |= I2cSr1.RXNE;
      this.continueReceiving();
    }
    this.update();
    return value;
  }

  private addressCleared(): void {
    this.sr1 &= ~I2cSr1.ADDR;
    if (this.targetSide.active) this.targetSide.addressCleared();
    else if (this.receiving) {
      this.positionAck = true;
      this.receiveByte();
    } else {
      this.sr2 |= I2cSr2.TRA;
      this.sr1 |= I2cSr1.TXE;
      this.dma('TX');
    }
    this.update();
  }

  private sendNext(): void {
    this.transmitPending = false;
    this.sr1 |= I2cSr1.TXE;
    this.sendByte(this.data);
    this.dma('TX');
  }

  private sendByte(value: number): void {
    this.shifting = value;
    this.step = 'byte';
    this.whenFree(() => this.clockByte(value));
  }

  private receiveByte(): void {
    this.shifting = undefined;
    this.step = 'byte';
    this.whenFree(() => {
      this.clockByte(undefined);
      const { low, high } = this.clockTimes;
      for (const port of this.taken) {
        const value = port.readByte();
        if (value !== undefined) port.sda.play(dataWaveform(value, this.byteStart, low + high));
      }
    });
  }

  /** Waits until no target holds the clock. */
  private whenFree(then: () => void): void {
    const holder = this.taken.find(port => port.isHolding);
    if (holder === undefined) then();
    else holder.whenReleased(() => this.step === 'byte' && this.whenFree(then));
  }

  /** Eight clocks, with data if we are the ones who send. */
  private clockByte(value: number | undefined): void {
    const { low } = this.clockTimes;
    if (this.listening.length > 0) {
      if (value !== undefined) this.sda.drive(value & 0x80 ? -1 : 0);
      else this.sda.drive(-1);
      this.whenRisen(() => this.clockBits(value, Math.round(this.clock.now - low)));
      return;
    }
    this.clockBits(value, this.clock.now);
  }

  private clockBits(value: number | undefined, now: number): void {
    const { low, high } = this.clockTimes;
    this.byteStart = now;
    const clockEdges: [number, number][] = [];
    for (let bit = 0; bit < 8; bit++) {
      const start = now + bit * (low + high);
      clockEdges.push([start + low, 1], [start + low + high, 0]);
    }
    this.play(this.scl, clockEdges, 0);
    if (value === undefined) this.sda.drive(-1);
    else this.sda.play(dataWaveform(value, now, low + high));
    this.event = this.clock.at(Math.ceil(now + 8 * (low + high)), () => this.eightBits());
  }

  private eightBits(): void {
    const { low, high } = this.clockTimes;
    const now = this.clock.now;
    const received = this.sampleByte();
    if ((this.addressing || !this.receiving) && received !== this.shifting) {
      this.loseArbitration();
      return;
    }
    this.step = 'acknowledge';
    let ack = false;
    if (this.addressing || !this.receiving) {
      this.sda.drive(-1);
      for (const port of this.taken) {
        if (this.addressing) port.startByte(received >> 1, (received & 1) === 1);
        else port.writeByte(received);
      }
    } else {
      for (const port of this.taken) port.sda.drive(-1);
      ack = this.acknowledges();
      this.sda.drive(ack ? 0 : -1);
    }
    const acknowledgeClock = (start: number) => {
      this.play(this.scl, [[start + low, 1], [start + low + high, 0]], 0); // biome-ignore format: pairs
      this.event = this.clock.at(Math.ceil(start + low + high), () => this.nineBits(received, ack, Math.round(start + low + high / 2)));
    };
    if (this.listening.length > 0) this.whenRisen(() => acknowledgeClock(Math.round(this.clock.now - low)));
    else acknowledgeClock(now);
  }

  /** CR1.ACK, or with POS what it was one byte ago. */
  private acknowledges(): boolean {
    const acknowledge = (this.cr1 & I2cCr1.ACK) !== 0;
    if ((this.cr1 & I2cCr1.POS) === 0) return acknowledge;
    const result = this.positionAck;
    this.positionAck = acknowledge;
    return result;
  }

  private nineBits(received: number, ack: boolean, sampleTime: number): void {
    const acknowledged = this.sda.bitAt(sampleTime) === 0;
    this.sda.drive(-1);
    this.step = 'held';
    const { addressing } = this;
    this.addressing = false;
    if (addressing || !this.receiving) {
      this.shifting = undefined;
      if (!addressing) this.transferred.push(received);
      for (const port of this.taken) port.endByte();
      if (!acknowledged) {
        this.sr1 |= I2cSr1.AF;
        this.events.record('nack', { value: addressing ? received >> 1 : received });
      } else if (addressing) {
        this.sr1 |= I2cSr1.ADDR;
        this.sr1Read = false;
      }
      if (this.cr1 & I2cCr1.STOP) this.generateStop();
      else if (this.cr1 & I2cCr1.START) this.generateStart(true);
      else if (!addressing && acknowledged) {
        if (this.transmitPending) this.sendNext();
        else this.sr1 |= I2cSr1.BTF;
      }
    } else {
      for (const port of this.taken) port.endByte(ack);
      this.transferred.push(received);
      this.received(received, ack);
    }
    this.update();
  }

  /** Somebody else pulled SDA down where we let it go: the bus is theirs (RM0090 section 27.3.4). */
  private loseArbitration(): void {
    this.abort();
    this.raise(I2cSr1.ARLO);
  }

  private received(value: number, ack: boolean): void {
    if (this.sr1 & I2cSr1.RXNE) {
      this.shifting = value;
      this.sr1 |= I2cSr1.BTF;
      this.lastAck = ack;
      return;
    }
    this.data = value;
    this.sr1 |= I2cSr1.RXNE;
    this.dma('RX');
    this.lastAck = ack;
    this.continueReceiving();
  }

  /** After a byte that was acknowledged the next one follows; otherwise the program decides how it ends. */
  private continueReceiving(): void {
    if (this.step !== 'held') return;
    if (this.cr1 & I2cCr1.STOP) this.generateStop();
    else if (this.cr1 & I2cCr1.START) this.generateStart(true);
    else if (this.lastAck) this.receiveByte();
  }

  /** What SDA was while SCL was high, eight times. */
  private sampleByte(): number {
    const { low, high } = this.clockTimes;
    let value = 0;
    for (let bit = 0; bit < 8; bit++) {
      value = (value << 1) | this.sda.bitAt(Math.round(this.byteStart + bit * (low + high) + low + high / 2));
    }
    return value;
  }

  private play(wire: LineWire, edges: [time: number, bit: number][], before: number): void {
    const times = edges.map(([time]) => Math.round(time));
    wire.play(
      new EdgeList(
        times,
        edges.map(([, bit]) => openDrainLevel(bit)),
        openDrainLevel(before),
      ),
    );
  }

  /** Records what has been transferred since START. */
  private noteTransfer(): void {
    if (this.transferAddress < 0) return;
    const read = (this.transferAddress & 1) === 1;
    this.events.record(read ? 'read' : 'write', {
      start: this.transferStart,
      value: this.transferAddress >> 1,
      data: Uint8Array.from(this.transferred),
    });
    this.transferAddress = -1;
    this.transferred = [];
  }

  private dma(request: 'TX' | 'RX'): void {
    if (this.cr2 & I2cCr2.DMAEN) this.onDmaRequest?.(request);
  }

  // --- target ----------------------------------------------------------------------------------------------------

  /** @internal */
  get controlBits(): number {
    return this.cr1;
  }

  /** @internal Whether an address is ours. */
  isOwnAddress(address: number): boolean {
    if ((this.cr1 & (I2cCr1.PE | I2cCr1.ACK)) !== (I2cCr1.PE | I2cCr1.ACK)) return false;
    if (address === 0) return (this.cr1 & I2cCr1.ENGC) !== 0;
    return address === ((this.oar1 >> 1) & 0x7f) || ((this.oar2 & 1) === 1 && address === this.oar2 >> 1);
  }

  /** @internal */
  raise(sr1: number, sr2 = 0): void {
    if (sr1 & (I2cSr1.ADDR | I2cSr1.STOPF)) this.sr1Read = false;
    this.sr1 |= sr1;
    this.sr2 |= sr2;
    this.update();
  }

  /** @internal */
  lower(sr1: number, sr2 = 0): void {
    this.sr1 &= ~sr1;
    this.sr2 &= ~sr2;
    this.update();
  }

  /** @internal */
  has(flag: number): boolean {
    return (this.sr1 & flag) !== 0;
  }

  /** @internal The bus is free again: a START that was asked for may go. */
  targetStopped(): void {
    if (this.waitingForIdle.length > 0) this.busChanged();
  }

  /** @internal */
  get dataRegister(): number {
    return this.data;
  }

  /** @internal A byte for the program. */
  deliver(value: number): void {
    this.data = value;
    this.raise(I2cSr1.RXNE);
    this.dma('RX');
  }

  /** @internal */
  isSecondAddress(address: number): boolean {
    return (this.oar2 & 1) === 1 && address === this.oar2 >> 1;
  }

  private update(): void {
    const { cr1, cr2, sr1 } = this;
    const listens = (cr1 & I2cCr1.PE) !== 0 && ((this.oar1 >> 1) & 0x7f || this.oar2 & 1 || cr1 & I2cCr1.ENGC);
    if (listens && this.port === undefined && this.scl.net !== undefined && this.step === 'off' && cr1 & I2cCr1.ACK) {
      this.port = new I2cPort(this.scl, this.sda, this.targetSide, this.options.ports);
      this.targetSide.port = this.port;
    } else if (!listens && this.port !== undefined) {
      const port = this.port;
      this.port = this.targetSide.port = undefined;
      port.remove();
    }
    const events =
      I2cSr1.SB | I2cSr1.ADDR | I2cSr1.ADD10 | I2cSr1.STOPF | I2cSr1.BTF | (cr2 & I2cCr2.ITBUFEN ? I2cSr1.TXE | I2cSr1.RXNE : 0);
    this.options.interrupts.event.set((cr2 & I2cCr2.ITEVTEN) !== 0 && (sr1 & events) !== 0);
    this.options.interrupts.error.set((cr2 & I2cCr2.ITERREN) !== 0 && (sr1 & 0xdf00) !== 0);
  }
}

/** Eight data bits, the most significant first, each from one fall of the clock to the next. */
function dataWaveform(value: number, start: number, period: number): EdgeList {
  const times: number[] = [];
  const levels: Level[] = [];
  for (let bit = 0; bit < 8; bit++) {
    times.push(Math.round(start + bit * period));
    levels.push(openDrainLevel((value >> (7 - bit)) & 1));
  }
  return new EdgeList(times, levels, levels[0]);
}

/** Whether somebody pulls the wire down; one that nobody holds is no sign of a transfer. */
function isLow({ net, bit }: LineWire): boolean {
  return bit === 0 && net?.level !== Level.FLOATING_LOW;
}
