// What ends a template: a sentence, the class Python's renderer gives such a failure, and the line it happened in.
// It knows no model and gives no advice; the rooms above do.

export type FailureKind =
  | 'TemplateError' // the template's own raise_exception()
  | 'TemplateSyntaxError'
  | 'TemplateRuntimeError'
  | 'UndefinedError'
  | 'SecurityError'
  | 'TypeError'
  | 'ValueError'
  | 'ArithmeticError'
  | 'RecursionError'
  | 'LimitError' // a bound of this renderer
  | 'NotOffered'; // something Jinja has and this renderer does not

export class TemplateFailure extends Error {
  readonly kind: FailureKind;
  /** Line of the template, counted from 1; set by the statement that failed. */
  line: number | null = null;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = 'TemplateFailure';
    this.kind = kind;
  }
}

export function fail(kind: FailureKind, message: string): never {
  throw new TemplateFailure(kind, message);
}
