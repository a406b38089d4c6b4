/** Plugs machine code into the virtual machine: the compiler's emitters for the board's architecture, and the functions that run what they emit. */

import { call0 } from '../../vm/call.ts';
import { type NativeLoader, nativeLoader } from '../../vm/native-code.ts';
import { vm } from '../../vm/vm.ts';
import { nativeBackend } from '../assembler/backend.ts';
import { makeNativeFunction } from './functions.ts';
import { NativeFrame } from './native-frame.ts';

const loader: NativeLoader = {
  backend: arch => nativeBackend(arch, { archFlags: vm.profile.nativeFlags ?? 0 }),
  makeFunction: makeNativeFunction,
  runModule: (raw, module, globals) => {
    const fun = makeNativeFunction(raw, module, globals, [], undefined);
    const outer = vm.frame;
    vm.frame = new NativeFrame(globals);
    try {
      return call0(fun);
    } finally {
      vm.frame = outer;
    }
  },
};

export function installNativeCode(): void {
  nativeLoader.current = loader;
}
