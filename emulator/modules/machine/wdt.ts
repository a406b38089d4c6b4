/** machine.WDT (extmod/machine_wdt.c, ports/stm32/machine_wdt.c): the independent watchdog. Once started it cannot be stopped. */
import { fun1, parseArgs } from '../../objects/function.ts';
import { IwdgRegister } from '../../peripherals/watchdog.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now, rebudget } from '../../vm/service.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';

const UNLOCK = 0x5555;
const START = 0xcccc;
const FEED = 0xaaaa;

const ARGS = [
  { name: 'id', as: 'int', default: 0 },
  { name: 'timeout', as: 'int', default: 5000 },
] as const;

class MpWatchdog extends MpObj {
  constructor() {
    super(wdtType);
  }
}

const KEY = Symbol('WDT');

function start(timeoutMs: number): void {
  const { iwdg } = hardware().chip;
  let prescaler = 0;
  let timeout = timeoutMs | 0;
  for (; prescaler < 6 && timeout >= 512; prescaler++) timeout = Math.trunc(timeout / 2);
  // 32 kHz divided by 4: eight ticks a millisecond.
  const reload = (timeout * 8) | 0;
  if (reload <= 0) raiseValueError('WDT timeout too short');
  if (reload > 0xfff) raiseValueError('WDT timeout too long');
  now();
  iwdg.writeRegister(IwdgRegister.KR, UNLOCK);
  iwdg.writeRegister(IwdgRegister.RLR, reload - 1);
  iwdg.writeRegister(IwdgRegister.KR, UNLOCK);
  iwdg.writeRegister(IwdgRegister.PR, prescaler);
  iwdg.writeRegister(IwdgRegister.KR, START);
  rebudget();
}

export const wdtType: MpType = new MpType('WDT', {
  makeNew(_type, args, kw) {
    const [id, timeout] = parseArgs(ARGS, args, kw) as [number, number];
    if (id !== 0) raiseValueError(`WDT(${id}) doesn't exist`);
    start(timeout);
    return vm.stateOf(KEY, () => new MpWatchdog());
  },
  locals: (): Locals => [
    [
      'feed',
      fun1(() => {
        now();
        hardware().chip.iwdg.writeRegister(IwdgRegister.KR, FEED);
        rebudget();
        return null;
      }),
    ],
  ],
});
