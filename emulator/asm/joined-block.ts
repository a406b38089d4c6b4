/**
 * One function out of a block's handlers. Called one after the other from a loop, all handlers come from the same place, of which the host's compiler learns nothing;
 * here each has a place of its own, so that it is compiled into the function that calls it.
 */

/** Makes the texts differ: equal ones would share what the compiler has learned. */
let made = 0;

/** @returns null where the surroundings do not let code be made at run time (a browser's content security policy) */
export function joined(handlers: readonly (() => void)[]): (() => void) | null {
  const names = handlers.map((_, i) => `h${i}`);
  try {
    // Only names and a number are in the text: nothing of the guest's.
    const make = new Function(...names, `return () => { ${names.map(name => `${name}();`).join(' ')} } // ${++made}`);
    return make(...handlers);
  } catch {
    return null;
  }
}
