import { expect, test } from 'vitest';
import { parseWebAddress } from './web-address.ts';

test.each(['https://example.org/a/b.gguf', 'http://localhost:8080/', 'http://127.0.0.1/x', 'http://[::1]:9/'])(
  '%s is used',
  (text) => expect(parseWebAddress(text)?.href).toBe(text),
);

test.each([
  '',
  'example.org/a',
  '/a/b',
  'http://example.org/',
  'http://127.0.0.1.example.org/',
  'http://localhost.example.org/',
  'https://user:word@example.org/',
  'https://user@example.org/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/plain,x',
  'blob:https://example.org/1',
])('%j is not used', (text) => expect(parseWebAddress(text)).toBeNull());
