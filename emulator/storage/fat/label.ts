/** The volume label, an entry of the root directory. Source: FAT specification 1.03, section 6; FatFs for what is refused. */
import { toCapital, toCodePage, toUnicode } from './code-page.ts';
import { DirectoryCursor } from './directory.ts';
import { ATTRIBUTE_VOLUME, DELETED, ENTRY_ATTRIBUTES, ENTRY_SIZE } from './layout.ts';
import { SHORT_NAME_LENGTH } from './name.ts';
import { type FatResult, INVALID_NAME, NO_FILE, OK } from './result.ts';
import type { FatVolume } from './volume.ts';

const ILLEGAL = '+.,;=[]/\\"*:<>?|\x7f';
const SPACE = 0x20;

/** Label bytes of the code page are given and taken as the characters they stand for. */
export function getLabel(volume: FatVolume): { result: FatResult; label: string } {
  const mounted = volume.ensureMounted(false);
  if (mounted !== OK) return { result: mounted, label: '' };
  const cursor = new DirectoryCursor(volume);
  let result = cursor.goTo(0);
  if (result === OK) result = cursor.read(true);
  if (result === NO_FILE) return { result: OK, label: '' };
  if (result !== OK) return { result, label: '' };
  let label = '';
  for (let i = 0; i < SHORT_NAME_LENGTH; i++) label += String.fromCharCode(toUnicode(volume.window[cursor.at + i]));
  return { result, label: label.replace(/ +$/, '') };
}

/** Sets the label, or removes it if the text is empty. It is stored in capitals. */
export function setLabel(volume: FatVolume, text: string): FatResult {
  const mounted = volume.ensureMounted(true);
  if (mounted !== OK) return mounted;
  const label = new Uint8Array(SHORT_NAME_LENGTH).fill(SPACE);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = toCodePage(toCapital(text.charCodeAt(i)));
    if (byte < SPACE || ILLEGAL.includes(String.fromCharCode(byte)) || length >= SHORT_NAME_LENGTH) return INVALID_NAME;
    label[length++] = byte;
  }
  if (label[0] === DELETED) return INVALID_NAME;
  while (length > 0 && label[length - 1] === SPACE) length--;

  const cursor = new DirectoryCursor(volume);
  let result = cursor.goTo(0);
  if (result !== OK) return result;
  result = cursor.read(true);
  if (result === OK) {
    if (length > 0) volume.window.set(label, cursor.at);
    else volume.window[cursor.at] = DELETED;
    volume.windowDirty = true;
    return volume.sync();
  }
  if (result !== NO_FILE || length === 0) return result === NO_FILE ? OK : result;
  result = cursor.allocate(1);
  if (result !== OK) return result;
  const at = cursor.at;
  volume.window.fill(0, at, at + ENTRY_SIZE);
  volume.window[at + ENTRY_ATTRIBUTES] = ATTRIBUTE_VOLUME;
  volume.window.set(label, at);
  volume.windowDirty = true;
  return volume.sync();
}
