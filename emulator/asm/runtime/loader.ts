/** Plugs machine code into the virtual machine: the compiler's emitters for the board's architecture, and the functions that run what they emit. */
import { type NativeLoader, nativeLoader } from '../../vm/native-code.ts';
import { nativeBackend } from '../assembler/backend.ts';
import { makeNativeFunction } from './functions.ts';

const loader: NativeLoader = {
  backend: arch => nativeBackend(arch, { archFlags: 1 }),
  makeFunction: makeNativeFunction,
};

export function installNativeCode(): void {
  nativeLoader.current = loader;
}
