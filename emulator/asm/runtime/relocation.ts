/** Relocations of native modules (mp_native_relocate of py/persistentcode.c, MicroPython 1.27.0): addresses are added to words of code and data. */
import type { NativeInfo } from '../../compiler/rawcode.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { CONTEXT_OBJECTS, CONTEXT_QSTRS } from '../native/runtime-table.ts';
import type { PlacedCode } from './module-memory.ts';
import type { NativeMachine } from './native-machine.ts';

export function relocate(machine: NativeMachine, native: NativeInfo, { address, code }: PlacedCode, context: number): void {
  const { layout } = machine;
  const word = layout.bytes;
  const whole = (bytes: number): number => (bytes + word - 1) & -word;
  const bssSize = whole(native.bssSize ?? 0);
  const data = new Uint8Array(whole(bssSize + (native.rodata?.length ?? 0)));
  if (native.rodata !== undefined) data.set(native.rodata, bssSize);
  const bss = data.length > 0 ? machine.allocate(data) : 0;
  const rodata = bss + bssSize;
  // A module's variables may hold objects.
  if (data.length > 0) machine.scanned.add(new Int32Array(data.buffer));
  const codeView = new DataView(code.buffer);
  const dataView = new DataView(data.buffer);

  const bytes = native.relocations!;
  let at = 0;
  const uint = (): number => {
    let value = 0;
    for (;;) {
      const byte = bytes[at++];
      value = value * 128 + (byte & 0x7f);
      if (!(byte & 0x80)) return value;
    }
  };
  let target = codeView;
  let offset = 0;
  while (bytes[at] !== 0xff) {
    const op = bytes[at++];
    if (op & 1) {
      const place = uint();
      target = place & 1 ? dataView : codeView;
      offset = (place >>> 1) * word + (place & 1 ? bssSize : 0);
    }
    const kind = op >>> 1;
    let count = 1;
    let value: number;
    if (kind <= 5) {
      if (kind & 1) count = uint();
      value = [address, rodata, bss][kind >>> 1];
    } else if (kind === 6) value = layout.number(context, CONTEXT_QSTRS);
    else if (kind === 7) value = layout.number(context, CONTEXT_OBJECTS);
    else if (kind === 8) value = machine.functionTable;
    else value = layout.number(machine.functionTable, kind - 9);
    if (offset + word * count > target.byteLength) raiseValueError('incompatible .mpy file');
    // Addresses have 32 bits, whatever a word has.
    for (; count > 0; count--, offset += word) target.setInt32(offset, target.getInt32(offset, true) + value, true);
  }
}
