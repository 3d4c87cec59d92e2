// Colours are written out: viewers that know no CSS variables show the picture too, in light.
const light = `
.back { fill: #fff; } .grid { stroke: #dedbd3; } .floor { stroke: #a8a49a; } .mark { stroke: #b2452f; } .dot { fill: #b2452f; stroke: #fff; }
text { fill: #625f58; } .strong { fill: #1d1c1a; } .worst { fill: #b2452f; }
.line { stroke: #0f766e; } .band { fill: #0f766e; } .one { fill: #0f766e; }
.poor { fill: #b2452f; } .fair { fill: #b7791f; } .calm { fill: #a8a49a; } .lane { fill: #ebe8e1; } .cut { stroke: #a8a49a; }`

const dark = `
.back { fill: #1f1e1d; } .grid { stroke: #383633; } .floor { stroke: #77736b; } .mark { stroke: #e07b62; } .dot { fill: #e07b62; stroke: #1f1e1d; }
text { fill: #a8a49d; } .strong { fill: #ecebe8; } .worst { fill: #e07b62; }
.line { stroke: #4fb3a8; } .band { fill: #4fb3a8; } .one { fill: #4fb3a8; }
.poor { fill: #e07b62; } .fair { fill: #d9a441; } .calm { fill: #77736b; } .lane { fill: #2f2d2a; } .cut { stroke: #77736b; }`

/** The look of a chart that stands alone: light and dark as whoever looks at it has it. */
export const style = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
text.title { font-size: 18px; font-weight: 650; } text.panel { font-size: 13px; font-weight: 600; } text.soft { font-size: 12px; } text.worst { font-size: 11px; font-weight: 650; }
.grid { stroke-width: 1; stroke-dasharray: 2 3; } .floor { stroke-width: 1; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .band { fill-opacity: 0.22; } .cut { stroke-width: 1; }
.mark { stroke-width: 1; stroke-dasharray: 3 3; opacity: 0.75; } .dot { stroke-width: 1.5; }
${light}
@media (prefers-color-scheme: dark) { ${dark} }`
