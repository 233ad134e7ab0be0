"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [FORWARD, SENT, RECEIVED, ICMP] = [1, 2, 4, 8]; // as in packed.py
  const DRAWN_WHOLE = 2000; // with more packets only what is in view is drawn
  const LOG_LINES = 1000;
  const LABEL = 13; // pixels that a line of text needs

  const FAMILIES = {
    LISTEN: "idle", CLOSED: "idle",
    SYN_SENT: "opening", SYN_RCVD: "opening",
    ESTABLISHED: "open",
    FIN_WAIT_1: "active", FIN_WAIT_2: "active", CLOSING: "active", TIME_WAIT: "active",
    CLOSE_WAIT: "passive", LAST_ACK: "passive",
  };

  // ---- the page's own trouble is shown, never swallowed

  function trouble(message) {
    const banner = document.getElementById("trouble");
    banner.hidden = false;
    banner.textContent = `This report could not be drawn completely: ${message}`;
  }
  window.addEventListener("error", (event) => trouble(event.message));
  window.addEventListener("unhandledrejection", (event) => trouble(String(event.reason)));

  // ---- elements; texts only ever become text nodes and attributes

  const byId = (id) => document.getElementById(id);

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  const html = (name, attributes = {}, ...children) =>
    fill(document.createElement(name), attributes, children);
  const svg = (name, attributes = {}, ...children) =>
    fill(document.createElementNS(SVG, name), attributes, children);

  const family = (state) => (Object.hasOwn(FAMILIES, state) ? FAMILIES[state] : "other");
  const ms = (t) => (t / 1e6).toFixed(3);
  const clamp = (low, value, high) => Math.min(Math.max(low, value), high);

  // ---- the data, as packed.py wrote it

  function unpack(packed) {
    const text = (number) => packed.texts[number];
    const field = (value) => (value < 0 ? text(~value) : value);
    const header = (number) => {
      const [kind, ...values] = packed.headers[number];
      const [name, fields] = packed.kinds[kind];
      return { name, fields: fields.map((label, i) => [label.replaceAll("_", " "), field(values[i])]) };
    };
    const packet = (row, index) => {
      const [flags, t, label, flat, arrival, layers, length, payload, sequence, acknowledgment] = row;
      const [notes = [], problems = [], lost = null, reporter = null] = row.slice(10);
      const hops = [];
      for (let i = 0, at = t; i < flat.length; i += 3) {
        at += flat[i + 2];
        hops.push({ number: flat[i], place: text(flat[i + 1]), t: at });
      }
      return {
        index, t, label, hops, length, payload, sequence, acknowledgment,
        forward: Boolean(flags & FORWARD), icmp: Boolean(flags & ICMP),
        sent: Boolean(flags & SENT), received: flags & RECEIVED ? hops[arrival] : null,
        headers: () => layers.map(header),
        notes: notes.map(text), problems: problems.map(text), 
        lost: lost === null ? null : text(lost), reporter: reporter === null ? null : text(reporter),
      };
    };
    const end = ({ who, states, sent, again }) => ({
      who, sent, again,
      states: states.map(([t, state, source, cause]) => ({ t, state: text(state), source: text(source), cause })),
    });
    const columns = packed.columns.map(([name, kind]) => ({ name, kind }));
    /** Moments tell what changed; here each has all values. */
    const block = (packedBlock) => {
      if (packedBlock === null) return null;
      const [initial, more, rows] = packedBlock;
      let values = columns.map(() => null);
      const moments = rows.map(([t, packets, iss, irs, ...flat]) => {
        const changed = new Set();
        values = [...values];
        for (let i = 0; i < flat.length; i += 2) {
          values[flat[i]] = flat[i + 1];
          changed.add(flat[i]);
        }
        return { t, packets, starts: { FROM_ISS: iss, FROM_IRS: irs }, values, changed };
      });
      return { initial, more, moments };
    };
    return {
      end: packed.end,
      sources: packed.sources,
      columns,
      connections: packed.connections.map((c) => ({
        name: c.name, transport: c.transport, t: c.t, ends: c.ends.map(end), packets: c.packets.map(packet),
        calls: c.calls.map(([t, side, what]) => ({ t, side, text: text(what) })),
        blocks: c.blocks.map(block),
      })),
      log: packed.log.map(([t, node, group, what, failed]) => ({
        t, node: text(node), group: text(group), text: what, failed: Boolean(failed),
      })),
    };
  }

  const run = unpack(JSON.parse(byId("run-data").textContent));

  // ---- where everything of a connection stands from top to bottom

  function moments(connection) {
    const found = [];
    for (const packet of connection.packets) {
      found.push({ t: packet.t, rank: 0, lane: "start", gap: 34, packet });
      if (packet.received) {
        const lane = packet.forward ? "server" : "client";
        found.push({ t: packet.received.t, rank: 1, lane, gap: 9, packet, arrives: true });
      }
    }
    connection.ends.forEach(({ states }, side) => {
      for (const change of states) found.push({ t: change.t, rank: 2, lane: side, gap: 17, side, change });
    });
    for (const call of connection.calls) {
      found.push({ t: call.t, rank: 2, lane: call.side, gap: 17, side: call.side, call });
    }
    return found.sort((a, b) => a.t - b.t || a.rank - b.rank);
  }

  function evenly(connection) {
    const all = moments(connection);
    const pause = Math.max(1e6, (all.at(-1).t - connection.t) / 5);
    const last = {};
    const places = [];
    const pauses = [];
    let y = 18;
    let before = null;
    for (const moment of all) {
      if (before !== null && before >= connection.t && moment.t - before > pause) {
        y += 48;
        pauses.push({ y: y - 20, text: `${ms(moment.t - before)} ms later` });
      }
      before = moment.t;
      y = Math.max(y, (last[moment.lane] ?? -100) + moment.gap);
      if (moment.arrives) y = Math.max(y, moment.packet.top + 24);
      last[moment.lane] = y;
      if (moment.rank === 0) moment.packet.top = y;
      places.push({ ...moment, y });
    }
    return { places, pauses, height: y + 34 };
  }

  function timeScaled(connection, zoom) {
    const all = moments(connection);
    const first = Math.min(connection.t, ...connection.calls.slice(0, 1).map((call) => call.t));
    const span = Math.max(all.at(-1).t - first, 1);
    const height = clamp(420, connection.packets.length * 36, 20000) * zoom;
    const places = all.map((moment) => ({
      ...moment, y: 18 + (Math.max(moment.t - first, 0) / span) * height,
    }));
    quieten(places.filter(({ call }) => !call).concat(places.filter(({ call }) => call)));
    return { places, pauses: [], height: height + 52 };
  }

  /** Of labels too close to each other the first keeps its place, the others show when pointed at. */
  function quieten(places) {
    const taken = new Map();
    for (const place of places) {
      const row = Math.floor(place.y / LABEL);
      const near = [row - 1, row, row + 1].map((at) => taken.get(`${place.lane} ${at}`));
      place.quiet = near.some((y) => y !== undefined && Math.abs(y - place.y) < LABEL);
      if (!place.quiet) taken.set(`${place.lane} ${row}`, place.y);
    }
  }

  /** Packets and marks with their heights, and each end's states as spans. */
  function arranged(connection, layout) {
    const { places, pauses, height } = layout;
    const shafts = new Map();
    const marks = [];
    const spans = [[], []];
    for (const place of places) {
      if (place.rank === 0) {
        shafts.set(place.packet, { packet: place.packet, y1: place.y, y2: place.y + 9, quiet: place.quiet });
      } else if (place.rank === 1) {
        shafts.get(place.packet).y2 = place.y;
      } else {
        marks.push(place);
        if (place.change) spans[place.side].push({ ...place.change, y: place.y });
      }
    }
    return { shafts: [...shafts.values()], marks, spans, pauses, height };
  }

  // ---- the ladder

  const view = { connection: null, drawing: null, selected: null, scaled: false, zoom: 1, drawn: [0, 0], absolute: false };

  function geometry() {
    const width = Math.max(byId("rows").clientWidth, 420);
    const edge = clamp(92, width * 0.185, 200);
    const time = width < 640 ? 0 : 66;
    return { width, time, client: time + edge + 14, server: width - edge - 14 };
  }

  function arrange() {
    const layout = view.scaled ? timeScaled(view.connection, view.zoom) : evenly(view.connection);
    view.drawing = arranged(view.connection, layout);
    byId("rows").style.height = `${view.drawing.height}px`;
    view.drawn = [0, 0];
    redraw();
  }

  /** The heights to draw: all of them, or what is in view and as much again around it. */
  function range() {
    const { height, shafts } = view.drawing;
    if (shafts.length <= DRAWN_WHOLE) return [0, height];
    const top = -byId("rows").getBoundingClientRect().top;
    const room = Math.max(window.innerHeight, 600);
    const from = clamp(0, top - room, Math.max(height - room, 0));
    return [from, Math.min(height, from + 3 * room)];
  }

  function redraw() {
    const rows = byId("rows");
    const [from, to] = range();
    const seen = ({ y1, y2, y }) => (y1 ?? y) <= to && (y2 ?? y) >= from;
    const places = geometry();
    const { shafts, marks, spans, pauses } = view.drawing;
    const picture = svg("svg", {
      width: places.width, height: to - from, viewBox: `0 ${from} ${places.width} ${to - from}`,
    });
    picture.style.top = `${from}px`;
    for (const x of [places.client, places.server]) {
      picture.append(svg("line", { class: "axis", x1: x, x2: x, y1: from, y2: to }));
    }
    spans.forEach((states, side) => picture.append(...bands(states, side, places, [from, to])));
    picture.append(
      ...pauses.filter(seen).map((pause) => pauseMark(pause, places)),
      ...shafts.filter(seen).map((shaft) => arrow(shaft, places)),
      ...marks.filter(seen).map((mark) => markText(mark, places)),
    );
    rows.replaceChildren(picture);
    view.drawn = [from, to];
    highlight();
  }

  function bands(states, side, places, [from, to]) {
    const x = side === 0 ? places.client - 11 : places.server + 1;
    return states.flatMap(({ state, source, y }, i) => {
      const end = i + 1 < states.length ? states[i + 1].y : view.drawing.height;
      const [top, bottom] = [Math.max(y, from), Math.min(end, to)];
      if (bottom <= top || state === "CLOSED") return [];
      const band = svg("rect", { class: `band ${family(state)}`, x, y: top, width: 10, height: bottom - top });
      band.append(svg("title", {}, `${state}, known by ${run.sources[source] ?? source}`));
      return [band];
    });
  }

  function markText({ side, y, change, call, quiet, t }, places) {
    const x = side === 0 ? places.client - 17 : places.server + 17;
    const room = side === 0 ? x - places.time - 2 : places.width - x - 2;
    const whole = change ? change.state : call.text;
    const attributes = {
      class: `${change ? `state ${family(change.state)}` : "call"}${quiet ? " quiet" : ""}`,
      x, y: y + 4, "text-anchor": side === 0 ? "end" : "start",
    };
    const known = change ? `, known by ${run.sources[change.source] ?? change.source}` : "";
    return svg("text", attributes, cut(whole, room, change ? 7.3 : 6.4), svg("title", {}, `${whole} at ${ms(t)} ms${known}`));
  }

  function pauseMark({ y, text }, places) {
    const x = (places.client + places.server) / 2;
    return svg("text", { class: "pause", x, y, "text-anchor": "middle" }, `⋮ ${text}`);
  }

  function cut(text, room, character) {
    const fits = Math.max(Math.floor(room / character), 3);
    return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
  }

  /** From where to where a packet is drawn; what was not captured stops short of its axis. */
  function shaftEnds({ packet, y1, y2 }, { client, server }) {
    const along = (part) => (packet.forward ? client + (server - client) * part : server - (server - client) * part);
    const from = packet.icmp ? 0.5 : packet.sent ? 0 : 0.08;
    const to = packet.received ? 1 : packet.lost !== null ? (packet.icmp ? 0.78 : 0.66) : 0.92;
    return { x1: along(from), x2: along(to), y1, y2 };
  }

  function arrow(shaft, places) {
    const { packet } = shaft;
    const ends = shaftEnds(shaft, places);
    const lost = packet.lost !== null;
    const kinds = ["packet", packet.payload > 0 && "data", lost && "lost", packet.icmp && "icmp", packet.notes.length > 0 && "noted", packet.problems.length > 0 && "bad", shaft.quiet && "quiet"];
    const from = packet.reporter === null ? "" : ` from ${packet.reporter}`;
    const name = [packet.label + from, ...packet.notes].join(", ") + (lost ? `, ${packet.lost}` : "");
    return svg("g", { class: kinds.filter(Boolean).join(" "), "data-index": packet.index, role: "button", "aria-label": name },
      svg("title", {}, `${name}\n${packet.hops[0].place} at ${ms(packet.t)} ms`),
      svg("line", { class: "hit", ...ends }),
      svg("line", { class: "shaft", ...ends }),
      lost ? svg("text", { class: "cross", x: ends.x2, y: ends.y2 + 5, "text-anchor": "middle" }, "✕") : head(ends, packet),
      tail(ends, packet),
      ...labels(packet, ends, places),
      svg("text", { class: "time", x: Math.max(places.time - 12, 0), y: shaft.y1 + 4, "text-anchor": "end" }, places.time ? ms(packet.t - view.connection.t) : ""),
    );
  }

  function head({ x1, y1, x2, y2 }, packet) {
    if (!packet.received) return svg("text", { class: "unknown", x: x2, y: y2 + 4, "text-anchor": "middle" }, "?");
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const corner = (turn) => `${(x2 - 10 * Math.cos(angle + turn)).toFixed(1)},${(y2 - 10 * Math.sin(angle + turn)).toFixed(1)}`;
    return svg("polygon", { class: "head", points: `${x2},${y2} ${corner(0.38)} ${corner(-0.38)}` });
  }

  function tail({ x1, y1 }, packet) {
    if (packet.icmp) {
      const [x, anchor] = packet.forward ? [x1 - 6, "end"] : [x1 + 6, "start"];
      return svg("text", { class: "reporter", x, y: y1 + 4, "text-anchor": anchor }, packet.reporter);
    }
    return packet.sent ? null : svg("text", { class: "unknown", x: x1, y: y1 + 4, "text-anchor": "middle" }, "?");
  }

  function labels(packet, ends, { client, server }) {
    const { x1, y1, x2, y2 } = ends;
    // Where arrows may cross, a label stands level above its tail, where the next packet leaves it room.
    const crossing = !packet.received || Math.abs(y2 - y1) > 60;
    const tilt = crossing ? 0 : (Math.atan((y2 - y1) / (x2 - x1)) * 180) / Math.PI;
    const [x, y] = crossing ? [x1 + Math.sign(x2 - x1) * 10, y1] : [(x1 + x2) / 2, (y1 + y2) / 2];
    const anchor = crossing ? (packet.forward ? "start" : "end") : "middle";
    const room = Math.abs(x2 - x1) - 24;
    const notes = packet.notes.length ? ` (${packet.notes.join(", ")})` : "";
    const label = cut(packet.label, room - 6.6 * notes.length, 6.6);
    const found = [
      svg("text", { class: "label", x, y: y - 5, "text-anchor": anchor, transform: `rotate(${tilt.toFixed(2)} ${x} ${y})` },
        label, notes ? svg("tspan", { class: "note" }, notes) : null),
    ];
    if (packet.lost !== null) {
      const side = packet.forward ? 1 : -1;
      const left = Math.abs((packet.forward ? server : client) - ends.x2) - 16;
      found.push(svg("text", { class: "where", x: ends.x2 + side * 12, y: ends.y2 + 4, "text-anchor": packet.forward ? "start" : "end" },
        cut(packet.lost, left, 6.2)));
    }
    return found;
  }

  // ---- what is selected, and its headers

  function highlight() {
    for (const row of byId("rows").querySelectorAll(".packet.selected")) row.classList.remove("selected");
    if (view.selected === null) return;
    byId("rows").querySelector(`[data-index="${view.selected}"]`)?.classList.add("selected");
  }

  function select(index, { scroll = false } = {}) {
    view.selected = clamp(0, index, view.connection.packets.length - 1);
    const shaft = view.drawing.shafts.find(({ packet }) => packet.index === view.selected);
    const rows = byId("rows").getBoundingClientRect();
    const y = rows.top + shaft.y1;
    if (scroll && (y < 110 || y > window.innerHeight - 60)) {
      window.scrollTo({ top: window.scrollY + y - window.innerHeight / 2 });
    }
    redrawIfMoved();
    highlight();
    detail(view.connection.packets[view.selected]);
  }

  function detail(packet) {
    const panel = byId("detail");
    if (!packet) {
      panel.replaceChildren(html("p", { class: "none" }, "Point at a packet, or walk with j and k, to see its headers."));
      return;
    }
    const { hops } = packet;
    panel.replaceChildren(
      html("h3", {}, packet.label, packet.reporter === null ? null : ` from ${packet.reporter}`),
      ...packet.notes.map((note) => html("p", { class: "notice" }, note)),
      ...packet.problems.map((problem) => html("p", { class: "drops" }, `✗ ${problem}`)),
      packet.lost === null ? "" : html("p", { class: "drops" }, `✕ ${packet.lost}`),
      html("p", {}, `${packet.length} bytes on the wire, ${packet.payload} of them data`),
      table(["frame", "seen at", "ms", "after"], hops.map((hop, i) =>
        [hop.number, hop.place, ms(hop.t), i ? `+${((hop.t - hops[i - 1].t) / 1e3).toFixed(1)} µs` : ""])),
      html("p", { class: "hint" }, "frame: its number in lab.pcapng"),
      packet.sequence === null ? "" : fields("relative to the initial numbers", [
        ["sequence", packet.sequence],
        ["acknowledgment", packet.acknowledgment ?? "–"],
      ]),
      ...packet.headers().map((header) => fields(header.name, header.fields)),
    );
  }

  const fields = (name, pairs) =>
    html("div", { class: "header" }, html("h4", {}, name),
      html("dl", {}, ...pairs.flatMap(([label, value]) => [html("dt", {}, label), html("dd", {}, String(value))])));

  function table(heads, rows) {
    return html("table", {},
      html("thead", {}, html("tr", {}, ...heads.map((text) => html("th", {}, text)))),
      html("tbody", {}, ...rows.map((row) => html("tr", {}, ...row.map((cell) => html("td", {}, String(cell)))))));
  }

  function redrawIfMoved() {
    const [from, to] = range();
    if (from !== view.drawn[0] || to !== view.drawn[1]) redraw();
  }

  // ---- the states of both ends over time

  const stateSpans = ({ states }, stop) =>
    states.map((change, i) => ({ ...change, until: i + 1 < states.length ? states[i + 1].t : Math.max(stop, change.t) }));

  /** How far from the first time each is drawn. A wait four times as long as all else is as long as that: ``cut``. */
  function withoutLongestWait(times) {
    const waits = times.slice(1).map((t, i) => t - times[i]);
    const longest = Math.max(...waits);
    const [from, to] = [times[waits.indexOf(longest)], times[waits.indexOf(longest) + 1]];
    const rest = times.at(-1) - times[0] - longest;
    if (!rest || longest <= 4 * rest) return { length: Math.max(times.at(-1) - times[0], 1), at: (t) => t - times[0], cut: null };
    const at = (t) => (t <= from ? t - times[0] : t >= to ? t - times[0] - longest + rest : from - times[0] + (t - from) / longest * rest);
    return { length: 2 * rest, at, cut: [from, to] };
  }

  function timeline() {
    const { ends, t: start, packets } = view.connection;
    const last = packets.at(-1).hops.at(-1).t;
    const known = ends.filter(({ states }) => states.length).map(({ states }) => states.at(-1));
    const gone = known.length > 0 && known.every(({ state }) => state === "CLOSED");
    const stop = Math.max(last, ...(gone ? known.map(({ t }) => t) : [run.end]));
    const width = Math.max(byId("bars").clientWidth, 420);
    const left = width < 640 ? 8 : 190;
    const changes = ends.flatMap(({ states }) => states.map(({ t }) => t)).filter((t) => t > start && t < stop);
    const axis = withoutLongestWait([start, ...changes.sort((a, b) => a - b), stop]);
    const x = (t) => left + (axis.at(Math.max(t, start)) / axis.length) * (width - left - 14);
    const picture = svg("svg", { width, height: 116, viewBox: `0 0 ${width} 116`, role: "img", "aria-label": "states over time" });
    ends.forEach((end, side) => {
      const y = 20 + side * 44;
      picture.append(left > 100
        ? svg("text", { class: "who", x: left - 10, y: y + 17, "text-anchor": "end" }, cut(end.who, left - 12, 6.6))
        : svg("text", { class: "who", x: left, y: y - 3 }, end.who));
      if (!end.states.length) picture.append(svg("text", { class: "pause", x: left + 8, y: y + 17 }, noStates()));
      for (const { state, t, until } of stateSpans(end, stop)) {
        const [x1, x2] = [x(t), Math.max(x(until), x(t) + 2)];
        if (until < start) continue;
        picture.append(svg("rect", { class: `band ${family(state)}`, x: x1, y, width: x2 - x1, height: 24 },
          svg("title", {}, `${state}: ${ms(t)} to ${ms(until)} ms`)));
        if (x2 - x1 > state.length * 7.2 + 8) picture.append(svg("text", { class: "inside", x: x1 + 5, y: y + 16 }, state));
      }
    });
    picture.append(...ticks(start, stop, axis, x));
    byId("bars").replaceChildren(picture);
    byId("states").replaceChildren(...ends.map((end) => stateTable(end, Math.max(run.end, last))));
  }

  const noStates = () => (view.connection.transport === "tcp" ? "not captured" : "UDP has no states");

  function ticks(start, stop, { length, cut }, x) {
    const rough = length / 6;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const found = [];
    for (let t = 0; t <= (cut ? cut[0] : stop) - start; t += step) {
      const at = x(start + t);
      found.push(svg("line", { class: "tick", x1: at, x2: at, y1: 92, y2: 97 }),
        svg("text", { class: "time", x: at, y: 110, "text-anchor": t ? "middle" : "start" }, `${Number((t / 1e6).toPrecision(4))} ms`));
    }
    if (!cut) return found;
    const middle = (x(cut[0]) + x(cut[1])) / 2;
    return [...found, svg("path", { class: "cut", d: `M${middle - 2} 94l6 -80m5 0l-6 80` }),
      svg("text", { class: "time", x: middle, y: 110, "text-anchor": "middle" }, `${Number(((cut[1] - cut[0]) / 1e9).toPrecision(3))} s, shortened`)];
  }

  function stateTable(end, stop) {
    const rows = stateSpans(end, stop).map(({ t, state, until, source, cause }) =>
      [state, ms(t - view.connection.t), `${ms(until - t)}`, source, cause ?? ""]);
    return html("div", {}, html("h3", {}, end.who),
      rows.length ? table(["state", "entered, ms", "lasted, ms", "known by", "frame"], rows) : html("p", { class: "none" }, noStates()),
      html("p", { class: "hint" }, `${end.sent} bytes sent, sent again: ${end.again}`));
  }

  // ---- the control blocks of both ends

  const WRAP = 2 ** 32;
  const SEGMENT = ["segment", "SEG.SEQ", "SEG.ACK", "SEG.LEN", "SEG.WND", "SEG.UP"];

  /** A number relative to ``start``, or as it is on the wire. */
  const numbered = (value, start) =>
    (value === null || value === undefined ? "–" : view.absolute ? (value + (start ?? 0)) % WRAP : value);

  function variable(value, { kind }, starts) {
    if (value === null) return "–";
    if (kind === "TIME") return Number((value / 1e6).toFixed(3));
    return Object.hasOwn(starts, kind) ? numbered(value, starts[kind]) : value;
  }

  function segment(packet, side, starts) {
    if (!packet) return SEGMENT.map(() => html("td", {}));
    const own = packet.forward === (side === 0);
    const [start, peer] = own ? [starts.FROM_ISS, starts.FROM_IRS] : [starts.FROM_IRS, starts.FROM_ISS];
    const header = new Map(packet.headers().find(({ name }) => name === "TCP")?.fields ?? []);
    const urgent = String(header.get("flags")).split(" ").includes("URG");
    const name = html("td", { class: "segment" }, `${own ? "→" : "←"} ${packet.label}`);
    name.addEventListener("click", () => {
      select(packet.index, { scroll: true });
      byId("rows").focus({ preventScroll: true });
    });
    const cells = [numbered(packet.sequence, start), numbered(packet.acknowledgment, peer), packet.payload,
      header.get("window") ?? "–", urgent ? header.get("urgent pointer") : "–"];
    return [name, ...cells.map((cell) => html("td", {}, String(cell)))];
  }

  function momentRows(moment, side) {
    const { t, packets, starts, values, changed } = moment;
    const shown = packets.length ? packets.map((index) => view.connection.packets[index]) : [null];
    return shown.map((packet, i) => {
      const last = i === shown.length - 1;
      return html("tr", last ? { class: "moment" } : {},
        html("td", {}, i ? "" : ms(t - view.connection.t)), ...segment(packet, side, starts),
        ...run.columns.map((column, at) => (last
          ? html("td", changed.has(at) ? { class: "changed" } : {}, String(variable(values[at], column, starts)))
          : html("td", {}))));
    });
  }

  function blocks() {
    if (!byId("blocks")) return;
    const heads = ["ms", ...SEGMENT, ...run.columns.map(({ name }) => name)];
    byId("block-tables").replaceChildren(...view.connection.blocks.map((block, side) => {
      const title = html("h3", {}, view.connection.ends[side].who);
      if (!block) return html("div", {}, title, html("p", { class: "none" }, "It was not asked for its control block."));
      return html("div", {}, title, html("p", { class: "hint" }, block.initial),
        html("table", {}, html("thead", {}, html("tr", {}, ...heads.map((text) => html("th", {}, text)))),
          html("tbody", {}, ...block.moments.flatMap((moment) => momentRows(moment, side)))),
        block.more ? html("p", { class: "hint" }, `and ${block.more} more moments: see report.json`) : null);
    }));
  }

  // ---- legend

  function legend() {
    const used = new Set(run.connections.flatMap((c) => c.ends.flatMap((end) => end.states.map(({ source }) => source))));
    const swatch = (kind, text) => html("li", {}, html("span", { class: `swatch ${kind}` }), text);
    byId("legend").replaceChildren(
      html("ul", {},
        swatch("opening", "opening"), swatch("open", "ESTABLISHED"), swatch("active", "active close"),
        swatch("passive", "passive close"), swatch("idle", "LISTEN, CLOSED"),
        html("li", {}, "thick: carries data"), html("li", {}, "dashed: ICMP"), html("li", {}, "✕ lost"), html("li", {}, "? not captured")),
      html("ul", {}, ...[...used].map((source) => html("li", {}, `States known by ${run.sources[source] ?? source}`))));
  }

  // ---- choosing a connection

  function choose(index) {
    view.connection = run.connections[index];
    view.selected = null;
    byId("connection").value = String(index);
    const names = view.connection.ends.map(({ who, states }) =>
      html("span", {}, who, states.length || view.connection.transport !== "tcp" ? null : html("em", {}, " not captured")));
    document.querySelector(".ends").replaceChildren(...names);
    arrange();
    detail(null);
    timeline();
    blocks();
  }

  function frames() {
    const places = new Map();
    run.connections.forEach(({ packets }, connection) => {
      for (const { hops, index } of packets) for (const { number } of hops) places.set(number, [connection, index]);
    });
    for (const link of document.querySelectorAll("a.frame")) {
      const place = places.get(Number(link.dataset.frame));
      if (!place) {
        link.replaceWith(link.textContent);
        continue;
      }
      link.addEventListener("click", (event) => {
        event.preventDefault();
        choose(place[0]);
        byId("ladder").scrollIntoView();
        select(place[1], { scroll: true });
        byId("rows").focus({ preventScroll: true });
      });
    }
  }

  function controls() {
    const chooser = byId("connection");
    chooser.append(...run.connections.map(({ name, transport, packets }, i) =>
      html("option", { value: i }, `${name} (${transport}, ${packets.length} packets)`)));
    chooser.addEventListener("change", () => choose(Number(chooser.value)));
    document.querySelector(".several").hidden = run.connections.length < 2;
    const space = (scaled) => {
      view.scaled = scaled;
      byId("even").setAttribute("aria-pressed", String(!scaled));
      byId("scaled").setAttribute("aria-pressed", String(scaled));
      document.querySelector(".zoom").hidden = !scaled;
      arrange();
    };
    const zoom = (factor) => {
      view.zoom = clamp(0.25, view.zoom * factor, 64);
      arrange();
    };
    const number = (absolute) => {
      view.absolute = absolute;
      byId("relative").setAttribute("aria-pressed", String(!absolute));
      byId("absolute").setAttribute("aria-pressed", String(absolute));
      blocks();
    };
    byId("relative")?.addEventListener("click", () => number(false));
    byId("absolute")?.addEventListener("click", () => number(true));
    byId("even").addEventListener("click", () => space(false));
    byId("scaled").addEventListener("click", () => space(true));
    byId("closer").addEventListener("click", () => zoom(2));
    byId("wider").addEventListener("click", () => zoom(0.5));
  }

  function pointing() {
    const rows = byId("rows");
    const pointed = (event) => event.target.closest("[data-index]")?.dataset.index;
    const chosen = () => view.connection.packets[view.selected];
    rows.addEventListener("pointerover", (event) => {
      const index = pointed(event);
      if (index !== undefined) detail(view.connection.packets[Number(index)]);
    });
    rows.addEventListener("pointerleave", () => detail(chosen()));
    rows.addEventListener("click", (event) => {
      const index = pointed(event);
      if (index !== undefined) select(Number(index));
    });
    document.addEventListener("keydown", (event) => {
      if (event.target.closest?.("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { j: 1, k: -1 }[event.key];
      if (step) select(view.selected === null ? 0 : view.selected + step, { scroll: true });
    });
  }

  function moving() {
    let waiting = false;
    const later = (work) => () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        work();
      });
    };
    window.addEventListener("scroll", later(redrawIfMoved), { passive: true });
    window.addEventListener("resize", later(() => { redraw(); timeline(); }));
    window.addEventListener("beforeprint", redraw);
  }

  // ---- the log

  function log() {
    const choices = { "log-node": "node", "log-group": "group" };
    for (const [id, key] of Object.entries(choices)) {
      const values = [...new Set(run.log.map((line) => line[key]))].filter(Boolean).sort();
      byId(id).append(...values.map((value) => html("option", {}, value)));
      byId(id).addEventListener("change", show);
    }
    byId("log-text").addEventListener("input", show);
    show();

    function show() {
      const [node, group] = [byId("log-node").value, byId("log-group").value];
      const wanted = byId("log-text").value.toLowerCase();
      const found = run.log.filter((line) =>
        (!node || line.node === node) && (!group || line.group === group) && line.text.toLowerCase().includes(wanted));
      const shown = found.slice(0, LOG_LINES);
      byId("log-count").textContent = shown.length < found.length
        ? `the first ${shown.length} of ${found.length} lines: filter for more`
        : `${found.length} lines`;
      byId("log-lines").replaceChildren(...shown.map((line) =>
        html("tr", line.failed ? { class: "unmet" } : {},
          html("td", { class: "number" }, ms(line.t)), html("td", {}, line.node), html("td", {}, line.group),
          html("td", { class: "lines" }, `${line.failed ? "✗ " : ""}${line.text}`))));
    }
  }

  log();
  if (run.connections.length) {
    controls();
    legend();
    choose(0);
    pointing();
    moving();
    frames();
  } else {
    byId("timeline").hidden = true;
    frames();
  }
})();
