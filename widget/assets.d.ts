// esbuild gathers imported stylesheets into NAME-HASH.css beside NAME-HASH.js.
declare module '*.css';
