/** open(). Not built yet: there are no filesystems. */
import { funKw, type MpNativeFun } from '../../objects/function.ts';
import { raiseNotImplemented } from '../../vm/raise.ts';

export function openFunction(): MpNativeFun {
  return funKw(1, () => raiseNotImplemented('open() is not built yet: there are no filesystems'));
}
