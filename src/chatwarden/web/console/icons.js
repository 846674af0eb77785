// The drawings of the console, hidden from screen readers: whatever has one has a name in words too.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  desk: ["M4.500 12a7.500 7.500 0 0 1 15 0v4.500", "M4.500 12.500h2.700v5H5.700a1.200 1.200 0 0 1-1.200-1.200zM19.500 12.500h-2.700v5h1.500", "M19.500 16.500c0 2.500-2 4-5 4"],
  overview: ["M4 19.500h16", "M6.500 16v-4M11 16V6.500M15.500 16v-6.500M20 16V8.500"],
  queue: ["M4 6.500h16M4 12h10M4 17.500h7", "M18.500 10.500v5.500l2.300 1.500"],
  sessions: ["M12 4.200a7.800 7.800 0 1 0 7.800 7.800", "M12 8v4.200l2.700 1.800", "M16 4.500l1.800 1.800 3-3"],
  conversations: ["M4 5.500h12v8.500H9.500L6 17v-3H4z", "M18.500 9H20.500v8.500h-2V20.500L15 17.500h-3.500"],
  bots: ["M5 8.500h14v10H5z", "M12 8.500V5M9 12.500v1.500M15 12.500v1.500", "M12 4.500h.01"],
  applications: ["M4.500 4.500h6v6h-6zM13.500 4.500h6v6h-6zM4.500 13.500h6v6h-6z", "M16.500 13.500v6M13.500 16.500h6"],
  people: ["M9 11a3.200 3.200 0 1 0 0-6.400A3.200 3.200 0 0 0 9 11z", "M3.500 19.500c.5-3.500 2.600-5 5.500-5s5 1.500 5.500 5", "M15.500 5.200a3 3 0 0 1 0 5.600M17 14.800c2 .6 3.200 2.200 3.500 4.700"],
  policy: ["M12 3.500 19 6v5.500c0 4.400-2.900 7.200-7 9-4.100-1.800-7-4.600-7-9V6z", "M9 9.500h6M9 13h4"],
  audit: ["M6 3.500h8.500L18.500 7.500v13H6z", "M14 3.500v4.500h4.500M9 12.500l2 2 4-4M9 17.500h6"],
  settings: ["M4 7h9M17 7h3M4 17h3M11 17h9", "M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  account: ["M12 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z", "M5 20c.6-3.900 3.300-5.500 7-5.500s6.400 1.600 7 5.500"],
  out: ["M13.500 4H6v16h7.500M10.500 12H20M16.800 8.600 20.200 12l-3.400 3.400"],
  eye: ["M3.500 12s3.200-6 8.500-6 8.500 6 8.500 6-3.200 6-8.500 6-8.500-6-8.500-6z", "M12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z"],
  note: ["M5 4.500h14v10l-5 5H5z", "M14 19.500v-5h5M8.500 8.500h7M8.500 12h4"],
  send: ["M12 19V5.500M6 11.200l6-6 6 6"],
  back: ["M19 12H5M11 6l-6 6 6 6"],
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name]) svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", d);
  return svg;
}
