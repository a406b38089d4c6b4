/**
 * A board with its hardware: power, reset, the start-up sequence (ports/stm32/main.c, boardctrl.c) and the prompt. What the board is
 * stands in its data; this is how such a board comes up.
 */
import type { Board, Hardware } from '../../boards/board.ts';
import { LocalTime } from '../clock/local-time.ts';
import { readFirmwareFile } from '../firmware/firmware-file.ts';
import { boardModules, deinitPeripherals } from '../modules/board-modules.ts';
import { duptermPoll, duptermRead, duptermWrite, isOnlyDupterm, setDupterm } from '../modules/dupterm.ts';
import { type BoardHardware, setHardware } from '../modules/hardware.ts';
import type { ModuleDef } from '../modules/module-def.ts';
import { initAccelerometer } from '../modules/pyb/accel.ts';
import { readReplUart, replUartReady, writeReplUart } from '../modules/pyb/repl-uart.ts';
import { MpUsbVcp, theVcp } from '../modules/pyb/usb-vcp.ts';
import { addModule } from '../modules/registry.ts';
import { restoreFrequency } from '../modules/stm32/clock.ts';
import { rtcWallClock, startRtc } from '../modules/stm32/rtc.ts';
import { MpUart } from '../modules/stm32/uart.ts';
import { sysPrompt } from '../modules/sys.ts';
import { importStat, readImportedFile } from '../modules/vfs/import-files.ts';
import { excTypes, newException } from '../objects/exception.ts';
import { guestMemory } from '../objects/guest-memory.ts';
import { PollFlag } from '../objects/stream.ts';
import { Chip } from '../peripherals/chip.ts';
import { PinMode, PinPull } from '../peripherals/gpio.ts';
import type { Terminal } from '../peripherals/net.ts';
import { ResetFlag } from '../peripherals/rcc.ts';
import { History, readInputLine } from '../repl/line-editor.ts';
import { type ReplState, runRepl } from '../repl/repl.ts';
import { type Outcome, runInput, type Source } from '../repl/run-input.ts';
import { type FlashLayout, flashDriveImage } from '../storage/flash-drive.ts';
import { FlashMedium } from '../storage/flash-medium.ts';
import { FlashStorage } from '../storage/flash-storage.ts';
import type { Medium } from '../storage/medium.ts';
import { PowerLost } from '../storage/medium.ts';
import { type SdCard, SdCardSlot } from '../storage/sd-card.ts';
import { createVm, initVm } from '../vm/create.ts';
import { loadMpy } from '../vm/execute.ts';
import { placeOf } from '../vm/frame.ts';
import type { FrozenModules } from '../vm/import.ts';
import type { Profile } from '../vm/profile.ts';
import { handlePending, raiseLater } from '../vm/scheduler.ts';
import { now, serviceSoon, spend } from '../vm/service.ts';
import type { Value } from '../vm/value.ts';
import { type HardFaultReport, hot, type InterruptMasks, type Port, runIn, type Vm, vm } from '../vm/vm.ts';
import { BoardBus } from './board-bus.ts';
import { describeBoard } from './board-description.ts';
import { ConsolePort } from './console-port.ts';
import type { MachineContext, Program } from './create-machine.ts';
import { Installation, type InstallOptions } from './dfu-bootloader.ts';
import { FACTORY_FILES } from './factory-files.ts';
import { mountFilesystems } from './filesystems.ts';
import { describeHardFault, firmwareFault } from './hard-fault.ts';
import { Leds } from './leds.ts';
import type { Machine, MachineActivity, MachineDescription, MachineState, Phase } from './machine.ts';
import { NvicMasks } from './nvic-masks.ts';
import { withCarriageReturns } from './process-machine.ts';
import { type Build, ProgramFlash } from './program-flash.ts';
import { ResetReason, takeResetReason } from './reset-reason.ts';
import { Unwind } from './unwind.ts';
import { UsbDevice } from './usb-device.ts';

const MS = 1_000_000;
const BROWN_OUT_VOLTS = 2.9;
/** Until the crystal oscillates and the PLL has locked (DS8626 tables 34 and 41, typical). */
const OSCILLATOR_START = 2_200_000;
type Mode = 'standard' | 'safe' | 'factory-reset';

/** Phases that only power and reset, or a host at the bootloader, can end. */
const HALTED: ReadonlySet<Phase> = new Set(['fault', 'bootloader', 'no-firmware']);

/** From the end of the scripts to their start, where there is no prompt between them: estimated, for nobody has published it. */
const SOFT_RESET = 2_000_000;

const DEFAULT_USB_MODE = 'VCP+MSC';

/** The serial port takes this long for a byte of output: full-speed USB, well filled packets. */
const OUTPUT_NS_PER_BYTE = 900;

/** When the factory's files were written, in FAT's form: midnight, 1 January 2015, as a board whose clock was never set has it. */
const FACTORY_TIME = ((2015 - 1980) << 25) | (1 << 21) | (1 << 16);

/** Bytes of RAM that cache a flash sector. */
const SECTOR_CACHE = 0x10000;

interface FactoryFlash {
  /** The board's flash drive as the storage layer wants it. */
  readonly layout: FlashLayout;
  /** What it holds when the board is new. */
  readonly image: Uint8Array;
}

const factoryFlashes = new WeakMap<Hardware, FactoryFlash>();

/** A board's flash as it leaves the factory, made once for each board's data. */
function factoryFlash(hardware: Hardware): FactoryFlash {
  let flash = factoryFlashes.get(hardware);
  if (flash === undefined) {
    const { sectors, label } = hardware.flash;
    const layout = {
      sectors: sectors.map(sector => ({ address: sector.address, size: sector.size, count: 1 })),
      segments: sectors.map(sector => ({ address: sector.address, length: sector.size })),
      cacheSize: SECTOR_CACHE,
      label: label ?? '',
    };
    flash = { layout, image: flashDriveImage(layout, FACTORY_FILES, FACTORY_TIME) };
    factoryFlashes.set(hardware, flash);
  }
  return flash;
}

export class BoardMachine implements Machine, Port {
  readonly consoles: ReadonlyMap<string, ConsolePort>;
  readonly switches: readonly string[];
  readonly chip: Chip;
  readonly vm: Vm;
  readonly interruptMasks: InterruptMasks;
  readonly flashMedium: FlashMedium;
  readonly sdSlot = new SdCardSlot();
  exitStatus: number | undefined = undefined;
  private whenChanged: (() => void) | undefined;
  private readonly hardware: Hardware;
  private readonly usb: ConsolePort;
  readonly usbDevice: UsbDevice;
  /** The interrupt character is taken out of what USB receives. */
  private replOnUsb = true;
  /** A hard reset has just been. */
  private isFresh = true;
  private readonly leds: Leds;
  private repl: ReplState;
  private powered = false;
  private resetHeld = false;
  private unwinding: Unwind | undefined;
  private phase: Phase = 'off';
  private activity: MachineActivity = 'off';
  private mode: Mode | undefined;
  private resetCause = 'power-on';
  private readonly pressed = new Map<string, boolean>();

  constructor(
    readonly name: string,
    readonly board: Board,
    profile: Profile,
    private readonly context: MachineContext,
    private readonly program?: Program,
    /** Modules that a project has written: they come last, so that one may stand in for a module of the board's. */
    private readonly extensions: readonly ModuleDef[] = [],
  ) {
    const { clock, trace, seed } = context;
    const { hardware } = board;
    if (hardware === undefined) throw new Error(`${board.name} has no hardware`);
    this.hardware = hardware;
    this.usb = new ConsolePort('usb', clock, trace.bytes('usb.tx'), trace.bytes('usb.rx'), byte => this.interruptsBy(byte));
    this.usbDevice = new UsbDevice(clock, trace.events('usb'));
    this.consoles = new Map([['usb', this.usb]]);
    this.vm = createVm(profile, this, clock);
    this.chip = new Chip(hardware, {
      clock,
      trace,
      seed,
      hooks: {
        interrupt: () => serviceSoon(this.vm),
        reset: flags => this.requestReset(flags),
        frequencyChanged: hertz => {
          this.vm.cpuFrequency = hertz;
        },
        boundary: () => this.boundary(),
      },
    });
    runIn(this.vm, () => {
      guestMemory().bus = new BoardBus(this.chip);
    });
    this.interruptMasks = new NvicMasks(this.chip.nvic);
    this.programFlash = new ProgramFlash(board, profile, this.chip.flash);
    this.build = this.programFlash.build!;
    this.leds = new Leds(this.chip, hardware.leds);
    this.flashMedium = new FlashMedium(factoryFlash(hardware).layout.sectors);
    this.loadFactoryFlash();
    this.watchMedium(this.flashMedium);
    this.switches = describeBoard(board).switches;
    this.repl = this.newRepl();
  }

  /** What a tool is told of the board, and of the firmware that is in its flash. */
  get description(): MachineDescription {
    const firmware = this.programFlash.build?.board;
    return {
      ...describeBoard(this.board),
      firmware: firmware?.identity.release ?? 'none',
      compiler: firmware?.runtime.compiler ?? false,
    };
  }

  /** The interrupt character is taken out of what USB receives, unless the board is in reset or has halted: it has nobody to interrupt. */
  private interruptsBy(byte: number): boolean {
    if (vm !== this.vm || byte !== this.vm.interruptChar || !this.replOnUsb) return false;
    raiseLater(newException(excTypes.KeyboardInterrupt, []));
    return true;
  }

  private newRepl(): ReplState {
    const { release, machine } = this.build.board.identity;
    return { mode: 'friendly', history: new History(8), banner: `MicroPython ${release}; ${machine}`, prompt: sysPrompt };
  }

  private guestRuns = false;

  /** Its guest is on its way out, for a reset or because the power went. */
  get isLeaving(): boolean {
    return this.guestRuns && this.unwinding !== undefined;
  }

  get runnable(): boolean {
    return this.powered && !this.resetHeld && !HALTED.has(this.phase);
  }

  onChange(callback: () => void): void {
    this.whenChanged = callback;
  }

  powerOn(): void {
    if (this.powered) return;
    // What ran before the power went is not resumed: its unwinding goes on, and `main` begins anew after it.
    this.powered = true;
    this.resetCause = 'power-on';
    this.flashMedium.restorePower();
    this.sdSlot.card?.restorePower();
    this.chip.powerOn();
    this.context.trace.events('power').record('on');
    this.repl = this.newRepl();
    this.enter('reset', 'computing');
  }

  powerOff(): void {
    if (!this.powered) return;
    this.powered = false;
    this.mode = undefined;
    this.leave(new Unwind('power'));
    this.context.trace.events('power').record('off');
    this.chip.reset(0);
    this.enter('off', 'off');
  }

  holdReset(pressed: boolean): void {
    if (pressed === this.resetHeld) return;
    this.resetHeld = pressed;
    this.pressed.set('RST', pressed);
    if (!this.powered) return;
    if (pressed) {
      this.leave(new Unwind('reset', 'hard', 0, true));
      this.chip.reset(ResetFlag.PIN);
      this.enter('reset', 'halted');
    } else {
      this.resetCause = 'hard';
      this.repl = this.newRepl();
      this.enter('reset', 'computing');
    }
  }

  holdSwitch(name: string, pressed: boolean, _bounce: boolean): void {
    if (name === 'RST') {
      this.holdReset(pressed);
      return;
    }
    this.pressed.set(name, pressed);
    if (name !== this.hardware.bootloader?.pad) this.driveSwitch(pressed);
  }

  /** The switch shorts its pin to the level of a pressed one. */
  private switchTerminal: Terminal | undefined;
  private driveSwitch(pressed: boolean): void {
    const button = this.hardware.switch;
    if (button === undefined) return;
    if (this.switchTerminal === undefined) {
      this.switchTerminal = this.chip.netlist.terminal('switch', false);
      this.chip.netlist.connect(this.chip.pin(button.pin).terminal, this.switchTerminal);
    }
    this.switchTerminal.setDrive(pressed ? button.pressed : -1);
  }

  // The firmware

  private readonly programFlash: ProgramFlash;
  /** What runs, or ran last. */
  private build: Build;
  /** What a host last did at the bootloader. */
  installation: Installation | undefined;

  /** Puts a firmware into the chip, as a programmer does; it boots at the next reset. @throws FirmwareFileError, NoBootloaderError */
  programFirmware(file: Uint8Array): void {
    this.programFlash.load(readFirmwareFile(this.board, file).segments);
  }

  /** A host begins to install a firmware file. @throws FirmwareFileError, NoBootloaderError for a file that this board does not take, RangeError if it is not in its bootloader */
  install(file: Uint8Array, options?: InstallOptions): Installation {
    const { segments } = readFirmwareFile(this.board, file);
    const bootloader = this.hardware.bootloader!;
    if (!this.powered || this.phase !== 'bootloader')
      throw new RangeError(`${this.name} is not in its bootloader: hold ${bootloader.pad} while it is reset, or call machine.bootloader()`);
    if (this.installation?.state === 'writing') throw new RangeError(`${this.name} is being written to already`);
    const events = this.context.trace.events('firmware');
    events.record('installation');
    const hooks = {
      eraseFilesystem: () => this.flashMedium.load(new Uint8Array(0)),
      leave: () => {
        events.record('installed');
        this.chip.reset(0);
        this.enter('reset', 'computing');
      },
    };
    this.installation = new Installation(this.vm.clock, this.programFlash, bootloader, segments, hooks, options);
    return this.installation;
  }

  private enterBootloader(): void {
    this.usb.reset();
    this.usbDevice.reset();
    this.mode = undefined;
    this.vm.frame = null;
    this.enter('bootloader', 'halted');
  }

  /** Takes over what the flash holds now. @returns whether there is a firmware */
  private takeFirmware(): boolean {
    const { build } = this.programFlash;
    if (build === undefined) return false;
    if (build !== this.build) {
      this.build = build;
      this.vm.profile = build.profile;
      this.vm.frozen = build.frozen;
      this.vm.romStrings.clear();
      this.repl = this.newRepl();
    }
    return true;
  }

  private requestReset(flags: number): void {
    this.leave(resetBy(flags));
  }

  /** Has the guest left before its next instruction. */
  private leave(unwind: Unwind): void {
    this.unwinding = unwind;
    serviceSoon(this.vm);
  }

  // The bench's hands on the board

  /** The main crystal is fast by so many parts per million from now on: the CPU, the buses, the timers and all delays with it. */
  setMainCrystalError(ppm: number): void {
    this.vm.localTime ??= new LocalTime(this.context.clock);
    this.vm.localTime.setError(ppm);
    this.chip.setEnvironment({ mainCrystalError: ppm });
  }

  get mainCrystalError(): number {
    return this.chip.environment.mainCrystalError;
  }

  medium(name: 'flash' | 'sd'): Medium {
    if (name === 'flash') return this.flashMedium;
    if (this.sdSlot.card === undefined) throw new RangeError('there is no card in the slot');
    return this.sdSlot.card;
  }

  insertCard(card: SdCard): void {
    this.watchMedium(card);
    this.sdSlot.insert(card);
    this.driveCardDetect();
    this.context.trace.events('medium').record('inserted', { text: 'sd' });
  }

  /** The slot's switch: a card closes it to the level that means present. */
  private cardDetect: Terminal | undefined;
  private driveCardDetect(): void {
    const detect = this.hardware.sdCard?.detect;
    if (detect === undefined) return;
    if (this.cardDetect === undefined) {
      this.cardDetect = this.chip.netlist.terminal('SD detect');
      this.chip.netlist.connect(this.chip.pin(detect.pin).terminal, this.cardDetect);
    }
    this.cardDetect.setDrive(this.sdSlot.present ? detect.present : -1);
  }

  removeCard(): SdCard | undefined {
    const card = this.sdSlot.remove();
    this.driveCardDetect();
    if (card !== undefined) this.context.trace.events('medium').record('removed', { text: 'sd' });
    return card;
  }

  loadFactoryFlash(): void {
    this.flashMedium.share(factoryFlash(this.hardware).image);
  }

  /** Whether the running board has a filesystem of that medium mounted. */
  hasMounted(name: 'flash' | 'sd'): boolean {
    return this.powered && this.activity !== 'off' && (name === 'flash' || this.sdSlot.present) && this.phase !== 'reset';
  }

  /** The supply falls: below the brown-out level (2.9 V, option bytes of the board) the chip is reset until it is back. */
  brownOut(volts: number, duration: number): void {
    if (!this.powered || volts >= BROWN_OUT_VOLTS) return;
    this.leave(new Unwind('reset', 'brown-out', 0, true));
    this.resetHeld = true;
    this.chip.reset(ResetFlag.BROWN_OUT);
    this.enter('reset', 'halted');
    this.context.trace.events('power').record('brown-out', { value: volts });
    this.vm.clock.after(duration, () => {
      this.resetHeld = false;
      this.resetCause = 'brown-out';
      this.repl = this.newRepl();
      if (this.powered) this.enter('reset');
    });
  }

  /** What the board shows a computer: its serial port and its drive, once USB is set up. */
  usbInterfaces(): readonly string[] {
    if (this.phase === 'bootloader') return ['dfu'];
    if (
      !this.powered ||
      this.phase === 'reset' ||
      this.phase === 'no-firmware' ||
      this.phase === 'mode-selection' ||
      this.phase === 'boot.py'
    )
      return [];
    const { configuration, enabled } = this.usbDevice;
    return enabled && configuration !== undefined ? configuration.mode.toLowerCase().split('+') : [];
  }

  usbMedium(): 'flash' | 'sd' {
    return this.mountedCard ? 'sd' : 'flash';
  }

  storage(): { flash: FlashStorage; sdSlot: SdCardSlot } | undefined {
    return this.board_ === undefined ? undefined : { flash: this.board_!.flash, sdSlot: this.sdSlot };
  }

  /** A medium whose power goes takes the board with it. */
  private watchMedium(medium: Medium): void {
    medium.onPowerLost(() => this.powerOff());
  }

  private enter(phase: Phase, activity: MachineActivity = 'computing'): void {
    if (phase !== 'bootloader') this.installation?.breakOff();
    this.phase = phase;
    this.activity = activity;
    const boot = this.context.trace.state('boot');
    // Phases may follow each other within one instant: the events keep them all.
    if (boot.current !== phase) this.context.trace.events('phases').record(phase);
    boot.record(phase);
    this.whenChanged?.();
  }

  main(): void {
    while (this.runnable) {
      this.unwinding = undefined;
      try {
        this.guestRuns = true;
        runIn(this.vm, () => this.start());
      } catch (error) {
        const isPowerLost = error instanceof PowerLost;
        if (!isPowerLost && !(error instanceof Unwind)) throw error;
        // What the firmware was about to do when the chip was reset under it never reached the chip.
        if (isPowerLost || error.why === 'power' || error.fromOutside) this.chip.reset(0);
        if (isPowerLost || error.why === 'power' || error.why === 'end') return;
        if (error.why === 'bootloader') {
          this.chip.reset(error.flags);
          this.chip.rcc.clearResetFlags();
          this.resetCause = error.cause;
          this.enterBootloader();
          return;
        }
        if (error.why === 'reset' && !this.resetHeld) {
          if (error.flags !== 0) this.chip.reset(error.flags);
          this.resetCause = error.cause;
          this.repl = this.newRepl();
        }
      } finally {
        this.guestRuns = false;
      }
    }
  }

  /** Standby: nothing runs until something wakes the chip, and then it boots. */
  private standby(): never {
    const { deepSleep } = this.chip;
    this.enter('deepsleep', 'sleeping');
    while (deepSleep.enterStandby(0) !== 'woken') {
      this.context.idle(Infinity);
      if (this.unwinding !== undefined) throw this.unwinding;
    }
    throw new Unwind('reset', 'deepsleep');
  }

  /** From reset to the prompt, and on through soft resets. */
  private start(): void {
    this.enter('reset');
    this.usb.reset();
    this.usbDevice.reset();
    this.isFresh = true;
    const { bootloader } = this.hardware;
    if (bootloader !== undefined && this.pressed.get(bootloader.pad) === true) {
      this.enterBootloader();
      return;
    }
    if (!this.takeFirmware()) {
      this.enter('no-firmware', 'halted');
      return;
    }
    spend(OSCILLATOR_START);
    if (this.unwinding !== undefined) throw this.unwinding;
    this.resetReason = takeResetReason(this.chip);
    this.chip.startClocks();
    this.vm.cpuFrequency = this.chip.rcc.actual.hclk;
    this.leds.init();
    const { switch: button } = this.hardware;
    if (button !== undefined)
      this.chip.pin(button.pin).configure({ mode: PinMode.INPUT, pull: button.pull === 'up' ? PinPull.UP : PinPull.NONE });
    this.mode = this.selectMode();
    if (this.program !== undefined) {
      this.softReset(this.mode);
      this.runProgram(this.program);
      return;
    }
    let mode = this.mode;
    for (;;) {
      this.session(mode);
      this.text('MPY: sync filesystems\r\n');
      this.board_!.flash.flush();
      this.text('MPY: soft reboot\r\n');
      deinitPeripherals();
      this.resetCause = 'soft';
      this.resetReason = ResetReason.SOFT;
      this.enter('soft-reset');
      mode = 'standard';
      this.mode = mode;
      if (!this.vm.feature('compiler')) spend(SOFT_RESET);
    }
  }

  private board_: BoardHardware | undefined;
  private resetReason: ResetReason = ResetReason.POWER_ON;
  private mountedCard = false;

  /** Offers the boot modes while the switch is held, and shows the chosen one (boardctrl.c, update_reset_mode). */
  private selectMode(): Mode {
    const { boot } = this.hardware;
    const offered = boot.modes.flatMap(mode => mode.leds);
    if (!this.switchPressed()) return 'standard';
    let index = 0;
    this.enter('mode-selection');
    choose: for (let i = 0; i < 100; i++) {
      this.leds.show(boot.modes[index].leds, offered);
      for (let waited = 0; waited < boot.modeStep; waited += 20) {
        this.delay(20);
        if (!this.switchPressed()) break choose;
      }
      index = (index + 1) % boot.modes.length;
    }
    this.enter('mode-confirmation');
    const { flashes, off, on, after } = boot.confirm;
    for (let i = 0; i < flashes; i++) {
      this.leds.show([], offered);
      this.delay(off);
      this.leds.show(boot.modes[index].leds, offered);
      this.delay(on);
    }
    this.delay(after);
    return boot.modes[index].mode;
  }

  private switchPressed(): boolean {
    const { switch: button } = this.hardware;
    return button !== undefined && this.chip.pin(button.pin).bit === button.pressed;
  }

  private delay(milliseconds: number): void {
    const end = now() + milliseconds * MS;
    while (now() < end) {
      this.idle(end);
    }
  }

  /** What happens before any script: the interpreter, the hardware's modules, the filesystems. */
  private softReset(mode: Mode): void {
    const { boot, leds } = this.hardware;
    for (const led of leds) this.leds.set(led.id, led.id === boot.bootLed);
    initVm(this.vm);
    const flash = new FlashStorage(this.flashMedium, {
      segments: factoryFlash(this.hardware).layout.segments,
      cacheSize: SECTOR_CACHE,
      ticks: () => Math.floor(this.vm.clock.now / MS),
      onDirtyChange: dirty => this.leds.set(1, dirty),
    });
    this.board_ = {
      board: this.build.board,
      hardware: this.hardware,
      chip: this.chip,
      flashMedium: this.flashMedium,
      flash,
      sdSlot: this.sdSlot,
      usb: this.usb,
      mainScript: undefined,
      usbDevice: this.usbDevice,
      faultDebug: false,
      resetCause: this.resetReason,
      reset: flags => {
        throw resetBy(flags);
      },
      standby: () => this.standby(),
      bootloader: () => {
        // A board whose data tells of no bootloader comes back to its firmware.
        if (this.hardware.bootloader === undefined) throw resetBy(ResetFlag.SOFTWARE);
        flash.flush();
        throw new Unwind('bootloader', 'software', ResetFlag.SOFTWARE);
      },
      fault: text => this.fault(text),
      idle: until => this.idle(until),
    };
    setHardware(this.vm, this.board_);
    setDupterm(1, theVcp());
    this.replOnUsb = true;
    if (this.isFresh) {
      this.isFresh = false;
      startRtc(false);
      restoreFrequency();
    }
    for (const module of [...boardModules(), ...this.extensions]) addModule(this.vm, module);
    this.enter(mode === 'factory-reset' ? 'factory-reset' : 'mounting');
    this.mountedCard = mountFilesystems(this.board_, mode === 'factory-reset', {
      led: on => this.leds.set(2, on),
      delay: ms => this.delay(ms),
      print: text => this.text(text),
    });
  }

  /** One life of the interpreter: scripts, then the prompt until a soft reset is wanted. */
  private session(mode: Mode): void {
    this.softReset(mode);
    const { boot } = this.hardware;
    // After a factory reset no script runs, as the documentation says (the source of 1.27.0 would run them).
    let scripts = mode === 'standard';
    if (scripts) {
      const outcome = this.script('boot.py', 'boot.py');
      if (outcome?.ended === 'exit') return;
      if (outcome?.ended === 'exception') {
        scripts = false;
        this.showScriptError(boot.scriptError.times.boot);
      }
    }
    this.enter('usb-configuration');
    this.configureHardware();
    for (const led of this.hardware.leds) if (led.id !== 1) this.leds.set(led.id, false);
    if (scripts && this.repl.mode === 'friendly') {
      const { mainScript } = this.board_!;
      const outcome = this.script('main.py', typeof mainScript === 'string' ? mainScript : 'main.py');
      if (outcome?.ended === 'exit') return;
      if (outcome?.ended === 'exception') this.showScriptError(boot.scriptError.times.main);
    }
    // What compiles nothing has no prompt: the scripts run again (ports/stm32/main.c without MICROPY_ENABLE_COMPILER).
    if (!this.vm.feature('compiler')) return;
    this.enter('repl');
    for (;;) if (runRepl(this.repl)?.ended === 'exit') return;
  }

  /** What is set up after boot.py: the default USB interfaces, unless it has chosen, and the accelerometer. */
  private configureHardware(): void {
    const { usb, accelerometer } = this.hardware;
    if (accelerometer !== undefined) initAccelerometer();
    if (usb === undefined || this.usbDevice.decided) return;
    this.usbDevice.start({ mode: DEFAULT_USB_MODE, vendor: usb.vendor, product: usb.products[DEFAULT_USB_MODE] });
  }

  private script(phase: 'boot.py' | 'main.py', path: string): Outcome | undefined {
    const frozen = this.vm.frozen?.stat(path) === 'file' ? this.vm.frozen.script(path) : undefined;
    if (frozen === undefined && importStat(path) !== 'file') return undefined;
    this.enter(phase);
    const events = this.context.trace.events('script');
    events.record('start', { text: path });
    const outcome = runInput(scriptSource(frozen) ?? (() => readImportedFile(path)), 'file', path);
    events.record('end', { text: path });
    return outcome;
  }

  /** Red and green alternate (boardctrl.c, flash_error). */
  private showScriptError(times: number): void {
    const { leds, halfPeriod } = this.hardware.boot.scriptError;
    this.enter('script-error');
    for (let i = 0; i < times; i++) {
      this.leds.set(leds[0], true);
      this.leds.set(leds[1], false);
      this.delay(halfPeriod);
      this.leds.set(leds[0], false);
      this.leds.set(leds[1], true);
      this.delay(halfPeriod);
    }
    this.leds.set(leds[1], false);
  }

  private runProgram(program: Program): void {
    for (const led of this.hardware.leds) this.leds.set(led.id, false);
    this.configureHardware();
    this.enter('main.py');
    const compiled = program.fileName.endsWith('.mpy');
    const outcome = runInput(compiled ? { code: () => loadMpy(program.source) } : program.source, 'file', program.fileName);
    this.exitStatus = outcome.status;
    this.board_!.flash.flush();
    this.powerOff();
    throw new Unwind('end');
  }

  hardFault(report: HardFaultReport, memory: (address: number) => number): never {
    if (!this.board_!.faultDebug) throw resetBy(ResetFlag.SOFTWARE);
    const { base, size } = this.hardware.chip.memory.find(({ name }) => name === 'sram')!;
    this.text(describeHardFault(report, memory, [base, base + size]));
    this.fault('HardFault');
  }

  busFault(address: number): never {
    this.chip.system.noteBusFault(address);
    this.hardFault(firmwareFault(address), at => this.chip.space.read32(at));
  }

  /** Nothing can go on: all LEDs are lit, and then cycle (boardctrl_fatal_error). */
  private fault(message: string): never {
    this.enter('fault', 'halted');
    const { leds } = this.hardware.boot.fault;
    const { clock } = this.vm;
    const step = Math.round((FAULT_DELAY_CYCLES * 1e9) / this.vm.cpuFrequency);
    let next = 0;
    const cycle = () => {
      if (this.phase !== 'fault') return;
      const led = leds[next++ % leds.length];
      const pin = this.chip.pin(this.hardware.leds.find(candidate => candidate.id === led)!.pin);
      pin.set(1 - pin.latch);
      clock.after(step, cycle);
    };
    clock.after(step, () => {
      if (this.phase !== 'fault') return;
      for (const led of leds) this.leds.set(led, true);
      this.text(`\nFATAL ERROR:\n${message}`);
      cycle();
    });
    throw new Unwind('end');
  }

  private text(text: string): void {
    this.usb.write(Uint8Array.from(text, c => c.charCodeAt(0)));
  }

  state(): MachineState {
    const { heap, frame } = this.vm;
    const running = this.phase === 'boot.py' || this.phase === 'main.py' || this.phase === 'repl';
    return {
      phase: this.phase,
      mode: this.mode,
      activity: this.activity,
      resetCause: this.resetCause,
      leds: this.powered ? this.leds.intensities() : Object.fromEntries(this.hardware.leds.map(led => [led.color, 0])),
      switches: Object.fromEntries(this.switches.map(name => [name, this.pressed.get(name) ?? false])),
      where: placeOf(frame),
      heap: running ? { total: heap.total, free: heap.available } : undefined,
      cwd: undefined,
      mounts: {},
      sdInserted: this.sdSlot.card !== undefined,
    };
  }

  // The port, as the language sees it

  writeStdout(bytes: Uint8Array): void {
    this.writeStdoutRaw(this.program === undefined ? withCarriageReturns(bytes) : bytes);
  }

  writeStdoutRaw(bytes: Uint8Array): void {
    if (this.board_ === undefined || isOnlyDupterm(theVcp())) this.usb.write(bytes);
    else duptermWrite(bytes);
    writeReplUart(bytes);
    spend(bytes.length * OUTPUT_NS_PER_BYTE);
    this.boundary();
  }

  writeStderr(text: string): void {
    this.writeStdout(Uint8Array.from(text, c => c.charCodeAt(0)));
  }

  readStdin(): number {
    for (;;) {
      let byte = readReplUart();
      if (byte < 0) byte = isOnlyDupterm(theVcp()) ? this.usb.read() : duptermRead();
      if (byte >= 0) {
        if (this.activity !== 'computing') this.enter(this.phase);
        return byte;
      }
      if (hot.pending) handlePending();
      if (this.activity !== 'waiting-for-input') this.enter(this.phase, 'waiting-for-input');
      this.idle(Infinity);
    }
  }

  readLine(): { text: string } | 'interrupt' | 'end' {
    return readInputLine(this.repl.history);
  }

  stdinReady(): boolean {
    if (replUartReady()) return true;
    return isOnlyDupterm(theVcp()) ? this.usb.available > 0 : duptermPoll(PollFlag.Read) !== 0;
  }

  duptermChanged(detached: Value, attached: Value): void {
    for (const [stream, isAttached] of [
      [detached, false],
      [attached, true],
    ] as const) {
      // biome-ignore format: pairs
      if (stream instanceof MpUart) stream.driver.attachedToRepl = isAttached;
      else if (stream instanceof MpUsbVcp) {
        stream.attachToRepl(isAttached);
        this.replOnUsb = isAttached;
      }
    }
  }

  wallClock(): { seconds: number; ns: number } {
    return rtcWallClock();
  }

  random32(): number {
    return this.chip.random.next32();
  }

  idle(until: number): void {
    this.context.idle(until);
    this.boundary();
  }

  /** Between two instructions: leaves the guest if it has to be left, and takes interrupts. */
  boundary(): void {
    if (this.unwinding !== undefined) throw this.unwinding;
    this.chip.nvic.dispatch();
  }
}

/** A frozen script as what is run: its code, or its text. */
function scriptSource(frozen: ReturnType<FrozenModules['script']> | undefined): Source | undefined {
  if (frozen === undefined) return undefined;
  if ('source' in frozen) return frozen.source;
  return { code: () => frozen.code };
}

/** Ten million turns of an empty loop with its counter in memory, thirteen cycles each (boardctrl_fatal_error as gcc -Os has it). */
const FAULT_DELAY_CYCLES = 130_000_000;

const resetBy = (flags: number): Unwind =>
  new Unwind('reset', flags & (ResetFlag.INDEPENDENT_WATCHDOG | ResetFlag.WINDOW_WATCHDOG) ? 'watchdog' : 'software', flags);
