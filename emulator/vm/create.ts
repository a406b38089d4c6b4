/** A fresh MicroPython: what mp_init does, and what every port adds before it runs anything. */
import { Clock } from '../clock/clock.ts';
import { frozenModules } from '../modules/frozen/frozen-modules.ts';
import { MpDict } from '../objects/dict.ts';
import { MpList } from '../objects/list.ts';
import { MpMap } from '../objects/map.ts';
import { MpModule } from '../objects/module.ts';
import { forgetInterned } from './interning.ts';
import type { Profile } from './profile.ts';
import '../objects/none.ts';
import './service.ts';
import { type Port, runIn, Vm } from './vm.ts';

/** Makes a machine with an empty `__main__`. Its `sys.path` is the profile's. */
export function createVm(profile: Profile, port: Port, clock: Clock = new Clock()): Vm {
  const machine = new Vm(profile, port, clock);
  machine.frozen = frozenModules(profile);
  initVm(machine);
  return machine;
}

/** Sets a machine's namespaces to their state after a reset: what a soft reset does to it. */
export function initVm(machine: Vm): void {
  runIn(machine, () => {
    machine.heap.reset();
    forgetInterned();
    machine.frame = null;
    machine.stackUsed = machine.profile.stackInUse;
    machine.pendingException = undefined;
    machine.threads = null;
    machine.schedule.length = 0;
    machine.schedulerLocked = 0;
    machine.optLevel = 0;
    machine.builtinsOverride = null;
    machine.builtinModules.clear();
    machine.currentException = null;
    machine.interruptChar = -1;
    machine.finalisable.clear();
    machine.finalisationDue = false;
    machine.emergencyBuffer = 0;
    machine.clearVolatileState();
    machine.loadedModules = new MpDict(new MpMap(0));
    const globals = new MpDict(new MpMap(0));
    globals.map.set('__name__', '__main__');
    machine.main = new MpModule(globals);
    machine.loadedModules.map.set('__main__', machine.main);
    machine.globals = machine.locals = globals;
    machine.sysPath = new MpList([...machine.profile.sysPath]);
    machine.sysArgv = new MpList([]);
  });
}
