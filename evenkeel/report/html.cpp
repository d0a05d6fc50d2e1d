// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/html.h"

namespace evenkeel::html {
namespace {

// Colours after Okabe and Ito, told apart by colour-blind eyes, with a dash pattern each besides;
// lighter on dark.
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1c1d1f;--soft:#5b6067;--line:#dcdee1;
--grid:#e8e9eb;--good:#0a7a52;--part:#8a5a00;--bad:#b3261e;
--s0:#5f6670;--s1:#0b67b2;--s2:#c7511f;--s3:#08825f;--s4:#a8438a;--s5:#9a6b00;--s6:#2a93c4;--s7:#5b4bb5}
@media(prefers-color-scheme:dark){:root{--bg:#15171a;--card:#1d2024;--ink:#e8eaed;--soft:#a2a9b2;--line:#343940;
--grid:#2b2f35;--good:#4cc795;--part:#e0ae4a;--bad:#ff8a80;
--s0:#a9b0ba;--s1:#5cb0f5;--s2:#f59062;--s3:#3fc79b;--s4:#e58fcb;--s5:#e3b341;--s6:#86d3f5;--s7:#aea2ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1400px;margin:0 auto;padding:24px 32px 64px}
h1{font-size:1.9rem;line-height:1.2;margin:.4em 0 .3em}
h2{font-size:1.3rem;margin:2.2em 0 .5em;padding-top:.6em;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.4em 0 .6em}.card h3{margin:.1em 0 .4em}
.name{font-size:.85rem;color:var(--soft)}
p{margin:.4em 0 .8em;max-width:78ch}
.lead{color:var(--soft)}
ul{padding-left:1.2em;max-width:90ch}li{margin:.25em 0}
.headlines{list-style:none;padding:0;font-size:1.08rem}
.headlines li{padding:.45em .8em;border-left:4px solid var(--s1);background:var(--card);margin:.4em 0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:16px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px;min-width:0}
.badge{display:inline-block;font-weight:600;padding:0 .55em;border:1.5px solid currentColor;border-radius:1em}
.good{color:var(--good)}.part{color:var(--part)}.bad{color:var(--bad)}.none{color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:.3em 0 .6em;padding:0;list-style:none;font-size:.9rem}
.legend li{display:flex;align-items:center;gap:6px;margin:0}
.legend svg{width:30px;height:12px;flex:none}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--soft)}
svg .label{font-weight:600}
.grid-line{stroke:var(--grid);stroke-width:1}.axis-line{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.band{stroke:none;opacity:.16}.dot{stroke:none}
.mark{fill:none;stroke-width:2.5}
svg .end{font-size:11px;paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.line.faint{stroke-width:1;opacity:.6;stroke-dasharray:none}.frame{fill:none;stroke:var(--line)}
svg .count{fill:var(--ink);text-anchor:middle}
.thumbs{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:14px 12px}
.thumbs.small{grid-template-columns:repeat(auto-fill,minmax(52px,1fr));gap:8px}
.thumbs figure{margin:0;min-width:0}.thumbs figcaption{font-size:.82rem;line-height:1.35;color:var(--soft);overflow-wrap:anywhere}
.thumbs img{display:block;width:100%;image-rendering:pixelated;border:1px solid var(--line);border-radius:3px}
pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px;font-size:.85rem;line-height:1.45}
.pair.always{grid-template-columns:1fr 1fr;align-items:end}.card.bars{max-width:720px}.remarks{color:var(--soft)}
.card .scroll{--bg:var(--card)}svg.swatch{display:inline-block;width:30px;height:12px;margin-right:6px}
.narrow{display:none}
.scroll{overflow-x:auto;background:linear-gradient(90deg,var(--bg) 12px,transparent) 0 0/28px 100% no-repeat local,
linear-gradient(270deg,var(--bg) 12px,transparent) 100% 0/28px 100% no-repeat local,
linear-gradient(90deg,var(--line),transparent) 0 0/12px 100% no-repeat,
linear-gradient(270deg,var(--line),transparent) 100% 0/12px 100% no-repeat}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
figure.table{margin:.8em 0 0}.scroll{margin:0 0 1em}
.table figcaption{color:var(--soft);font-size:.9rem;padding:.2em 0 .3em;max-width:78ch}
th,td{padding:.3em .8em;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{color:var(--soft);font-weight:600}th:first-child,td:first-child{text-align:left}
.words th,.words td{white-space:normal;text-align:left;vertical-align:top;min-width:9em}
td small{color:var(--soft);font-size:.82em}td .bad{font-weight:600}td.best{font-weight:700}
details{margin:.6em 0}summary{cursor:pointer;color:var(--soft)}
footer{margin-top:3em;color:var(--soft);font-size:.9rem}
@media(max-width:1100px){.pair{grid-template-columns:1fr}}
@media(max-width:760px){main{padding:12px 14px 40px}.wide{display:none}.narrow{display:block}
h1{font-size:1.45rem}table{font-size:.85rem}.words table{font-size:.9rem}th,td{padding:.3em .35em}thead th{white-space:normal}.card{padding:10px}
.words thead{display:none}.words tr,.words th,.words td{display:block}.words tr{border-bottom:1px solid var(--line)}
.words th,.words td{border:0;padding:.25em 0}}
)";

// One rule a style, so that a chart only names the style of a series.
std::string series_rules() {
  constexpr const char* kDashes[kColours] = {"6 4", "none",     "none", "9 3",
                                             "2 3", "12 3 2 3", "5 2",  "3 5"};
  // A colour's variations have other dashes each, and other than "none" again.
  constexpr int kNext[kVariations] = {0, 2, 4, 6};
  std::string rules;
  for (int i = 0; i < kStyles; ++i) {
    const std::string n = std::to_string(i);
    const int colour_number = i % kColours;
    const std::string colour = "var(--s" + std::to_string(colour_number) + ")";
    const char* const dashes = kDashes[(colour_number + kNext[i / kColours]) % kColours];
    rules += ".line.s" + n + "{stroke:" + colour + ";stroke-dasharray:" + dashes + "}";
    rules += ".mark.s" + n + "{stroke:" + colour + "}";
    rules += ".band.s" + n + ",.dot.s" + n + ",.bar.s" + n + ",svg .label.s" + n +
             "{fill:" + colour + "}";
  }
  return rules;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string to_html(const Table& table, std::string_view caption) {
  // Above the part that scrolls, so that it can be read whole.
  const bool named = !caption.empty();
  std::string html;
  if (named) html += "<figure class=\"table\"><figcaption>" + escape(caption) + "</figcaption>";
  html += "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& cell : table.head) html += "<th scope=\"col\">" + cell + "</th>";
  html += "</tr></thead><tbody>";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i)
      html += i == 0 ? "<th scope=\"row\">" + row[i] + "</th>" : "<td>" + row[i] + "</td>";
    html += "</tr>\n";
  }
  html += "</tbody></table></div>";
  return html + (named ? "</figure>\n" : "\n");
}

std::string details(std::string_view summary, const std::string& content) {
  return "<details><summary>" + escape(summary) + "</summary>" + content + "</details>\n";
}

std::string page(std::string_view title, const std::string& body) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape(title) + "</title>\n<style>" + std::string(kStyle) + series_rules() +
         "</style>\n</head>\n<body>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
}

std::string svg_file(const std::string& svg) {
  constexpr std::string_view kOpen = "<svg ";
  const std::size_t inside = svg.find('>') + 1;
  if (!svg.starts_with(kOpen)) return svg;
  return std::string(kOpen) + "xmlns=\"http://www.w3.org/2000/svg\" " +
         svg.substr(kOpen.size(), inside - kOpen.size()) + "<style>" + std::string(kStyle) +
         series_rules() + "svg:root{background:var(--bg);--card:var(--bg)}</style>" +
         svg.substr(inside);
}

}  // namespace evenkeel::html
