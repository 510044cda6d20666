// The error that ends a rendering: a message, the class that Python raises, and the template's line.

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
