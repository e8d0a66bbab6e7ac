// Refreshes the regions marked data-live when the world outside changed, without losing what somebody is typing.
(() => {
  'use strict';
  const every = 1500;
  const status = document.getElementById('novedades');

  const typing = (region) => [...region.querySelectorAll('details[open] textarea, details[open] input')]
    .some((field) => document.activeElement === field || field.value !== field.defaultValue);

  const answers = (root) => root.querySelectorAll('.nuestro').length;

  function replace(region, fresh) {
    if (region.innerHTML === fresh.innerHTML) return true;
    if (typing(region)) return false;
    const open = [...region.querySelectorAll('details[open]')].map((d) => d.id);
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    const focusId = focused && (focused.id || (focused.closest('details') || {}).id);
    region.replaceChildren(...fresh.childNodes);
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    const again = focusId && document.getElementById(focusId);
    if (again) (again.querySelector('summary') || again).focus({ preventScroll: true });
    return true;
  }

  async function refresh(revision) {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const before = answers(document);
    let all = true;
    for (const region of document.querySelectorAll('[data-live]')) {
      const fresh = page.getElementById(region.id);
      if (fresh) all = replace(region, fresh) && all;
    }
    if (answers(document) > before) status.textContent = 'Llegó una respuesta de SENCE.';
    else if (!all) status.textContent = 'Hay novedades. Termina lo que escribes para verlas.';
    if (all) document.body.dataset.revision = revision;
  }

  async function look() {
    if (!document.hidden) {
      try {
        const { revision } = await (await fetch('/sim/revision')).json();
        if (revision !== document.body.dataset.revision) await refresh(revision);
      } catch {
        // The simulator is away; the next look will find it again.
      }
    }
    setTimeout(look, every);
  }

  setTimeout(look, every);
})();
