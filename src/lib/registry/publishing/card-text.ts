// The README of a published adapter: the card for people, in Markdown with the front matter that the Hugging Face hub reads. It says what
// is known, and says of the rest that it is not known.

import type { ModelCard } from '#lib/formats/model/model-card.ts';
import { inMarkdown } from './markdown-text.ts';
import type { TrainingFacts } from './training-facts.ts';

const KINDS = { lora: 'LoRA', rslora: 'rsLoRA', dora: 'DoRA' } as const;

export function cardText(card: ModelCard, training: TrainingFacts | null): string {
  const { name, description, licence, base, adapter, data, parent } = card;
  // A JSON text is a YAML text too, so no name can end the front matter.
  return `---
license: ${JSON.stringify(licence.toLowerCase())}
base_model: ${JSON.stringify(base.place)}
library_name: peft
pipeline_tag: text-generation
tags:
  - lora
---

# ${inMarkdown(name)}

${inMarkdown(description) || 'Its maker gave no description.'}

- Licence: ${inMarkdown(licence)}
- Kind: ${KINDS[adapter.kind]}, rank ${adapter.rank}, on ${inMarkdown(adapter.targets.join(', ')) || 'no matrix'}
- Base: ${inMarkdown(base.place)}, family ${inMarkdown(base.family)}, licence ${inMarkdown(base.licence)}
- Base hash: \`${base.id}\`
- Adapter hash: \`${adapter.id}\`
${parent ? `- Continues model ${parent.model}, version ${parent.version}\n` : ''}
## Data

${dataText(data)}

## Training

${training ? trainingText(training) : 'No manifest of the training run was published, so the recipe and the course of the training are not known.'}

## Files

| file | bytes | sha256 |
| --- | --- | --- |
${adapter.files.map(({ path, bytes, sha256 }) => `| ${path} | ${bytes} | \`${sha256}\` |`).join('\n')}

\`card.json\` says the same for programs, and \`training-content.md\` is the public summary of the training content. \`croissant/\` describes
each Datanet version for tools that read data sets.
`;
}

function dataText(data: ModelCard['data']): string {
  if (data.length === 0)
    return 'No registered Datanet is cited. What the adapter was trained on is not known from the registry.';
  return `| Datanet version | rows used | licence | contributors | content id |
| --- | --- | --- | --- | --- |
${data
  .map((one) => {
    const licences = [one.licence, ...one.rowLicences].map(inMarkdown).join(', rows also ');
    return `| ${inMarkdown(one.name)} (${inMarkdown(one.datanet)}) v${one.version} | ${one.rowsUsed} of ${one.rows} | ${licences} | ${one.contributors} | ${one.manifest} |`;
  })
  .join('\n')}`;
}

function trainingText({ recipe, curves, sources }: TrainingFacts): string {
  const settings = recipe.map(([name, value]) => `| ${inMarkdown(name)} | ${inMarkdown(value)} |`);
  const table = `| setting | value |\n| --- | --- |\n${settings.join('\n')}\n`;
  const losses = curves.map(
    ({ name, points, first, last, least }) =>
      `- ${inMarkdown(name)}: ${points} values, from ${first} to ${last}, least ${least}`,
  );
  const course = losses.length > 0 ? losses.join('\n') : 'The manifest has no losses.';
  const read = sources.map(
    ({ name, licence, rows, id }) =>
      `- ${inMarkdown(name)}: ${rows} rows, ${inMarkdown(licence)}${id === null ? '' : `, ${inMarkdown(id)}`}`,
  );
  return `${table}\n${course}\n\nRows came from:\n\n${read.join('\n')}\n\nThe whole manifest is in \`training.json\`.`;
}
