#include "src/mail/template.hpp"

#include <algorithm>

namespace sip2mail {
namespace {

// Colours stand inline for programs that drop <style>; those that keep it follow the reader's dark mode.
constexpr std::string_view kHead =
    R"(<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background-color: #14171a !important; }
  .card { background-color: #1e2328 !important; border-left-color: #353c44 !important; border-right-color: #353c44 !important; border-bottom-color: #353c44 !important; }
  .ink { color: #e7eaed !important; }
  .pale { color: #a0abb6 !important; }
  .rule { border-color: #353c44 !important; }
  .link { color: #7ab8f5 !important; }
  .note { background-color: #38301a !important; color: #f3e3b3 !important; }
}
</style>
)";

constexpr std::string_view kFont =
    "font-family:-apple-system,'Segoe UI',Roboto,'Hiragino Sans','Noto Sans JP','Yu Gothic "
    "UI',Meiryo,Arial,sans-serif;";

constexpr std::string_view kLarge = "font-size:21px;line-height:29px;font-weight:600;";
constexpr std::string_view kMedium = "font-size:17px;line-height:25px;";

std::string_view accent(Kind kind) {
  switch (kind) {
    case Kind::voicemail:
    case Kind::transcript:
      return "#1f6fb5";
    case Kind::text:
      return "#1a7f4b";
    case Kind::missed:
      return "#c2571a";
    case Kind::alert:
      return "#b3261e";
    case Kind::test:
      break;
  }
  return "#6b7785";
}

std::string linked(const Fact& fact) {
  if (!fact.link) return escape_html(fact.value);
  return fill(R"(<a class="link" href="{link}" style="color:#1f6fb5;text-decoration:none;">{value}</a>)",
              {{"link", escape_html(*fact.link)}, {"value", escape_html(fact.value)}});
}

std::string fact_row(const Fact& fact) {
  return fill(
      R"(<tr><td class="pale rule" valign="top" style="padding:9px 16px 9px 0;border-top:1px solid #e6e9ed;color:#66727f;white-space:nowrap;">{label}</td>)"
      R"(<td class="ink rule" valign="top" width="100%" style="padding:9px 0;border-top:1px solid #e6e9ed;color:#1d2730;overflow-wrap:anywhere;word-break:break-word;"><bdi>{value}</bdi></td></tr>)"
      "\n",
      {{"label", escape_html(fact.label)}, {"value", linked(fact)}});
}

std::string row(std::string_view style, std::string_view content) {
  return fill(R"(<tr><td style="{style}">{content}</td></tr>)"
              "\n",
              {{"style", style}, {"content", content}});
}

std::string lines_of(std::string_view text) {
  std::string lines;
  for (const char c : escape_html(text)) {
    if (c == '\n') {
      lines += "<br>";
    } else {
      lines += c;
    }
  }
  return lines;
}

// Line ends become <br>, for programs that know no pre-wrap; pre-wrap keeps the spaces.
std::string text_block(std::string_view text) {
  return fill(
      R"(<div class="ink" dir="auto" style="font-size:16px;line-height:24px;color:#1d2730;white-space:pre-wrap;overflow-wrap:anywhere;word-break:break-word;">{lines}</div>)",
      {{"lines", lines_of(text)}});
}

std::string note_block(std::string_view note) {
  return fill(
      R"(<div class="note" style="margin:0 0 8px 0;padding:10px 12px;border-radius:6px;background-color:#fdf4dc;color:#5c4708;overflow-wrap:anywhere;word-break:break-word;">{note}</div>)",
      {{"note", lines_of(note)}});
}

// Who it is from: the name large, below it the number to touch.
std::string lead(const Letter& letter) {
  std::string lines;
  for (const Fact& fact : letter.facts) {
    if (!fact.who) continue;
    lines += fill(
        R"(<div class="ink" style="{size}color:#1d2730;overflow-wrap:anywhere;word-break:break-word;"><bdi>{value}</bdi></div>)",
        {{"size", lines.empty() ? kLarge : kMedium}, {"value", linked(fact)}});
  }
  if (!lines.empty()) return lines;
  return fill(R"(<div class="ink" style="{size}color:#1d2730;overflow-wrap:anywhere;">{subject}</div>)",
              {{"size", kLarge}, {"subject", escape_html(letter.subject)}});
}

// Of an alert the first line is the subject, which stands above it.
std::string_view below_the_lead(const Letter& letter) {
  std::string_view text = *letter.text;
  if (letter.kind != Kind::alert) return text;
  const std::size_t next = text.find_first_not_of('\n', std::min(text.find('\n'), text.size()));
  return next == std::string_view::npos ? std::string_view{} : text.substr(next);
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string as_plain(const Letter& letter, const Wording& words) {
  std::string out;
  // A message comes first: it is what a list of mails shows as the beginning.
  if (letter.text) {
    out += *letter.text + "\n\n----\n";
  } else {
    out += letter.subject + "\n\n";
  }
  for (const Fact& fact : letter.facts) {
    out += fill(words.label, {{"label", fact.label}, {"value", fact.value}}) + "\n";
  }
  for (const std::string& note : letter.notes) out += "\n" + note + "\n";
  return out += "\n" + letter.footer + "\n";
}

std::string as_html(const Letter& letter) {
  const std::string font{kFont};
  std::string rows = row("padding:20px 24px 0 24px;" + font + "font-size:13px;line-height:18px;",
                         fill(R"(<span class="pale" style="color:{accent};font-weight:600;">{title}</span>)",
                              {{"accent", accent(letter.kind)}, {"title", escape_html(letter.title)}}));
  rows += row("padding:2px 24px 16px 24px;" + font, lead(letter));
  if (letter.text) rows += row("padding:0 24px 18px 24px;" + font, text_block(below_the_lead(letter)));
  if (!letter.notes.empty()) {
    std::string notes;
    for (const std::string& note : letter.notes) notes += note_block(note);
    rows += row("padding:0 24px 8px 24px;" + font + "font-size:14px;line-height:20px;", notes);
  }
  std::string facts = R"(<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%">)";
  for (const Fact& fact : letter.facts) facts += fact.who ? "" : fact_row(fact);
  rows += row("padding:0 24px 8px 24px;" + font + "font-size:15px;line-height:21px;", facts + "</table>");
  rows += row(
      "padding:6px 24px 18px 24px;" + font + "font-size:12px;line-height:16px;",
      fill(R"(<span class="pale" style="color:#66727f;">{footer}</span>)", {{"footer", escape_html(letter.footer)}}));

  std::string out = "<!DOCTYPE html>\n<html lang=\"" + escape_html(letter.language) + "\">\n<head>\n";
  out += kHead;
  out += "<title>" + escape_html(letter.subject) + "</title>\n</head>\n";
  out += R"(<body class="page" style="margin:0;padding:0;background-color:#f3f5f7;">
<table class="page" role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%" style="background-color:#f3f5f7;">
<tr><td align="center" style="padding:24px 12px;">
)";
  out += fill(R"(<table class="card" role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%" )"
              R"(style="max-width:520px;background-color:#ffffff;border:1px solid #e0e4e8;border-top:4px solid )"
              R"({accent};border-radius:8px;border-collapse:separate;text-align:left;">)"
              "\n",
              {{"accent", accent(letter.kind)}});
  out += rows;
  return out += "</table>\n</td></tr>\n</table>\n</body>\n</html>\n";
}

}  // namespace sip2mail
