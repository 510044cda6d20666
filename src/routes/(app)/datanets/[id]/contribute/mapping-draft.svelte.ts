// What a contributor says about how a file is read, while it is typed: kind of record, fields, names of roles, numbers, delimiter.
// It starts from what was said before or recognised in the file.

import type { Reading } from '#lib/datanets/import/import-rows.ts';
import { ROLES, type Role } from '#lib/dataset/records/roles.ts';
import type { Mapping } from '#lib/dataset/records/shapes.ts';

export class MappingDraft {
  /** Empty: as recognised. */
  kind: Mapping['kind'] | '' = $state('');
  text = $state('');
  prompt = $state('');
  /** A second field that is joined to the prompt. */
  beside = $state('');
  completion = $state('');
  history = $state('');
  chosen = $state('');
  rejected = $state('');
  list = $state('');
  role = $state('role');
  content = $state('content');
  system = $state('');
  /** By role: further names that the file uses, separated by commas. */
  names: Record<Role, string> = $state({} as Record<Role, string>);
  numbers: string[] = $state([]);
  delimiter = $state('');
  encoding = $state('');

  /** `known` is the mapping that was said before or recognised. */
  constructor(begun: Reading, known: Mapping | null) {
    this.kind = begun.mapping ? begun.mapping.kind : known ? '' : 'text';
    if (known) this.#fill(known);
    const named = Object.entries(begun.roles ?? {});
    for (const role of ROLES) {
      this.names[role] = named
        .filter(([, of]) => of === role)
        .map(([name]) => name)
        .join(', ');
    }
    this.numbers = [...(begun.numbers ?? [])];
    this.delimiter = begun.delimiter ?? '';
    this.encoding = begun.encoding ?? '';
  }

  #fill(known: Mapping) {
    if (known.kind === 'text') this.text = known.text;
    if (known.kind === 'turns') {
      [this.prompt = '', this.beside = ''] = known.prompt;
      this.completion = known.completion;
      this.history = known.history ?? '';
    }
    if (known.kind === 'preference') {
      this.prompt = known.prompt ?? '';
      this.chosen = known.chosen;
      this.rejected = known.rejected;
    }
    if (known.kind === 'messages') {
      this.list = known.list;
      this.role = known.role;
      this.content = known.content;
    }
    if ('system' in known) this.system = known.system ?? '';
  }

  /** Whether each field that this kind needs was chosen. */
  get isComplete(): boolean {
    return {
      '': true,
      text: this.text !== '',
      turns: this.prompt !== '' && this.completion !== '',
      preference: this.chosen !== '' && this.rejected !== '',
      messages: this.list !== '' && this.role !== '' && this.content !== '',
      fields: true,
    }[this.kind];
  }

  /** `hasFields` is false for a file whose records could not be read yet: there is nothing to map. */
  reading(hasFields: boolean): Reading {
    const called = ROLES.flatMap((one) =>
      this.names[one].split(',').map((name) => [name.trim().toLowerCase(), one] as const),
    );
    return {
      mapping: hasFields ? this.#mapping() : undefined,
      roles: Object.fromEntries(called.filter(([name]) => name !== '')),
      numbers: this.numbers,
      delimiter: this.delimiter || undefined,
      encoding: this.encoding.trim() || undefined,
    };
  }

  #mapping(): Mapping | undefined {
    const { kind, text, prompt, beside, completion, chosen, rejected, list, role, content } = this;
    const system = this.system || null;
    switch (kind) {
      case '':
        return undefined;
      case 'text':
        return { kind, text };
      case 'turns':
        return { kind, system, history: this.history || null, prompt: [prompt, beside].filter(Boolean), completion };
      case 'preference':
        return { kind, prompt: prompt || null, chosen, rejected };
      case 'messages':
        return { kind, list, role, content, system };
      case 'fields':
        return { kind };
    }
  }
}
