// The GGUF files of a repository: publishers put the same model in many quantisations side by side, some of them in parts.

export interface GgufVariant {
  /** The quantisation, such as `Q4_K_M`; where names do not tell it or tell it twice, the name of the file without its ending. */
  name: string;
  /** The file, or its parts in order. */
  paths: string[];
  bytes: number;
}

interface ListedFile {
  path: string;
  bytes: number;
}

const PARTS = /-\d{5}-of-\d{5}$/;
const QUANTISATION = /(?:^|[-._])((?:UD-)?(?:[IT]?Q\d\w*|BF16|F16|FP16|F32|FP32|MXFP4\w*))$/i;
/** Block formats that are read; a file of another kind would be downloaded in vain. */
const READABLE = /^(?:UD-)?(?:Q4_[01K]|Q5_[01K]|Q6_K|Q8_0|BF16|F?P?16|F?P?32)/i;
/** Encoders of pictures, and statistics for quantising. */
const OTHER = /mmproj|imatrix/i;
/** What a variant may be called, so that it can be written after a colon. */
const NAME = /^[\w.-]{1,96}$/;
/** The first of these is what llama.cpp takes of such a repository. */
const PREFERRED = ['Q4_K_M', 'Q4_K_S', 'Q4_0', 'Q5_K_M', 'Q6_K', 'Q8_0', 'BF16', 'F16'];

/** Those that can be read, the one to take first; empty where there is none. */
export function ggufVariants(files: readonly ListedFile[]): GgufVariant[] {
  const byStem = new Map<string, ListedFile[]>();
  for (const file of files) {
    const stem = stemOf(file.path);
    if (stem === undefined || OTHER.test(stem)) continue;
    byStem.set(stem, [...(byStem.get(stem) ?? []), file]);
  }
  const found = [...byStem.values()].flatMap((parts) => {
    const title = ggufTitle(parts[0]!.path);
    const quantisation = QUANTISATION.exec(title)?.[1]?.toUpperCase();
    if (quantisation !== undefined && !READABLE.test(quantisation)) return [];
    const paths = parts.map(({ path }) => path).sort();
    return [{ title, quantisation, paths, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) }];
  });
  const count = (name: string) => found.filter(({ quantisation }) => quantisation === name).length;
  const place = (name: string) => (PREFERRED.includes(name) ? PREFERRED.indexOf(name) : PREFERRED.length);
  return found
    .map(({ title, quantisation, ...rest }) => ({
      name: quantisation !== undefined && count(quantisation) === 1 ? quantisation : title,
      ...rest,
    }))
    .filter(({ name }) => NAME.test(name))
    .toSorted((a, b) => place(a.name) - place(b.name) || a.bytes - b.bytes);
}

/** By its name or its file, in any case of letters; the first where nothing is named; undefined where there is none such. */
export function findGgufVariant(variants: readonly GgufVariant[], wanted?: string): GgufVariant | undefined {
  if (wanted === undefined) return variants[0];
  const isWanted = (text: string) => text.toLowerCase() === wanted.toLowerCase();
  return variants.find(({ name, paths }) => isWanted(name) || isWanted(ggufTitle(paths[0]!)));
}

/** What the file of such a path is called, without its ending and its part number. */
export const ggufTitle = (path: string): string => stemOf(path)?.split('/').at(-1) ?? path;

const stemOf = (path: string): string | undefined => /^(.*)\.gguf$/is.exec(path)?.[1]?.replace(PARTS, '');
