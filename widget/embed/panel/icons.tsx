// The panel's icons, drawn on a grid of 24. All are decoration: what they mean is said in words beside them.

const draw = (paths: string, className = 'icon') => (
  <svg class={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={paths} />
  </svg>
);

export const Close = () => draw('M6 6l12 12M18 6L6 18');
export const More = () => draw('M5 12h.01M12 12h.01M19 12h.01', 'icon dots');
export const Send = () => draw('M12 19V5.5M6 11.3L12 5.3l6 6');
export const Down = () => draw('M12 5v13M6.5 12.5L12 18l5.5-5.5');
export const Warning = () => draw('M12 8v5M12 16.2v.01M12 3.5l9 16H3z', 'icon small');
export const Clock = () => draw('M12 7.5V12l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z', 'icon small');
export const Check = () => draw('M5 12.5l4.5 4.5L19 7.5', 'icon small');
export const Checks = () => draw('M2 12.5l4.5 4.5L16 7.5M11.5 16l1 1L22 7.5', 'icon small');
