/**
 * The cost model (DESIGN D2): CPU cycles that bytecodes, and what they call, take on a Cortex-M4 that runs the reference's interpreter from
 * flash. One set of figures for all programs, fitted to the scores that a pyboard got in upstream's tests/perf_bench (their commit f2040bfc7e,
 * 168 MHz); bench/perf-scores.ts measures how well they fit. Opcodes of one kind share a figure, for the scores tell no more apart.
 */
import { Op } from './opcodes.ts';

/** Cycles of each instruction, without what it calls. */
export const COST: Uint16Array = (() => {
  const cost = new Uint16Array(256).fill(45);
  const set = (cycles: number, ...ops: number[]) => {
    for (const op of ops) cost[op] = cycles;
  };
  set(38, Op.Jump, Op.PopJumpIfTrue, Op.PopJumpIfFalse, Op.JumpIfTrueOrPop, Op.JumpIfFalseOrPop, Op.UnwindJump, Op.PopExceptJump);
  set(170, Op.LoadName, Op.LoadGlobal);
  set(200, Op.StoreName, Op.StoreGlobal, Op.DeleteName, Op.DeleteGlobal);
  set(165, Op.LoadAttr);
  set(175, Op.StoreAttr);
  set(420, Op.LoadMethod, Op.LoadSuperMethod);
  set(160, Op.LoadSubscr);
  set(130, Op.StoreSubscr, Op.ForIter);
  set(157, Op.GetIter, Op.GetIterStack);
  set(200, Op.CallFunction, Op.CallMethod);
  set(500, Op.CallFunctionVarKw, Op.CallMethodVarKw);
  set(186, Op.BuildTuple, Op.BuildList, Op.BuildMap, Op.BuildSet, Op.BuildSlice, Op.StoreMap, Op.StoreComp, Op.UnpackSequence, Op.UnpackEx);
  set(208, Op.MakeFunction, Op.MakeFunctionDefargs, Op.MakeClosure, Op.MakeClosureDefargs);
  set(59, Op.ReturnValue, Op.YieldValue, Op.YieldFrom);
  cost.fill(62, Op.UnaryOp, Op.Count);
  return cost;
})();

/** Cycles of what instructions call. A block is one of the heap's, a digit one of a large integer's. */
export enum Cycles {
  allocation = 590,
  allocatedBlock = 21,
  /** A collection: for each block of the heap, and for each that is in use. */
  sweptBlock = 12,
  markedBlock = 60,
  functionCall = 1255,
  nativeCall = 205,
  /** One class looked into for a name. */
  classLookup = 197,
  /** A native function takes an item from an iterator: an assumption, for no score depends on it. */
  item = 50,
  /** A byte that a native function compares, searches or copies; a pixel that it draws; a step of a regular expression: assumptions likewise. */
  byte = 1,
  pixel = 20,
  matchStep = 40,
  /** A generator goes on. */
  resume = 292,
  /** An operator that is left to the types of its operands. */
  operator = 53,
  equality = 116,
  floatOperation = 62,
  // biome-ignore lint/suspicious/noDuplicateEnumValues: they are amounts
  bigOperation = 197,
  bigDigit = 18,
  /** A product of two digits; a division's step for each digit of the divisor. */
  bigMultiply = 15,
  bigDivide = 20,
}

/**
 * Cycles that compiling takes for each byte of source: an assumption (some 80 KB a second on the STM32F405), for nobody has published a
 * measurement.
 */
export const COMPILE_CYCLES_PER_BYTE = 2000;
