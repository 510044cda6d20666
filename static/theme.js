// Before the first paint: the theme the reader chose, so that nothing flashes.
try {
  const theme = localStorage.getItem('payable:theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked; the system's theme is used.
}
