// The CRC-32 checksum of gzip (ISO 3309), computed over chunks of bytes.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export function createCrc32() {
  let crc = 0xffffffff;
  let length = 0;
  return {
    add(bytes: Uint8Array): void {
      length += bytes.length;
      for (let at = 0; at < bytes.length; at++) crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
    },
    value: (): number => (crc ^ 0xffffffff) >>> 0,
    length: (): number => length,
  };
}
