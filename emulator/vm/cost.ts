/**
 * The cost model (DESIGN D2): CPU cycles that each bytecode takes on a Cortex-M4 that runs the reference's interpreter, without
 * what it calls. Fitted to the published scores of real boards by bench/perf-scores; special to no program.
 */
import { Op } from './opcodes.ts';

const DISPATCH = 22;
export const COST: Uint16Array = (() => {
  const cost = new Uint16Array(256).fill(DISPATCH);
  const set = (cycles: number, ...ops: number[]) => {
    for (const op of ops) cost[op] = cycles;
  };
  set(90, Op.LoadName, Op.LoadGlobal);
  set(120, Op.LoadAttr, Op.LoadMethod, Op.StoreAttr, Op.LoadSuperMethod);
  set(110, Op.StoreName, Op.StoreGlobal, Op.DeleteName, Op.DeleteGlobal);
  set(110, Op.LoadSubscr, Op.StoreSubscr);
  set(60, Op.ForIter);
  set(250, Op.CallFunction, Op.CallMethod);
  set(500, Op.CallFunctionVarKw, Op.CallMethodVarKw);
  set(200, Op.BuildTuple, Op.BuildList, Op.BuildMap, Op.BuildSet, Op.BuildSlice, Op.StoreMap, Op.StoreComp);
  set(200, Op.MakeFunction, Op.MakeFunctionDefargs, Op.MakeClosure, Op.MakeClosureDefargs);
  for (let op = Op.BinaryOp; op < Op.Count; op++) cost[op] = 60;
  return cost;
})();
