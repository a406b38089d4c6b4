/** Entries of the table through which native code calls the runtime (mp_fun_table of py/nativeglue.h, MicroPython 1.27.0), and the layouts it knows. */
export enum Fun {
  ConstNone,
  ConstFalse,
  ConstTrue,
  ConvertObjToNative,
  ConvertNativeToObj,
  NativeSwapGlobals,
  LoadName,
  LoadGlobal,
  LoadBuildClass,
  LoadAttr,
  LoadMethod,
  LoadSuperMethod,
  StoreName,
  StoreGlobal,
  StoreAttr,
  ObjSubscr,
  ObjIsTrue,
  UnaryOp,
  BinaryOp,
  BuildTuple,
  BuildList,
  BuildMap,
  BuildSet,
  StoreSet,
  ListAppend,
  StoreMap,
  MakeFunction,
  CallFunction,
  CallMethod,
  CallMethodVar,
  GetIter,
  IterNext,
  NlrPush,
  NlrPop,
  Raise,
  ImportName,
  ImportFrom,
  ImportAll,
  NewSlice,
  UnpackSequence,
  UnpackEx,
  DeleteName,
  DeleteGlobal,
  NewClosure,
  ArgCheckNumSig,
  SetupCodeState,
  SmallIntFloorDivide,
  SmallIntModulo,
  YieldFrom,
  Setjmp,
  // For native modules.
  Memset,
  Memmove,
  Realloc,
  Printf,
  Vprintf,
  RaiseMsg,
  ObjGetType,
  ObjNewStr,
  ObjNewBytes,
  ObjNewBytearrayByRef,
  ObjNewFloatFromF,
  ObjNewFloatFromD,
  ObjGetFloatToF,
  ObjGetFloatToD,
  LoadMethodMaybe,
  GetBuffer,
  GetStreamRaise,
  ArgParseAll,
  ArgParseAllKwArray,
  BinaryGetSize,
  BinaryGetValArray,
  BinarySetValArray,
  PlatPrint,
  TypeType,
  TypeStr,
  TypeList,
  TypeDict,
  TypeFunBuiltin0,
  TypeFunBuiltin1,
  TypeFunBuiltin2,
  TypeFunBuiltin3,
  TypeFunBuiltinVar,
  TypeException,
  StreamRead,
  StreamReadinto,
  StreamUnbufferedReadline,
  StreamWrite,
  Count,
}

/** Numbers of native types in signatures and casts (py/runtime0.h). */
export enum NativeType {
  Object,
  Bool,
  Int,
  Uint,
  Ptr,
  Ptr8,
  Ptr16,
  Ptr32,
}

/** Words of a function object: its type comes first. */
export const FUN_CONTEXT = 1;
export const FUN_CHILDREN = 2;
export const FUN_CODE = 3;

/** Words of a module's context: an object of type module with its globals, and the tables of constants. */
export const CONTEXT_GLOBALS = 1;
export const CONTEXT_QSTRS = 2;
export const CONTEXT_OBJECTS = 3;

/** Words of the state of a running native function (mp_code_state_native_t of py/bc.h). */
export const STATE_FUN = 0;
export const STATE_IP = 1;
export const STATE_SP = 2;
export const STATE_N_STATE = 3;
export const STATE_OLD_GLOBALS = 4;
export const STATE_VALUES = 5;

/** Words of an iterator that lies on the stack. */
export const ITERATOR_WORDS = 4;
/** Word of an `nlr_push` buffer that holds the exception. */
export const NLR_VALUE = 1;

/** What a generator's code returns. */
export enum Return {
  Normal,
  Yield,
  Exception,
}
