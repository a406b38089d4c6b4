/** The object that `irq()` methods give (shared/runtime/mpirq.c): called it runs its handler; it tells and sets the trigger. */
import { checkArgCount, fun1, funVar } from '../../objects/function.ts';
import { toInt } from '../../vm/operators.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { dispatchIrq } from '../interrupts.ts';

export interface IrqSource {
  /** Sets which events call the handler. */
  setTrigger(trigger: number): void;
  readonly trigger: number;
  /** What has happened when the handler was last called. */
  readonly flags: number;
}

export class MpIrq extends MpObj {
  handler: Value = null;
  hard = false;

  constructor(
    readonly parent: MpObj,
    readonly source: IrqSource,
  ) {
    super(irqType);
    vm.heap.alloc(5 * vm.wordSize);
  }

  /** The interrupt has come. A handler that fails is taken away. */
  run(): void {
    if (dispatchIrq(this.handler, this.parent, this.hard)) return;
    this.source.setTrigger(0);
    this.handler = null;
  }
}

/** Parameters of every `irq()` method. */
export const IRQ_ARGS = [
  { name: 'handler', default: null },
  { name: 'trigger', as: 'int', default: 0 },
  { name: 'hard', as: 'bool', default: false },
] as const;

export const irqType: MpType = new MpType('irq', {
  call(self: MpIrq, args, kw) {
    checkArgCount(args.length, kw, 0, 0, false);
    self.run();
    return null;
  },
  locals: (): Locals => [
    ['flags', fun1(self => (self as MpIrq).source.flags)],
    [
      'trigger',
      funVar(1, 2, args => {
        const { source } = args[0] as MpIrq;
        const before = source.trigger;
        if (args.length === 2) source.setTrigger(toInt(args[1]));
        return before;
      }),
    ],
  ],
});
