// Escapes text for HTML like MarkupSafe.

import type { Budget } from './budget.ts';

const NAMES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };

export function escapeHtml(text: string, budget: Budget): string {
  budget.text(text.length);
  return text.replace(/[&<>'"]/g, (sign) => NAMES[sign]!);
}
