// The description of a Datanet while it is edited.

import { BadInputError } from '#lib/chain/input.ts';
import type { DatanetAbout } from '#lib/formats/datanet/datanet-about.ts';

export class Description {
  name = $state('');
  description = $state('');
  field = $state('');
  /** Separated by commas. */
  tags = $state('');

  constructor({ name, description, field }: Omit<DatanetAbout, 'members'>, tags: readonly string[]) {
    Object.assign(this, { name, description, field, tags: tags.join(', ') });
  }

  /** @throws BadInputError */
  get about(): Omit<DatanetAbout, 'members'> {
    const [name, description, field] = [this.name.trim(), this.description.trim(), this.field.trim()];
    if (name === '') throw new BadInputError('The name', 'is missing');
    return { name, description, field };
  }
  /** Without duplicates; the first spelling of each is kept. */
  get tagList(): string[] {
    const words = this.tags.split(',').map((tag) => tag.trim());
    const small = words.map((tag) => tag.toLowerCase());
    return words.filter((tag, at) => tag !== '' && small.indexOf(tag.toLowerCase()) === at);
  }
}

/** @throws BadInputError */
export function wholeOf(text: string, what: string, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= most) return number;
  throw new BadInputError(what, `is no whole number from 0 to ${most}`);
}
