/** Applies the chosen theme before the first paint; the settings page writes what this reads. */
try {
  const { theme } = JSON.parse(localStorage.getItem('navis.preferences') ?? '{}');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme applies.
}
