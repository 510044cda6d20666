// Files to import, made in memory: any bytes, and small valid files of binary formats.

import { parquetWriteBuffer } from 'hyparquet-writer';
import { strToU8, zipSync } from 'fflate';
import type { ImportFile } from '#lib/datanets/import/import-file.ts';

/** Streams its bytes in pieces of `piece`, so that every boundary is tested. */
export function memoryFile(name: string, content: string | Uint8Array, piece = 7919): ImportFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.length,
    async *stream() {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.slice(at, at + piece);
    },
    read: async (start, end) => bytes.slice(start, end),
  };
}

/** `parts` are other entries of the archive; `main` is where its text is. */
export const docxBytes = (
  body: string,
  parts: Readonly<Record<string, string>> = {},
  main = 'word/document.xml',
): Uint8Array =>
  zipSync({
    '[Content_Types].xml': strToU8('<Types/>'),
    [main]: strToU8(
      `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w" xmlns:mc="mc" xmlns:m="m"><w:body>${body}</w:body></w:document>`,
    ),
    ...Object.fromEntries(Object.entries(parts).map(([name, content]) => [name, strToU8(content)])),
  });

export const paragraph = (text: string, style = ''): string =>
  `<w:p>${style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

export interface PlacedLine {
  x: number;
  y: number;
  text: string;
}

/** A PDF with a line of text a page, or lines at their places; an empty one has no text. */
export function pdfBytes(pages: readonly (string | readonly PlacedLine[])[]): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, at) => `${4 + 2 * at} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  pages.forEach((text, at) => {
    const lines = typeof text === 'string' ? [{ x: 20, y: 100, text }] : text;
    const content = lines
      .filter((line) => line.text !== '')
      .map((line) => `BT /F1 12 Tf ${line.x} ${line.y} Td (${line.text}) Tj ET`)
      .join('\n');
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 400] /Contents ${5 + 2 * at} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    );
  });
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return new TextEncoder().encode(text);
}

export const parquetBytes = (columns: Readonly<Record<string, unknown[]>>, rowGroupSize = 100): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data })),
      rowGroupSize,
    }),
  );

/** A PNG of one pixel. */
export const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);
