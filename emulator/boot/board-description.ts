/** What a tool is told of a board, whatever firmware is in it: worked out once for each board's data. */
import type { Board } from '../../boards/board.ts';
import type { MachineDescription } from './machine.ts';

export type BoardDescription = Omit<MachineDescription, 'firmware' | 'compiler'>;

const known = new WeakMap<Board, BoardDescription>();

export function describeBoard(board: Board): BoardDescription {
  let description = known.get(board);
  if (description === undefined) known.set(board, (description = describe(board)));
  return description;
}

function describe(board: Board): BoardDescription {
  const { name, identity } = board;
  const hardware = board.hardware!;
  const { bootloader } = hardware;
  return {
    board: name,
    machine: identity.machine,
    ...(bootloader === undefined ? {} : { bootloaderPad: bootloader.pad }),
    pins: hardware.pins.map(pin => ({ name: pin.name, aliases: [pin.cpu] })),
    leds: hardware.leds.map(led => ({ name: led.color, index: led.id, intensity: led.pwm !== undefined })),
    switches: [
      'RST',
      ...(hardware.switch === undefined ? [] : [hardware.boot.select]),
      ...(bootloader === undefined ? [] : [bootloader.pad]),
    ],
    parts: [
      ...(hardware.accelerometer === undefined ? [] : ['accel']),
      ...(hardware.servos?.ports.map((_, index) => `servo${index + 1}`) ?? []),
    ],
    serialPorts: ['usb'],
    media: hardware.sdCard === undefined ? ['flash'] : ['flash', 'sd'],
    buses: [
      ...hardware.uarts.map(({ id }) => `UART(${id})`),
      ...hardware.i2cs.map(({ id }) => `I2C(${id})`),
      ...hardware.spis.map(({ id }) => `SPI(${id})`),
      ...hardware.cans.map(({ id }) => `CAN(${id})`),
    ],
  };
}
