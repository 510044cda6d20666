// The README of an exported adapter: what it is, what it fits, and how it was made, as far as its files say so.

import { textFile, type ExportedFile } from './exported-file.ts';
import type { AdapterSource } from './adapter-source.ts';

export function modelCard(
  { plan, modules, config, architecture }: AdapterSource,
  baseName: string | null,
): ExportedFile {
  const ranks = [...new Set(modules.map(({ rank }) => rank))].sort((x, y) => x - y);
  const kind = { lora: 'LoRA', rslora: 'rsLoRA', dora: 'DoRA' }[plan.kind];
  // A JSON text is a YAML text too, so no name can end the front matter.
  const base = baseName === null ? '' : `base_model: ${JSON.stringify(baseName)}\n`;
  const facts = [
    `Kind: ${kind}`,
    ...(ranks.length > 0 ? [`Rank: ${ranks.join(', ')}`] : []),
    ...(typeof config['lora_alpha'] === 'number' ? [`Alpha: ${config['lora_alpha']}`] : []),
    `Modules: ${[...new Set(modules.map(({ name }) => name.replace(/^.*?\.\d+\./, '')))].sort().join(', ') || 'none'}`,
    `Family of the base: ${architecture.family}, ${architecture.layers} layers of width ${architecture.hidden}`,
  ];
  return textFile(
    'README.md',
    `---
${base}library_name: peft
pipeline_tag: text-generation
tags:
  - lora
---

# ${plan.name.replace(/[^\w .-]/g, '_')}

A LoRA adapter in the format of PEFT.

${facts.map((fact) => `- ${fact}`).join('\n')}
`,
  );
}
