// When to look at the chain again: one beat for every page, still while nobody looks at the tab.

class Pulse {
  beat = $state(0);

  look() {
    if (!document.hidden) this.beat++;
  }
}

export const pulse = new Pulse();
