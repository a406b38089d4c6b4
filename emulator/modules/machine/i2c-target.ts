/**
 * machine.I2CTarget (extmod/machine_i2c_target.c, ports/stm32/machine_i2c_target.c, i2cslave.c): the chip as a target on an I2C bus, a
 * memory by itself or byte by byte under the program's control.
 */
import { bufferOf } from '../../objects/buffer.ts';
import { fun1, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { I2cCr1, I2cCr2, I2cRegister, I2cSr1, I2cSr2 } from '../../peripherals/i2c.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { BufferFlag, type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { IrqPriority } from '../interrupts.ts';
import { findI2c, type I2cDriver } from '../stm32/i2c-driver.ts';
import { MpIrq } from '../stm32/irq-object.ts';
import { configureAlternate } from '../stm32/pins.ts';

const Event = { ADDR_MATCH_READ: 1, ADDR_MATCH_WRITE: 2, READ_REQ: 4, WRITE_REQ: 8, END_READ: 16, END_WRITE: 32 } as const;

/** Those whose handler must answer before the bus goes on. */
const HARD_EVENTS = Event.ADDR_MATCH_READ | Event.ADDR_MATCH_WRITE | Event.READ_REQ | Event.WRITE_REQ;

type State = 'inactive' | 'idle' | 'addressed-read' | 'addressed-write' | 'selecting' | 'reading' | 'writing';

const ERRORS = I2cSr1.BERR | I2cSr1.ARLO | I2cSr1.AF | I2cSr1.OVR;

class MpI2cTarget extends MpObj {
  state: State = 'inactive';
  memory: Value = null;
  irq: MpIrq | undefined;
  trigger = 0;
  flags = 0;
  /** where the last transfer began */
  lastAddress = 0;
  private bytes: Uint8Array | undefined;
  /** bytes of a memory address */
  private addressSize = 0;
  private addressLeft = 0;
  private address = 0;

  constructor(readonly driver: I2cDriver) {
    super(i2cTargetType);
  }

  override heldValues(): Iterable<Value | undefined> {
    return [this.memory, this.irq];
  }

  private get block() {
    return this.driver.block;
  }

  init(address: number, memory: Value, addressBits: number): void {
    this.memory = memory;
    this.state = 'idle';
    this.addressLeft = this.addressSize = this.lastAddress = this.address = 0;
    this.bytes = undefined;
    if (memory !== null) {
      const { bytes } = bufferOf(memory, BufferFlag.ReadWrite);
      if (addressBits < 0 || addressBits > 32 || addressBits % 8 !== 0) raiseValueError('mem_addrsize must be 0, 8, 16, 24 or 32');
      this.addressSize = addressBits / 8;
      this.bytes = bytes;
    }
    this.start(address);
  }

  private start(address: number): void {
    now();
    const { chip } = hardware();
    const { bus } = this.driver;
    const { block } = this;
    for (const pin of [bus.scl, bus.sda]) configureAlternate(pin, 'I2C', bus.id, { openDrain: true });
    chip.rcc.enable(block.name);
    block.reset();
    block.writeRegister(I2cRegister.CR2, I2cCr2.ITBUFEN | I2cCr2.ITEVTEN | I2cCr2.ITERREN | 4);
    block.writeRegister(I2cRegister.OAR1, (1 << 14) | ((address & 0x7f) << 1));
    block.writeRegister(I2cRegister.OAR2, 0);
    block.writeRegister(I2cRegister.CR1, I2cCr1.ACK | I2cCr1.PE);
    for (const kind of ['EV', 'ER']) {
      const irq = chip.irq(`${block.name}_${kind}`);
      chip.nvic.setHandler(irq, () => this.serve());
      chip.nvic.enable(irq, IrqPriority.I2C);
    }
  }

  deinit(): void {
    if (this.state === 'inactive') return;
    this.state = 'inactive';
    const { chip } = hardware();
    now();
    for (const kind of ['EV', 'ER']) chip.nvic.disable(chip.irq(`${this.block.name}_${kind}`));
    this.block.writeRegister(I2cRegister.CR1, 0);
    this.memory = null;
    this.irq = undefined;
  }

  get ownAddress(): number {
    return (this.block.peek(I2cRegister.OAR1) >> 1) & 0x7f;
  }

  // --- the interrupt ---------------------------------------------------------------------------------------------

  private serve(): void {
    const { block } = this;
    const status = block.readRegister(I2cRegister.SR1);
    block.writeRegister(I2cRegister.SR1, block.peek(I2cRegister.SR1) & ~ERRORS);
    if (status & I2cSr1.AF) this.end();
    if (status & I2cSr1.ADDR) {
      block.readRegister(I2cRegister.SR1);
      this.addressed((block.readRegister(I2cRegister.SR2) & I2cSr2.TRA) !== 0);
    }
    if (status & I2cSr1.TXE) this.byteWanted();
    if (status & I2cSr1.RXNE) this.byteCame();
    if (status & I2cSr1.STOPF) {
      block.readRegister(I2cRegister.SR1);
      block.writeRegister(I2cRegister.CR1, block.peek(I2cRegister.CR1) & ~I2cCr1.ACK);
      this.end();
      block.writeRegister(I2cRegister.CR1, block.peek(I2cRegister.CR1) | I2cCr1.ACK);
    }
  }

  /** @returns whether the program has a handler for the event */
  private report(event: number): boolean {
    const { irq } = this;
    if (irq === undefined || (event & this.trigger) === 0) return false;
    this.flags = event & this.trigger;
    irq.run();
    return true;
  }

  private end(): void {
    if (this.state === 'reading') this.report(Event.END_READ);
    else if (this.state === 'addressed-write' || this.state === 'writing') this.report(Event.END_WRITE);
    this.state = 'idle';
  }

  private addressed(read: boolean): void {
    this.end();
    this.report(read ? Event.ADDR_MATCH_READ : Event.ADDR_MATCH_WRITE);
    this.state = read ? 'addressed-read' : 'addressed-write';
  }

  private byteWanted(): void {
    const handled = this.report(Event.READ_REQ);
    const { bytes } = this;
    if (bytes === undefined) {
      this.state = 'reading';
      if (!handled) this.send(0);
      return;
    }
    // A memory address may be given in part.
    if (this.state === 'selecting') this.select();
    this.state = 'reading';
    this.send(bytes[this.address] ?? 0);
    this.advance(bytes);
  }

  private byteCame(): void {
    const handled = this.report(Event.WRITE_REQ);
    const { bytes } = this;
    if (bytes === undefined) {
      this.state = 'writing';
      if (!handled) this.receive();
      return;
    }
    const value = this.receive();
    if (this.state === 'addressed-write') {
      this.state = 'selecting';
      this.address = 0;
      this.addressLeft = this.addressSize;
    }
    if (this.state === 'selecting' && this.addressLeft > 0) {
      this.address = ((this.address << 8) | value) >>> 0;
      if (--this.addressLeft === 0) this.select();
      return;
    }
    if (this.state === 'selecting') this.state = 'writing';
    if (this.address < bytes.length) bytes[this.address] = value;
    this.advance(bytes);
  }

  private select(): void {
    const length = this.bytes?.length ?? 0;
    if (length > 0) this.address %= length;
    this.lastAddress = this.address;
  }

  private advance(bytes: Uint8Array): void {
    if (++this.address >= bytes.length) this.address = 0;
  }

  send(value: number): void {
    this.block.writeRegister(I2cRegister.DR, value);
  }

  receive(): number {
    return this.block.readRegister(I2cRegister.DR) & 0xff;
  }

  // --- irq() -----------------------------------------------------------------------------------------------------

  /** The object of irq(), made when it is first asked for. */
  irqObject(): MpIrq {
    const setTrigger = (trigger: number) => {
      this.flags = 0;
      this.trigger = trigger;
    };
    const target = this;
    this.irq ??= new MpIrq(this, {
      setTrigger,
      get trigger() {
        return target.trigger;
      },
      get flags() {
        return target.flags;
      },
    });
    return this.irq;
  }
}

const KEY = Symbol('I2C targets');

/** One object a bus. */
function targets(): Map<number, MpI2cTarget> {
  return vm.volatileStateOf(KEY, () => {
    const all = new Map<number, MpI2cTarget>();
    vm.roots.add(() => [...all.values()].flatMap(target => [target, target.memory, target.irq, target.irq?.handler]));
    return all;
  });
}

/** What a soft reset does. */
export function deinitI2cTargets(): void {
  for (const target of targets().values()) target.deinit();
}

const NEW_ARGS = [
  { name: 'id', required: true },
  { name: 'addr', required: true, as: 'int' },
  { name: 'addrsize', kwOnly: true, as: 'int', default: 7 },
  { name: 'mem', kwOnly: true, default: null },
  { name: 'mem_addrsize', kwOnly: true, as: 'int', default: 8 },
] as const;

const IRQ_ARGS = [
  { name: 'handler', default: null },
  { name: 'trigger', as: 'int', default: Event.END_READ | Event.END_WRITE },
  { name: 'hard', as: 'bool', default: false },
] as const;

function irq(args: readonly Value[], kw: KwArgs): Value {
  const target = self(args[0]);
  const [handler, trigger, hard] = parseArgs(IRQ_ARGS, args.slice(1), kw) as [Value, number, boolean];
  const object = target.irqObject();
  if (args.length === 1 && kw === null) return object;
  if (trigger & HARD_EVENTS && !hard) raiseValueError('hard IRQ required');
  object.handler = handler;
  object.hard = hard;
  target.flags = 0;
  target.trigger = trigger;
  return object;
}

const self = (value: Value) => value as MpI2cTarget;

export const i2cTargetType: MpType = new MpType('I2CTarget', {
  makeNew(_type, args, kw) {
    const [id, address, , memory, addressBits] = parseArgs(NEW_ARGS, args, kw) as [Value, number, number, Value, number];
    const driver = findI2c(id);
    let target = targets().get(driver.bus.id);
    if (target === undefined) targets().set(driver.bus.id, (target = new MpI2cTarget(driver)));
    target.init(address, memory, addressBits);
    return target;
  },
  print: (out: Printer, target: MpI2cTarget) => out.write(`I2CTarget(${target.driver.bus.id}, addr=${target.ownAddress})`),
  loadAttr(target: MpI2cTarget, name, dest) {
    if (name !== 'memaddr') return false;
    dest.member = target.lastAddress;
    return true;
  },
  locals: (): Locals => [
    ['deinit', fun1(target => (self(target).deinit(), null))],
    [
      'readinto',
      fun2((target, into) => {
        const { bytes } = bufferOf(into, BufferFlag.Read);
        if (bytes.length === 0) return 0;
        bytes[0] = self(target).receive();
        return 1;
      }),
    ],
    [
      'write',
      fun2((target, data) => {
        const { bytes } = bufferOf(data, BufferFlag.Read);
        if (bytes.length === 0) return 0;
        self(target).send(bytes[0]);
        return 1;
      }),
    ],
    ['irq', funKw(1, irq)],
    ...Object.entries(Event).map(([name, event]) => [`IRQ_${name}`, event] as const),
  ],
});
