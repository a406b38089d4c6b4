/** Ellipsis and NotImplemented (py/objsingleton.c). */
import { MpType } from '../vm/type.ts';
import type { Printer } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';

const singletonType = new MpType('', { print: (out: Printer, self: MpSingleton) => out.write(self.name) });

class MpSingleton extends MpObj {
  constructor(readonly name: string) {
    super(singletonType);
  }
}

export const ellipsis = new MpSingleton('Ellipsis');
export const notImplemented = new MpSingleton('NotImplemented');
