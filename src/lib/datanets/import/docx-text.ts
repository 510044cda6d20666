// Extracts the text from the XML of a Word document: paragraphs with heading levels, tables as lines, text boxes and notes once,
// deleted and moved text not at all. XML entities are neither fetched nor expanded.

import { SaxesParser } from 'saxes';

export interface DocxParagraph {
  text: string;
  /** Heading level, 1 to 9; 0 for other paragraphs. */
  level: number;
}

export interface DocxContext {
  /** Heading levels by style id. */
  styles: ReadonlyMap<string, number>;
  /** Texts of footnotes and endnotes, by the referring element and id. */
  notes: ReadonlyMap<string, string>;
  /** Reports a symbol of a font that has no counterpart in Unicode. */
  onOddSign(font: string): void;
  /** Receives a note, when reading a part of notes. */
  onNote?: (id: string, texts: readonly string[]) => void;
}

const NO_CONTEXT: DocxContext = { styles: new Map(), notes: new Map(), onOddSign: () => undefined };
/** The letters of the font Symbol from A and from a on. */
const [GREEK, SMALL_GREEK] = ['ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ', 'αβχδεφγηιϕκλμνοπθρστυϖωξψζ'];
const SIGNS: Readonly<Record<number, string>> = {
  ...{ 0xa3: '≤', 0xa5: '∞', 0xac: '←', 0xae: '→', 0xb0: '°', 0xb1: '±', 0xb3: '≥', 0xb4: '×', 0xb7: '•', 0xb8: '÷' },
  ...{ 0xb9: '≠', 0xba: '≡', 0xbb: '≈', 0xd6: '√', 0xe5: '∑', 0xf2: '∫' },
};
/** Deleted or moved text, and field codes. */
const LEFT_OUT = new Set(['w:moveFrom', 'w:del', 'w:instrText', 'w:delText']);

/** Receives paragraphs: of the document, a cell, a text box or a note. */
type Sink = (paragraph: DocxParagraph) => void;

export function readDocxText(xml: string, emit: Sink, context: DocxContext = NO_CONTEXT): void {
  const parser = new SaxesParser();
  const sinks: Sink[] = [emit];
  const paragraphs: { text: string; level: number; after: DocxParagraph[] }[] = [];
  const tables: string[][][] = [];
  const cells: string[][] = [];
  const choices: boolean[] = [];
  const open: { id: string; texts: string[] }[] = [];
  let skipped = 0;
  let inText = false;
  let count = 0;
  const say = (text: string): void => {
    const last = paragraphs.at(-1);
    if (last) last.text += text;
  };
  const endParagraph = (): void => {
    const { text, level, after } = paragraphs.pop()!;
    sinks.at(-1)!({ text, level });
    for (const one of after) sinks.at(-1)!(one);
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const isSecond = name === 'mc:Fallback' && choices.at(-1) === true;
    if (skipped > 0 || LEFT_OUT.has(name) || isSecond) {
      skipped++;
      return;
    }
    const last = paragraphs.at(-1);
    if (name === 'w:t' || name === 'm:t') inText = true;
    else if (name === 'w:tab' || name === 'w:ptab') say('\t');
    else if (name === 'w:br' || name === 'w:cr') say('\n');
    else if (name === 'w:noBreakHyphen') say('-');
    else if (name === 'w:sym') say(signOf(attributes['w:font'] ?? '', attributes['w:char'] ?? '', context));
    else if (name === 'w:p') paragraphs.push({ text: '', level: 0, after: [] });
    else if (name === 'w:pStyle' && last) last.level = levelOf(attributes['w:val'] ?? '', context);
    else if (name === 'w:footnoteReference' || name === 'w:endnoteReference') {
      const note = context.notes.get(`${name} ${attributes['w:id'] ?? ''}`);
      if (note === undefined || !last) return;
      say(`[${++count}]`);
      last.after.push({ text: `[${count}] ${note}`, level: 0 });
    } else if (name === 'mc:AlternateContent') choices.push(false);
    else if (name === 'mc:Choice') choices[choices.length - 1] = true;
    else if (name === 'w:txbxContent') sinks.push((one) => void (last ? last.after.push(one) : sinks[0]!(one)));
    else if (name === 'w:footnote' || name === 'w:endnote') {
      const texts: string[] = [];
      open.push({ id: attributes['w:id'] ?? '', texts });
      sinks.push(({ text }) => void texts.push(text));
    } else if (name === 'w:tbl') tables.push([]);
    else if (name === 'w:tr') tables.at(-1)?.push([]);
    else if (name === 'w:tc') {
      const cell: string[] = [];
      cells.push(cell);
      sinks.push(({ text }) => void cell.push(text));
    }
  });
  parser.on('text', (piece) => {
    if (inText && skipped === 0) say(piece);
  });
  parser.on('closetag', ({ name }) => {
    if (skipped > 0) skipped--;
    else if (name === 'w:t' || name === 'm:t') inText = false;
    else if (name === 'w:p') endParagraph();
    else if (name === 'mc:AlternateContent') choices.pop();
    else if (name === 'w:txbxContent') sinks.pop();
    else if (name === 'w:footnote' || name === 'w:endnote') {
      sinks.pop();
      const { id, texts } = open.pop()!;
      context.onNote?.(id, texts);
    } else if (name === 'w:tc') {
      sinks.pop();
      tables
        .at(-1)
        ?.at(-1)
        ?.push(
          cells
            .pop()!
            .filter((text) => text.trim() !== '')
            .join(' '),
        );
    } else if (name === 'w:tbl') {
      const lines = tables.pop()!.map((row) => row.join(' | '));
      sinks.at(-1)!({ text: lines.join('\n'), level: 0 });
    }
  });
  parser.write(xml).close();
}

function levelOf(style: string, { styles }: DocxContext): number {
  return styles.get(style) ?? Number(/^Heading([1-9])$/.exec(style)?.[1] ?? 0);
}

function signOf(font: string, char: string, { onOddSign }: DocxContext): string {
  const code = Number.parseInt(char, 16);
  if (!Number.isInteger(code) || code < 0x20 || code > 0xffff) return '';
  if (code < 0xf000 || code > 0xf0ff) return String.fromCharCode(code).toWellFormed();
  const at = code - 0xf000;
  const known = font === 'Symbol' ? (GREEK[at - 0x41] ?? SMALL_GREEK[at - 0x61] ?? SIGNS[at]) : undefined;
  if (known !== undefined) return known;
  onOddSign(font);
  return String.fromCharCode(code);
}

/** Adds the texts of the notes in `xml`, by referring element and id. */
export function readDocxNotes(xml: string, refer: string, notes: Map<string, string>): void {
  const onNote = (id: string, texts: readonly string[]) => notes.set(`${refer} ${id}`, texts.join(' ').trim());
  readDocxText(xml, () => undefined, { ...NO_CONTEXT, onNote });
}

/** Levels of the styles named `heading 1` and so on; their ids differ by language. */
export function readDocxStyles(xml: string): Map<string, number> {
  const levels = new Map<string, number>();
  const parser = new SaxesParser();
  let style = '';
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'w:style') style = attributes['w:styleId'] ?? '';
    const level = name === 'w:name' ? /^heading ([1-9])$/i.exec(attributes['w:val'] ?? '')?.[1] : undefined;
    if (level !== undefined && style !== '') levels.set(style, Number(level));
  });
  parser.write(xml).close();
  return levels;
}
