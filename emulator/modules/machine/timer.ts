/** machine.Timer (extmod/machine_timer.c): the port has software timers only. */
import { toFloat } from '../../objects/float.ts';
import { fun1, funKw, parseArgs } from '../../objects/function.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { type SoftTimer, startSoftTimer, stopSoftTimer } from '../stm32/soft-timer.ts';

const Mode = { ONE_SHOT: 1, PERIODIC: 2 } as const;

/** What stands for "not given": -1 as an unsigned word. */
const NO_PERIOD = -1;
const MAX_PERIOD = 0x4000_0000;

const INIT_ARGS = [
  { name: 'mode', kwOnly: true, as: 'int', default: Mode.PERIODIC },
  { name: 'callback', kwOnly: true },
  { name: 'period', kwOnly: true, as: 'int', default: NO_PERIOD },
  { name: 'tick_hz', kwOnly: true, as: 'int', default: 1000 },
  { name: 'freq', kwOnly: true, default: null },
  { name: 'hard', kwOnly: true, as: 'bool', default: false },
] as const;

class MpTimer extends MpObj implements SoftTimer {
  callback: Value = null;
  hard = false;
  mode: number = 0;
  period = 1000;
  expiry = 0;

  constructor() {
    super(timerType);
    vm.heap.alloc(8 * vm.wordSize);
  }

  get object(): Value {
    return this;
  }

  get periodic(): boolean {
    return this.mode === Mode.PERIODIC;
  }
  set periodic(periodic: boolean) {
    this.mode = periodic ? Mode.PERIODIC : Mode.ONE_SHOT;
  }

  init(args: readonly Value[], kw: KwArgs): void {
    const [mode, callback, period, tickHz, frequency, hard] = parseArgs(INIT_ARGS, args, kw);
    this.mode = (mode as number) & 0xffff;
    let ms = this.period;
    if (frequency !== null) ms = floatToWord(1000 / toFloat(frequency as Value));
    else if (period !== NO_PERIOD) ms = periodInMs(period as number, tickHz as number);
    if (ms < 1) ms = 1;
    else if (ms >= MAX_PERIOD) raiseValueError('period too large');
    this.period = ms;
    if (callback !== undefined) this.callback = callback;
    this.hard = hard as boolean;
    if (this.callback !== null) startSoftTimer(this);
  }
}

/** As the machine converts a float to an unsigned word: saturated. */
const floatToWord = (value: number) => (value > 0 ? Math.min(0xffff_ffff, Math.floor(value)) : 0);

/** In 64 bits, unsigned. */
function periodInMs(period: number, tickHz: number): number {
  if (tickHz === 0) return 0;
  const ticks = BigInt.asUintN(64, BigInt(period)) * 1000n;
  return Number(BigInt.asUintN(64, ticks) / BigInt.asUintN(64, BigInt(tickHz)));
}

export const timerType: MpType = new MpType('Timer', {
  makeNew(_type, args, kw) {
    const timer = new MpTimer();
    if (args.length > 0 && toInt(args[0]) !== -1) raiseValueError("Timer doesn't exist");
    if (args.length > 1 || kw !== null) timer.init(args.slice(1), kw);
    return timer;
  },
  print: (out: Printer, { mode, period }: MpTimer) =>
    out.write(`Timer(mode=${mode === Mode.ONE_SHOT ? 'ONE_SHOT' : 'PERIODIC'}, period=${period})`),
  locals: (): Locals => [
    [
      'init',
      funKw(1, (args, kw) => {
        const timer = args[0] as MpTimer;
        stopSoftTimer(timer);
        timer.init(args.slice(1), kw);
        return null;
      }),
    ],
    ['deinit', fun1(timer => (stopSoftTimer(timer as MpTimer), null))],
    ['ONE_SHOT', Mode.ONE_SHOT],
    ['PERIODIC', Mode.PERIODIC],
  ],
});
