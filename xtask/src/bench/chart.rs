//! Charts as SVG, drawn by hand: readable on a light and on a dark page, without a script or a font of their own.

use std::fmt::Write as _;

/// Text and lines take the page's colours; the colours of the marks are readable on both.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#1f2328}.t{font-weight:600;font-size:14px}.s{fill:#59636e}\
.g{stroke:#d1d9e0}.ours{fill:#0969da}.limit{fill:#9a6700}.other{fill:#818b98}.l0{stroke:#0969da}.l1{stroke:#bc4c00}.l2{stroke:#1a7f37}\
.d0{fill:#0969da}.d1{fill:#bc4c00}.d2{fill:#1a7f37}.line{fill:none;stroke-width:2}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.s{fill:#9198a1}.g{stroke:#3d444d}.ours{fill:#4493f8}.limit{fill:#d29922}\
.l0{stroke:#4493f8}.l1{stroke:#db6d28}.l2{stroke:#3fb950}.d0{fill:#4493f8}.d1{fill:#db6d28}.d2{fill:#3fb950}}";

/// A bar: its label, its value, and whose it is.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) class: &'static str,
    /// What stands behind the bar.
    pub(crate) shown: String,
}

/// A group of bars with a title.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) bars: Vec<Bar>,
}

/// A line through points, in order of x.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 760.0;

/// Bars from left to right, longest first, each panel on the same logarithmic scale of values above nought.
pub(crate) fn bars(title: &str, panels: &[Panel]) -> String {
    const LEFT: f64 = 230.0;
    const ROW: f64 = 22.0;
    let values = || panels.iter().flat_map(|panel| &panel.bars).map(|bar| bar.value);
    let low = 10f64.powf(values().fold(f64::INFINITY, f64::min).log10().floor());
    let high = values().fold(low * 10.0, f64::max);
    let right = WIDTH - 130.0;
    let x = |value: f64| LEFT + (right - LEFT) * ((value / low).log10() / (high / low).log10()).max(0.002);
    let height = panels.iter().map(|panel| 34.0 + ROW * panel.bars.len() as f64).sum::<f64>() + 44.0;
    let mut svg = open(title, height);
    let mut y = 44.0;
    for panel in panels {
        let _ =
            writeln!(svg, r#"<text class="t" x="10" y="{:.0}">{}</text>"#, y + 12.0, escape(&panel.title));
        y += 24.0;
        for bar in &panel.bars {
            let _ = writeln!(
                svg,
                r#"<text x="{:.0}" y="{:.1}" text-anchor="end">{}</text><rect class="{}" x="{LEFT:.0}" y="{:.1}" width="{:.1}" height="15" rx="2"/><text class="s" x="{:.1}" y="{:.1}">{}</text>"#,
                LEFT - 8.0,
                y + 12.0,
                escape(&bar.label),
                bar.class,
                y,
                x(bar.value) - LEFT,
                x(bar.value) + 6.0,
                y + 12.0,
                escape(&bar.shown),
            );
            y += ROW;
        }
        y += 10.0;
    }
    svg + "</svg>\n"
}

/// Lines over a logarithmic x; y begins at nought.
pub(crate) fn lines(title: &str, x_label: &str, y_label: &str, series: &[Series]) -> String {
    const HEIGHT: f64 = 320.0;
    let (left, right, top, bottom) = (64.0, WIDTH - 24.0, 56.0, HEIGHT - 52.0);
    let points = || series.iter().flat_map(|series| series.points.iter().copied());
    let least = points().map(|point| point.0).fold(f64::INFINITY, f64::min).max(1e-9);
    let most = points().map(|point| point.0).fold(least * 1.001, f64::max);
    let step = nice(points().map(|point| point.1).fold(1e-9, f64::max) / 5.0);
    let high = (points().map(|point| point.1).fold(1e-9, f64::max) / step).ceil() * step;
    let x = |value: f64| left + (right - left) * (value / least).ln() / (most / least).ln();
    let y = |value: f64| bottom - (bottom - top) * value / high;
    let mut svg = open(title, HEIGHT);
    let mut grid = 0.0;
    while grid <= high + step / 2.0 {
        let _ = writeln!(
            svg,
            r#"<line class="g" x1="{left:.0}" x2="{right:.0}" y1="{0:.1}" y2="{0:.1}"/><text class="s" x="{1:.0}" y="{2:.1}" text-anchor="end">{3}</text>"#,
            y(grid),
            left - 6.0,
            y(grid) + 4.0,
            short(grid),
        );
        grid += step;
    }
    let mut ticks: Vec<f64> = points().map(|point| point.0).collect();
    ticks.sort_unstable_by(f64::total_cmp);
    ticks.dedup();
    for tick in ticks {
        let _ = writeln!(
            svg,
            r#"<text class="s" x="{:.1}" y="{:.0}" text-anchor="middle">{}</text>"#,
            x(tick),
            bottom + 18.0,
            short(tick)
        );
    }
    for (at, series) in series.iter().enumerate() {
        let class = at % 3;
        let path: Vec<String> =
            series.points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
        let _ = writeln!(svg, r#"<polyline class="line l{class}" points="{}"/>"#, path.join(" "));
        for point in &series.points {
            let _ = writeln!(
                svg,
                r#"<circle class="d{class}" cx="{:.1}" cy="{:.1}" r="3.5"/>"#,
                x(point.0),
                y(point.1)
            );
        }
        let from = left + 180.0 * at as f64;
        let _ = writeln!(
            svg,
            r#"<rect class="d{class}" x="{from:.0}" y="34" width="10" height="10" rx="2"/><text x="{:.0}" y="43">{}</text>"#,
            from + 15.0,
            escape(&series.name)
        );
    }
    let _ = writeln!(
        svg,
        r#"<text class="s" x="{:.0}" y="{:.0}" text-anchor="middle">{}</text>"#,
        f64::midpoint(left, right),
        HEIGHT - 12.0,
        escape(x_label)
    );
    let _ = writeln!(
        svg,
        r#"<text class="s" x="{right:.0}" y="22" text-anchor="end">{}</text>"#,
        escape(y_label)
    );
    svg + "</svg>\n"
}

fn open(title: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\">\n\
         <title>{0}</title><style>{STYLE}</style>\n<text class=\"t\" x=\"10\" y=\"22\">{0}</text>\n",
        escape(title)
    )
}

/// 1, 2 or 5 times a power of ten, at least the value.
fn nice(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= value).unwrap_or(power)
}

/// A number as short as it can be told.
pub(crate) fn short(value: f64) -> String {
    let (value, unit) = match value.abs() {
        v if v >= 1e6 => (value / 1e6, "M"),
        v if v >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
