// The public summary of training content that Article 53(1)(d) of the EU's AI Act asks of providers of general-purpose models, in the
// order of the AI Office's template of July 2025. It states what the registry and the files prove, and says of the rest that it is not
// known; its maker completes it.

import type { ModelCard } from '#lib/formats/model/model-card.ts';
import { inMarkdown } from './markdown-text.ts';

export interface ContentFacts {
  card: ModelCard;
  /** The account that publishes. */
  provider: string;
  /** Bytes of all rows of the versions that are cited. */
  bytes: number;
  /** The newest version among them, in seconds since 1970; null without any. */
  newest: number | null;
}

const UNKNOWN = 'Not known from the files and the registry.';
/** A token has at least one byte, so fewer bytes than this are fewer tokens. */
const BILLION = 1e9;

export function trainingContent({ card, provider, bytes, newest }: ContentFacts): string {
  const { name, base, parent, data } = card;
  const hasData = data.length > 0;
  const size = hasData
    ? `The versions that are cited hold ${bytes} bytes of rows${bytes < BILLION ? ', so less than 1 billion tokens of text' : ''}.`
    : UNKNOWN;
  return `# Public summary of training content

${inMarkdown(name)}. The sections follow the template of the European Commission's AI Office of July 2025. The summary covers the
training of this adapter; the summary of the base model is a matter of that model's provider.

## 1. General information

### 1.1 Provider

- Provider: account ${inMarkdown(provider)}, which published the model. Name, address and contact: ${UNKNOWN}
- Authorised representative in the Union: ${UNKNOWN}

### 1.2 Model

- Model: ${inMarkdown(name)}, adapter hash ${card.adapter.id}
- It modifies: ${inMarkdown(base.place)} (${inMarkdown(base.family)}, hash ${base.id})${parent ? `, and continues model ${parent.model}, version ${parent.version}` : ''}
- Date on which it was placed on the market of the Union: ${UNKNOWN} The registry has the time of its publication.

### 1.3 Modalities, size and characteristics

- Modalities: text.
- Size of the training data: ${size}
- Types of content: rows of text, as described by their Datanets. Other characteristics: ${UNKNOWN}
- Latest date of the data: ${newest === null ? UNKNOWN : `the newest version was made on ${new Date(newest * 1000).toISOString().slice(0, 10)}.`}
- Languages: ${UNKNOWN}

## 2. List of data sources

### 2.1 Publicly available data sets

${hasData ? data.map(sourceLine).join('\n') : UNKNOWN}

### 2.2 Data sets of third parties that are not public

${UNKNOWN}

### 2.3 Data crawled and scraped from online sources

${hasData ? 'None by the provider of this adapter as far as the registry says. Whether contributors of a Datanet collected rows online is not known.' : UNKNOWN}

### 2.4 Data of users

${UNKNOWN}

### 2.5 Synthetic data

${UNKNOWN}

### 2.6 Other sources

${UNKNOWN}

## 3. Aspects of data processing

### 3.1 Reservation of rights from text and data mining

${
  hasData
    ? 'Contributors offer rows under the licence of the Datanet. The registry accepted the licence of this model beside those of all sources that are cited.'
    : UNKNOWN
}

### 3.2 Removal of illegal content

${hasData ? 'Curators accept or reject each contribution before a version is published. Other measures: not known.' : UNKNOWN}

### 3.3 Other information

${card.training ? 'The manifest of the training run is published beside this summary.' : UNKNOWN}
`;
}

const sourceLine = (one: ModelCard['data'][number]): string =>
  `- ${inMarkdown(one.name)}, version ${one.version} (${inMarkdown(one.datanet)}), content id ${one.manifest}: ${one.rowsUsed} of ${one.rows} rows of ${one.contributors} contributors, licence ${[one.licence, ...one.rowLicences].map(inMarkdown).join(', ')}.`;
