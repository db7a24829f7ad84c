// Which of the two themes: as the system says, or as was chosen here. Loaded before the page is painted.
(() => {
  const KEY = 'aitta-theme';
  const CHOICES = ['auto', 'light', 'dark'];
  const root = document.documentElement;

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // Storage is switched off: then it is chosen anew each time.
    }
  }

  function use(choice) {
    root.dataset.theme = choice;
    const button = document.getElementById('theme');
    if (button) {
      button.textContent = `Theme: ${choice}`;
    }
  }

  use(CHOICES.includes(remembered()) ? remembered() : 'auto');
  document.addEventListener('DOMContentLoaded', () => {
    use(root.dataset.theme);
    document.getElementById('theme').addEventListener('click', () => {
      const choice = CHOICES[(CHOICES.indexOf(root.dataset.theme) + 1) % CHOICES.length];
      use(choice);
      try {
        localStorage.setItem(KEY, choice);
      } catch {
        // As above.
      }
    });
  });
})();
