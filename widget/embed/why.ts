// The page that tells why there is no panel. Every page may embed it, and it shows nothing: whoever embeds it hears
// whether there is such a site, and which of the origins around this frame is not on its list.

import { toPanel, wrap } from './bridge.ts';
import { setting } from './panel/setting.ts';
import { problemOf } from './problem.ts';

/** The site as the address has it; `setting` names it only if there is one. */
const asked = new URLSearchParams(window.location.search).get('site') ?? '';

/** Of every page around this frame, where browsers tell it; else of the one that asks. */
function around(asking: string): readonly string[] {
  const { ancestorOrigins } = window.location as { readonly ancestorOrigins?: Iterable<string> };
  return ancestorOrigins ? [...ancestorOrigins] : [asking];
}

window.addEventListener('message', ({ source, origin, data }) => {
  if (source !== window.parent || source === window || !toPanel(data)) return;
  const problem = problemOf(asked, setting.site !== '', setting.embedders, around(origin));
  // A page from a file, or in a sandbox, has no origin to write to; what is said here is no secret from anybody.
  window.parent.postMessage(wrap({ type: 'why', problem }), origin === 'null' ? '*' : origin);
});
