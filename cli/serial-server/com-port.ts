/**
 * The COM-PORT-OPTION of RFC 2217: settings that a client makes are kept and answered, though a USB serial port has neither a baud rate nor parity.
 * DTR decides whether the board sees a terminal.
 */
import { escapeTelnet, Telnet, TelnetOption } from './telnet.ts';

/** Commands of a client; an answer has 100 more. */
const Com = {
  Signature: 0,
  Baudrate: 1,
  DataSize: 2,
  Parity: 3,
  StopSize: 4,
  Control: 5,
  FlowSuspend: 8,
  FlowResume: 9,
  LineStateMask: 10,
  ModemStateMask: 11,
  PurgeData: 12,
} as const;
const ANSWER = 100;
const NOTIFY_MODEM_STATE = 107;
/** CTS, DSR and carrier are there as long as the board is. */
const MODEM_STATE = 0xb0;

enum Control {
  AskFlow = 0,
  NoFlow = 1,
  HardwareFlow = 3,
  AskBreak = 4,
  BreakOn = 5,
  BreakOff = 6,
  AskDtr = 7,
  DtrOn = 8,
  DtrOff = 9,
  AskRts = 10,
  RtsOn = 11,
  RtsOff = 12,
  AskInboundFlow = 13,
  NoInboundFlow = 14,
  HardwareInboundFlow = 16,
}

export class ComPort {
  private readonly values = new Map<number, number[]>([
    [Com.Baudrate, [0, 1, 0xc2, 0]],
    [Com.DataSize, [8]],
    [Com.Parity, [1]],
    [Com.StopSize, [1]],
  ]);
  private flow: number = Control.NoFlow;
  private inboundFlow: number = Control.NoInboundFlow;
  private dtr = true;
  private rts = true;

  constructor(
    private readonly out: (bytes: Uint8Array) => void,
    private readonly onDtr: (on: boolean) => void,
  ) {}

  handle(body: readonly number[]): void {
    const [command, ...value] = body;
    switch (command) {
      case Com.Signature:
        if (value.length === 0) this.answer(Com.Signature, [...Buffer.from('boardspec')]);
        break;
      case Com.Baudrate:
      case Com.DataSize:
      case Com.Parity:
      case Com.StopSize:
        // A value of 0 asks for what is set.
        if (value.some(byte => byte !== 0)) this.values.set(command, value);
        this.answer(command, this.values.get(command)!);
        break;
      case Com.Control:
        if (value.length === 1) this.answer(Com.Control, [this.control(value[0])]);
        break;
      case Com.LineStateMask:
      case Com.PurgeData:
        this.answer(command, value);
        break;
      case Com.ModemStateMask:
        this.answer(command, value);
        this.send([NOTIFY_MODEM_STATE, MODEM_STATE]);
        break;
      case Com.FlowSuspend:
      case Com.FlowResume:
        break;
      default:
    }
  }

  private control(value: number): number {
    switch (value) {
      case Control.AskFlow:
        return this.flow;
      case Control.AskBreak:
      case Control.BreakOn:
      case Control.BreakOff:
        return value === Control.BreakOn ? Control.BreakOn : Control.BreakOff;
      case Control.AskDtr:
        return this.dtr ? Control.DtrOn : Control.DtrOff;
      case Control.DtrOn:
      case Control.DtrOff:
        this.dtr = value === Control.DtrOn;
        this.onDtr(this.dtr);
        return value;
      case Control.AskRts:
        return this.rts ? Control.RtsOn : Control.RtsOff;
      case Control.RtsOn:
      case Control.RtsOff:
        this.rts = value === Control.RtsOn;
        return value;
      case Control.AskInboundFlow:
        return this.inboundFlow;
      default:
        if (value >= Control.NoInboundFlow && value <= Control.HardwareInboundFlow) {
          this.inboundFlow = value;
          return value;
        }
        if (value <= Control.HardwareFlow) this.flow = value;
        return this.flow;
    }
  }

  private answer(command: number, value: readonly number[]): void {
    this.send([command + ANSWER, ...value]);
  }

  private send(body: readonly number[]): void {
    this.out(Uint8Array.from([Telnet.Iac, Telnet.Sb, TelnetOption.ComPort, ...escapeTelnet(Uint8Array.from(body)), Telnet.Iac, Telnet.Se]));
  }
}
