// Checks rows against a Datanet's JSON Schema. The schema may come from a stranger, so references are not fetched and patterns
// are not run.

import { Validator } from '@cfworker/json-schema';
import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

/** What is wrong with a row, or null. */
export type SchemaCheck = (row: JsonObject) => string | null;

const MAX_SCHEMA_CHARS = 256 << 10;
const MAX_NODES = 10_000;

/** @throws FormatError, UnsupportedError when the schema cannot be used */
export function createSchemaCheck(schema: JsonObject, name: string): SchemaCheck {
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) {
    throw new FormatError(name, `the schema is longer than ${MAX_SCHEMA_CHARS} characters`, {
      hint: 'Use a smaller one.',
    });
  }
  refuseUnsafe(schema, name);
  let validator: Validator;
  try {
    validator = new Validator(schema, '2020-12');
  } catch (cause) {
    throw new FormatError(name, `the schema cannot be used (${(cause as Error).message.slice(0, 160)})`, {
      hint: 'Correct it.',
      cause,
    });
  }
  return (row) => {
    try {
      const { valid, errors } = validator.validate(row);
      if (valid) return null;
      // The deepest error names the cause; its parents only say that a child failed.
      const deepest = errors.at(-1);
      return deepest
        ? `${deepest.instanceLocation.slice(0, 80)}: ${deepest.error.slice(0, 200)}`
        : 'it does not follow the schema';
    } catch (cause) {
      // References that form a cycle or have no target.
      return `the schema cannot be applied (${(cause as Error).message.slice(0, 120)})`;
    }
  };
}

function refuseUnsafe(schema: JsonObject, name: string): void {
  const waiting: unknown[] = [schema];
  for (let nodes = 0; waiting.length > 0; nodes++) {
    if (nodes > MAX_NODES) throw new FormatError(name, 'the schema has too many parts', { hint: 'Use a smaller one.' });
    const node = waiting.pop();
    if (Array.isArray(node)) waiting.push(...(node as unknown[]));
    if (!isJsonObject(node)) continue;
    for (const [key, value] of Object.entries(node)) {
      if ((key === 'pattern' && typeof value === 'string') || (key === 'patternProperties' && isJsonObject(value))) {
        throw new UnsupportedError(
          name,
          `the schema uses "${key}"`,
          'Patterns of others are not run; describe the field in words.',
        );
      }
      waiting.push(value);
    }
  }
}
