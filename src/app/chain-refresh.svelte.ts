// Tells every page when to read the chain again. Does nothing while the tab is hidden.

class ChainRefresh {
  /** Goes up with each refresh; effects that read it run again. */
  count = $state(0);

  request() {
    if (!document.hidden) this.count++;
  }
}

export const chainRefresh = new ChainRefresh();
