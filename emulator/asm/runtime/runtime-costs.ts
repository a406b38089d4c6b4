/**
 * What the runtime's functions cost machine code that calls them, in CPU cycles.
 *
 * Measured: the functions of MicroPython 1.27.0, compiled by gcc 12 with -Os for a Cortex-M4, were run on the core of this emulator, and each call's cycles were
 * counted without those of guest code inside (medians over the programs of tests/perf_bench as native code, and over single operations). The factor for flash
 * memory then comes from the published scores of a PYBv1.0 for viper_call0 and viper_call1b: a firmware's code is fetched through a cache that misses at times.
 */
import { Cycles } from '../../vm/cost.ts';
import { Fun } from '../native/runtime-table.ts';

const FLASH = 1.13;

const MEASURED: Partial<Record<Fun, number>> = {
  [Fun.ConvertObjToNative]: 40,
  [Fun.ConvertNativeToObj]: 19,
  [Fun.NativeSwapGlobals]: 12,
  [Fun.LoadName]: 180,
  [Fun.LoadGlobal]: 165,
  [Fun.LoadBuildClass]: 60,
  [Fun.LoadAttr]: 197,
  [Fun.LoadMethod]: 362,
  [Fun.LoadSuperMethod]: 600,
  [Fun.StoreName]: 110,
  [Fun.StoreGlobal]: 105,
  [Fun.StoreAttr]: 160,
  [Fun.ObjSubscr]: 126,
  [Fun.ObjIsTrue]: 16,
  [Fun.UnaryOp]: 41,
  [Fun.BinaryOp]: 52,
  [Fun.BuildTuple]: 276,
  [Fun.BuildList]: 590,
  [Fun.BuildMap]: 496,
  [Fun.BuildSet]: 738,
  [Fun.StoreSet]: 180,
  [Fun.ListAppend]: 31,
  [Fun.StoreMap]: 195,
  [Fun.MakeFunction]: 329,
  [Fun.CallFunction]: 103,
  [Fun.CallMethod]: 119,
  [Fun.CallMethodVar]: 900,
  [Fun.GetIter]: 100,
  [Fun.IterNext]: 112,
  [Fun.NlrPush]: 44,
  [Fun.NlrPop]: 8,
  [Fun.Raise]: 60,
  [Fun.ImportName]: 4210,
  [Fun.ImportFrom]: 300,
  [Fun.ImportAll]: 1500,
  [Fun.NewSlice]: 258,
  [Fun.UnpackSequence]: 90,
  [Fun.UnpackEx]: 700,
  [Fun.DeleteName]: 242,
  [Fun.DeleteGlobal]: 242,
  [Fun.NewClosure]: 316,
  [Fun.ArgCheckNumSig]: 16,
  [Fun.SetupCodeState]: 283,
  [Fun.SmallIntFloorDivide]: 18,
  [Fun.SmallIntModulo]: 22,
  [Fun.YieldFrom]: 300,
};

/** What of that the virtual machine charges itself, wherever it does such work. */
const CHARGED: Partial<Record<Fun, number>> = {
  [Fun.BuildTuple]: Cycles.allocation,
  [Fun.BuildList]: Cycles.allocation,
  [Fun.BuildMap]: Cycles.allocation,
  [Fun.BuildSet]: Cycles.allocation,
  [Fun.MakeFunction]: Cycles.allocation,
  [Fun.NewClosure]: Cycles.allocation,
  [Fun.NewSlice]: Cycles.allocation,
  [Fun.UnpackEx]: Cycles.allocation,
  [Fun.BinaryOp]: Cycles.operator,
  [Fun.IterNext]: Cycles.item,
};

/** Cycles of a function of the runtime, besides those that the virtual machine charges for what it does. */
export const runtimeCost = (entry: Fun): number => Math.max(8, Math.round((MEASURED[entry] ?? 100) * FLASH - (CHARGED[entry] ?? 0)));
