/**
 * Where things are in a FAT volume's sectors.
 *
 * Source: Microsoft, "FAT: General Overview of On-Disk Format" (FAT specification 1.03); long names: the same, chapter "Long
 * Directory Entries".
 */

// Boot sector: BIOS parameter block.
export const JUMP = 0;
export const BYTES_PER_SECTOR = 11;
export const SECTORS_PER_CLUSTER = 13;
export const RESERVED_SECTORS = 14;
export const FAT_COUNT = 16;
export const ROOT_ENTRIES = 17;
export const TOTAL_SECTORS_16 = 19;
export const MEDIA = 21;
export const FAT_SIZE_16 = 22;
export const SECTORS_PER_TRACK = 24;
export const HEADS = 26;
export const HIDDEN_SECTORS = 28;
export const TOTAL_SECTORS_32 = 32;
// FAT12 and FAT16.
export const DRIVE_NUMBER_16 = 36;
export const BOOT_SIGNATURE_16 = 38;
export const SERIAL_16 = 39;
export const LABEL_16 = 43;
export const TYPE_16 = 54;
// FAT32.
export const FAT_SIZE_32 = 36;
export const VERSION_32 = 42;
export const ROOT_CLUSTER_32 = 44;
export const FSINFO_SECTOR_32 = 48;
export const BACKUP_SECTOR_32 = 50;
export const DRIVE_NUMBER_32 = 64;
export const BOOT_SIGNATURE_32 = 66;
export const SERIAL_32 = 67;
export const LABEL_32 = 71;
export const TYPE_32 = 82;
/** Last two bytes of the first 512 of a boot sector or partition table. */
export const SIGNATURE = 510;
export const SIGNATURE_VALUE = 0xaa55;

// FAT32's information sector.
export const FSINFO_LEAD = 0;
export const FSINFO_LEAD_VALUE = 0x41615252;
export const FSINFO_STRUCTURE = 484;
export const FSINFO_STRUCTURE_VALUE = 0x61417272;
export const FSINFO_FREE_COUNT = 488;
export const FSINFO_LAST_ALLOCATED = 492;

// Partition table.
export const PARTITION_TABLE = 446;
export const PARTITION_ENTRY_SIZE = 16;
export const PARTITION_SYSTEM = 4;
export const PARTITION_START = 8;
export const PARTITION_LENGTH = 12;

// Directory entry.
export const ENTRY_SIZE = 32;
export const ENTRY_NAME = 0;
export const ENTRY_ATTRIBUTES = 11;
export const ENTRY_CASE = 12;
export const ENTRY_CREATED = 14;
export const ENTRY_ACCESSED_DATE = 18;
export const ENTRY_CLUSTER_HIGH = 20;
export const ENTRY_MODIFIED = 22;
export const ENTRY_CLUSTER_LOW = 26;
export const ENTRY_FILE_SIZE = 28;
// Directory entry that holds a part of a long name.
export const LONG_ORDER = 0;
export const LONG_TYPE = 12;
export const LONG_CHECKSUM = 13;
/** Offsets of the 13 characters of a part. */
export const LONG_CHARACTERS: readonly number[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** First byte of a name that was deleted. */
export const DELETED = 0xe5;
/** Stands in a name for a first character that happens to be 0xE5. */
export const DELETED_ESCAPE = 0x05;
/** Bit in the order of the part that comes first in the directory (the end of the name). */
export const LAST_LONG_PART = 0x40;

export const ATTRIBUTE_READ_ONLY = 0x01;
export const ATTRIBUTE_VOLUME = 0x08;
export const ATTRIBUTE_DIRECTORY = 0x10;
export const ATTRIBUTE_ARCHIVE = 0x20;
export const ATTRIBUTE_LONG_NAME = 0x0f;
export const ATTRIBUTE_MASK = 0x3f;

/** Case of an 8.3 name that is all small letters in its body, or in its extension (Windows NT's use of byte 12). */
export const CASE_BODY = 0x08;
export const CASE_EXTENSION = 0x10;

/** Most clusters of each type. The specification's limits, but for the values that DOS and Windows really use. */
export const MAX_CLUSTERS_12 = 0xff5;
export const MAX_CLUSTERS_16 = 0xfff5;
export const MAX_CLUSTERS_32 = 0x0ffffff5;
/** Largest directory, in bytes. */
export const MAX_DIRECTORY_SIZE = 0x200000;

export function load16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function load32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function store16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
}

export function store32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}

/** Writes ASCII characters. */
export function storeText(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}
