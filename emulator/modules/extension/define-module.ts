/** Makes a project's module known, and finds what is wrong with its definition before a board runs. */
import type { DefinedModule, ModuleDefinition, Parameter, Parameters, ParameterType } from './definition.ts';

/** A definition that cannot be a module. The message names the field. */
export class ModuleDefinitionError extends Error {
  override readonly name = 'ModuleDefinitionError';
}

/** Shared by all copies of this package that a project has loaded. */
const KEY = Symbol.for('boardspec.modules');
const shared = globalThis as { [KEY]?: Map<string, DefinedModule> };
shared[KEY] ??= new Map();
const defined = shared[KEY];

const PARAMETER_TYPES = new Set(['any', 'bool', 'int', 'bigint', 'float', 'str', 'bytes', 'list', 'tuple', 'dict', 'callable']);
const RETURN_TYPES = new Set(['auto', 'none', 'bool', 'int', 'float', 'str', 'bytes', 'bytearray', 'list', 'tuple', 'dict']);
export const SPECIAL_METHODS = new Set(['__len__', '__call__', '__getitem__', '__setitem__', '__enter__', '__exit__']);

/**
 * Makes a module known under its name, so that a board can have it.
 * @param file the file that this is called in: `import.meta.url`. The board's thread loads it too, so it must not define steps or parts
 * @returns the definition
 * @throws ModuleDefinitionError
 */
export function defineModule(file: string | URL, definition: ModuleDefinition): ModuleDefinition {
  check(definition);
  const url = String(file);
  if (!url.startsWith('file:'))
    throw new ModuleDefinitionError(`module "${definition.name}": the first argument is the file that defines it: import.meta.url`);
  const before = defined.get(definition.name);
  if (before !== undefined && before.file !== url)
    throw new ModuleDefinitionError(`module "${definition.name}" is defined twice: by ${before.file} and by ${url}`);
  defined.set(definition.name, { file: url, definition });
  return definition;
}

export function definedModule(name: string): DefinedModule | undefined {
  return defined.get(name);
}

export function definedModuleNames(): string[] {
  return [...defined.keys()];
}

/** The modules that a file has defined. */
export function modulesOfFile(file: string): ModuleDefinition[] {
  return [...defined.values()].filter(module => module.file === file).map(({ definition }) => definition);
}

export const parameterOf = (given: ParameterType | Parameter): Parameter => (typeof given === 'string' ? { type: given } : given);

function check(definition: ModuleDefinition): void {
  const { name } = definition;
  const wrong = (field: string, message: string): never => {
    throw new ModuleDefinitionError(`module "${String(name)}": ${field}: ${message}`);
  };
  const identifier = (field: string, text: unknown) => {
    if (typeof text !== 'string' || !/^[A-Za-z_]\w*$/.test(text)) wrong(field, `"${String(text)}" is no Python name`);
  };
  identifier('name', name);
  const classes = new Set(Object.keys(definition.classes ?? {}));
  const own = (type: string) => type.startsWith('object:') && classes.has(type.slice(7));
  const parameters = (field: string, given: Parameters = {}) => {
    let optional: string | undefined;
    for (const [param, value] of Object.entries(given)) {
      identifier(field, param);
      const spec = parameterOf(value);
      if (!PARAMETER_TYPES.has(spec.type) && !own(spec.type))
        wrong(`${field}.${param}`, `there is no type "${spec.type}"; there are ${[...PARAMETER_TYPES].join(', ')} and object:CLASS`);
      if (spec.keywordOnly === true) continue;
      if (spec.default !== undefined) optional = param;
      else if (optional !== undefined) wrong(`${field}.${param}`, `it has no default, but ${optional} before it has one`);
    }
  };
  const returns = (field: string, type: string | undefined) => {
    if (type !== undefined && !RETURN_TYPES.has(type) && !own(type))
      wrong(`${field}.returns`, `there is no type "${type}"; there are ${[...RETURN_TYPES].join(', ')} and object:CLASS`);
  };
  const callable = (field: string, code: unknown) => {
    if (typeof code !== 'function') wrong(field, 'it must be a function');
  };
  const taken = new Set<string>();
  for (const group of ['constants', 'functions', 'classes', 'exceptions'] as const) {
    for (const member of Object.keys(definition[group] ?? {})) {
      identifier(group, member);
      if (taken.has(member)) wrong(group, `"${member}" is defined twice`);
      taken.add(member);
    }
  }
  for (const [member, fun] of Object.entries(definition.functions ?? {})) {
    callable(`functions.${member}.call`, fun.call);
    parameters(`functions.${member}.parameters`, fun.parameters);
    returns(`functions.${member}`, fun.returns);
  }
  for (const [member, type] of Object.entries(definition.classes ?? {})) {
    const field = `classes.${member}`;
    callable(`${field}.create`, type.create);
    parameters(`${field}.parameters`, type.parameters);
    for (const [method, fun] of Object.entries(type.methods ?? {})) {
      identifier(`${field}.methods`, method);
      if (method.startsWith('__') && !SPECIAL_METHODS.has(method))
        wrong(`${field}.methods`, `"${method}" is none of ${[...SPECIAL_METHODS].join(', ')}`);
      callable(`${field}.methods.${method}.call`, fun.call);
      parameters(`${field}.methods.${method}.parameters`, fun.parameters);
      returns(`${field}.methods.${method}`, fun.returns);
    }
    for (const [attribute, { get, type: of }] of Object.entries(type.attributes ?? {})) {
      identifier(`${field}.attributes`, attribute);
      callable(`${field}.attributes.${attribute}.get`, get);
      if (of !== undefined) parameters(`${field}.attributes`, { [attribute]: of });
    }
  }
}
