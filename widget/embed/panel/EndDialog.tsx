// Asks before a conversation ends. The browser's own modal dialog keeps the focus and hears Escape.

import { useEffect, useRef, useState } from 'preact/hooks';
import { words } from './words.ts';

interface EndDialogProps {
  readonly onEnd: () => Promise<boolean>;
  readonly onClose: () => void;
}

export function EndDialog({ onEnd, onClose }: EndDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const end = async () => {
    setBusy(true);
    const done = await onEnd();
    setBusy(false);
    if (done) dialog.current?.close();
    else setFailed(true);
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="end-question" onClose={onClose}>
      <h2 id="end-question">{words.endQuestion}</h2>
      <p role={failed ? 'alert' : undefined} class={failed ? 'problem' : ''}>
        {failed ? words.endFailed : words.endExplained}
      </p>
      <div class="choices">
        <button type="button" class="danger" disabled={busy} onClick={() => void end()}>
          {words.end}
        </button>
        <button type="button" class="plain" onClick={() => dialog.current?.close()}>
          {words.keep}
        </button>
      </div>
    </dialog>
  );
}
