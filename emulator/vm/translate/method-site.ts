/**
 * What an instruction that looks a method up has found, for the next time: on instances of the same class with the same attributes, and on objects
 * of the same built-in type, it is the same.
 */
import { MpInstance } from '../../objects/instance.ts';
import type { Layout } from '../../objects/layout.ts';
import type { MpMap } from '../../objects/map.ts';
import { Cycles } from '../cost.ts';
import { work } from '../service.ts';
import { MpType, TypeFlag, typeOf } from '../type.ts';
import { type MethodRef, MpObj, type Value } from '../value.ts';

export interface MethodSite {
  readonly type: MpType;
  /** Of an instance: which attributes it has, so that the name is none of them. */
  readonly layout: Layout | null;
  /** The classes that do not have the name, and what their namespaces had seen of changes when they did not. */
  readonly passed: readonly MpMap[];
  readonly changes: readonly number[];
  /** Where the method is. */
  readonly namespace: MpMap;
  readonly slot: number;
}

/** Looks a method up again. Undefined when the site does not tell. Takes the time that the lookup takes. */
export function methodAgain(site: MethodSite, obj: Value, name: string): Value | undefined {
  const { type, passed, namespace } = site;
  if (obj instanceof MpInstance) {
    if (obj.type !== type || obj.members.layout !== site.layout || (type.flags & TypeFlag.SpecialAccessors) !== 0) return undefined;
    for (let i = 0; i < passed.length; i++) if (passed[i].changes !== site.changes[i]) return undefined;
  } else if (typeOf(obj) !== type) return undefined;
  const method = namespace.keys[site.slot] === name ? namespace.values[site.slot] : undefined;
  if (!(method instanceof MpObj) || (method.type.flags & TypeFlag.BindsSelf) === 0) return undefined;
  if (site.layout !== null) {
    if ((method.type.flags & TypeFlag.BuiltinFun) !== 0) return undefined;
    for (let i = passed.length; i >= 0; i--) work(Cycles.classLookup);
  }
  return method;
}

/** A site for what was found for `name` on `obj`; undefined for what is looked up anew each time. */
export function methodSite(obj: Value, name: string, found: MethodRef): MethodSite | undefined {
  if (found.self !== obj || obj instanceof MpType) return undefined;
  const type = typeOf(obj);
  const passed: MpMap[] = [];
  const site = (namespace: MpMap, layout: Layout | null): MethodSite | undefined => {
    const slot = namespace.find(name);
    if (slot < 0 || namespace.values[slot] !== found.member) return undefined;
    return { type, layout, passed, changes: passed.map(map => map.changes), namespace, slot };
  };
  if (!(obj instanceof MpInstance)) {
    if (type.loadAttr !== undefined || type.next !== undefined || type.locals === null) return undefined;
    return site(type.locals, null);
  }
  const { layout } = obj.members;
  if (layout === null) return undefined;
  for (let at = type; (at.flags & TypeFlag.Instance) !== 0; [at] = at.parents) {
    const { locals, parents } = at;
    if (locals === null || locals.find(name) >= 0) return locals === null ? undefined : site(locals, layout);
    if (parents.length !== 1) return undefined;
    passed.push(locals);
  }
  return undefined;
}
