// Stylesheets. Of an application esbuild gathers them into NAME-HASH.css beside NAME-HASH.js; the launcher, which is
// one file in a stranger's page, gets its own as text.
declare module '*.css' {
  const text: string;
  export default text;
}
