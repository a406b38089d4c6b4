/** help() (py/builtinhelp.c). */
import { funVar } from '../../objects/function.ts';
import type { MpMap } from '../../objects/map.ts';
import { type MpModule, moduleType } from '../../objects/module.ts';
import { typeType } from '../../objects/type-object.ts';
import { printValue, stdout } from '../../vm/printing.ts';
import { type MpType, typeOf } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { PrintKind } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { builtinModuleNames } from '../registry.ts';

export function helpFunction(): Value {
  return funVar(0, 1, args => {
    if (args.length === 0) stdout.write(vm.profile.helpText);
    else if (args[0] === 'modules') helpOnModules();
    else helpOn(args[0]);
    return null;
  });
}

const COLUMNS = 4;
const COLUMN_WIDTH = 18;

/** All modules in the firmware, by the alphabet down four columns. */
function helpOnModules(): void {
  const names = ['__main__', ...builtinModuleNames(), ...(vm.frozen?.names?.() ?? vm.profile.frozenModules)];
  names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rows = Math.ceil(names.length / COLUMNS);
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let i = row; i < names.length; i += rows) {
      line += names[i];
      if (i + rows >= names.length) break;
      let gap = COLUMN_WIDTH - names[i].length;
      while (gap < 1) gap += COLUMN_WIDTH;
      line += ' '.repeat(gap);
    }
    stdout.write(line + '\n');
  }
  stdout.write('Plus any modules on the filesystem\n');
}

function helpOn(value: Value): void {
  const type = typeOf(value);
  stdout.write('object ');
  printValue(stdout, value, PrintKind.Str);
  stdout.write(` is of type ${type.name}\n`);
  let map: MpMap | null;
  if (type === moduleType) map = (value as MpModule).globals.map;
  else map = (type === typeType ? (value as MpType) : type).locals;
  if (map === null) return;
  for (const [name, member] of map.entries()) {
    stdout.write('  ');
    printValue(stdout, name, PrintKind.Str);
    stdout.write(' -- ');
    printValue(stdout, member, PrintKind.Str);
    stdout.write('\n');
  }
}
