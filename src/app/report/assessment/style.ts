import { plotStyle } from "../../../base/plot/index.ts";

/** The page's style: the plots' colours, type that carries the order of what matters, and rules for paper and telephones. */
export const pageStyle = `${plotStyle}
:root{color-scheme:light dark;--good:#0a7f5a;--bad:#b42318;--doubt:#9a6700;--soft:#f4f6f8}
@media (prefers-color-scheme:dark){:root{--good:#4ccf9f;--bad:#ff8a80;--doubt:#e5b94a;--soft:#1d2329}}
@media print{:root{--good:#0a7f5a;--bad:#b42318;--doubt:#9a6700;--soft:#f4f6f8}}
*{box-sizing:border-box}
body{background:var(--plot-paper);color:var(--plot-ink);font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;margin:0 auto;max-width:54rem;padding:2rem 1.25rem 4rem}
h1{font-size:1rem;font-weight:600;margin:0;color:var(--plot-quiet)}h2{font-size:1.15rem;margin:2.75rem 0 .6rem;letter-spacing:-.01em}
p{margin:.4rem 0}code{font:.88em ui-monospace,'SF Mono',Menlo,monospace;overflow-wrap:anywhere}.quiet{color:var(--plot-quiet)}small{font-size:.85rem}
.lead{font-size:1.7rem;line-height:1.28;letter-spacing:-.02em;font-weight:600;margin:1.4rem 0 .6rem;text-wrap:balance}
.thresholds{list-style:none;padding:.9rem 1.1rem;margin:1rem 0;background:var(--soft);border-radius:.6rem}
.thresholds li{display:grid;grid-template-columns:1.6rem 1fr;padding:.2rem 0}.thresholds b{font-size:1.1rem}
.good{color:var(--good)}.bad{color:var(--bad)}.doubt{color:var(--doubt)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem;margin:1.2rem 0}
.card{border:1px solid var(--plot-line);border-radius:.6rem;padding:.8rem 1rem}.card .figure{font-size:1.8rem;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th{font-weight:600;color:var(--plot-quiet)}th,td{text-align:right;padding:.4rem .7rem;border-bottom:1px solid var(--plot-line);white-space:nowrap}th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;min-width:9rem}th{vertical-align:bottom;white-space:normal}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1.4rem}
figure{margin:0;break-inside:avoid}.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:.4rem}.tiles svg{border-radius:.3rem;outline:1px solid var(--plot-line)}
.tiles span{display:block;font-size:.78rem;color:var(--plot-quiet);margin-top:.25rem;line-height:1.3}figcaption{font-size:.92rem;margin-top:.4rem}
.key{display:grid;grid-template-columns:auto 8rem auto;gap:.5rem;align-items:center;width:max-content;font-size:.8rem;color:var(--plot-quiet);margin:.4rem 0 1rem}
.badges{list-style:none;padding:0;margin:0}.badges li{display:grid;grid-template-columns:1.6rem 1fr;padding:.5rem 0;border-bottom:1px solid var(--plot-line)}
details{margin:.4rem 0}summary{cursor:pointer;color:var(--plot-quiet)}footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--plot-line);font-size:.85rem;color:var(--plot-quiet)}
@media (max-width:480px){body{padding:1.2rem 1rem 3rem}.lead{font-size:1.35rem}}
@media print{body{font-size:11pt;max-width:none;padding:0}h2{break-after:avoid}.card,table,.badges li{break-inside:avoid}}`;
