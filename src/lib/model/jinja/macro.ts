// Binds arguments to the parameters of a macro, by Jinja's rules: positional, named, and the rest to varargs and kwargs.

import { fail } from './failure.ts';
import type { Signature } from './syntax.ts';
import { Dict, Tuple, Undefined, type CallArguments, type Value } from './values.ts';

/** Sets each parameter; `fallback` evaluates a default, which may use earlier parameters. */
export function bindMacro(
  name: string,
  { parameters, uses }: Signature,
  { positional, named }: CallArguments,
  set: (name: string, value: Value) => void,
  fallback: (index: number) => Value,
): void {
  const rest = new Map(named);
  const takesCaller = parameters.some((parameter) => parameter.name === 'caller');
  const given = parameters.map((parameter, i) => {
    if (i < positional.length) return positional[i]!;
    const value = rest.get(parameter.name);
    rest.delete(parameter.name);
    return value;
  });
  if (uses.caller && !takesCaller) {
    set('caller', rest.get('caller') ?? new Undefined('No caller defined'));
    rest.delete('caller');
  }
  if (uses.kwargs) set('kwargs', Dict.of(rest));
  else if (rest.size > 0)
    return fail('TypeError', `macro '${name}' takes no keyword argument '${[...rest.keys()][0]!}'`);
  if (uses.varargs) set('varargs', new Tuple(positional.slice(parameters.length)));
  else if (positional.length > parameters.length)
    return fail('TypeError', `macro '${name}' takes not more than ${parameters.length} argument(s)`);
  parameters.forEach((parameter, i) => {
    const value = given[i];
    set(parameter.name, value === undefined ? fallback(i) : value);
  });
}
