#include "gateway/cli/manual.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "gateway/cli/command.hpp"
#include "gateway/config/options.hpp"

namespace sip2mail {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 14> kOptions{{
    {"--config FILE", "The configuration. Without it /config/sip2mail.conf, then /etc/sip2mail.conf; none is fine."},
    {"--set SECTION.KEY=VALUE", "One option; comes before the environment and the file. Repeatable."},
    {"--json", "One JSON object a line, times in UTC."},
    {"--state STATE,…", "recording, held, ready, failed, delivered, or all."},
    {"--mailbox ID", "Only items of this mailbox."},
    {"--kind KIND", "voicemail, text, missed, transcript, alert or test."},
    {"--all", "Every item that the command may change; with --state those in these states."},
    {"--to ADDRESS", "Of export: whose mail. Of retry: replaces the recipients that failed."},
    {"-o, --output FILE", "Where to write; without it, standard output."},
    {"--audio FILE", "A WAV file, said after the tone."},
    {"--from URI", "Who calls."},
    {"--diversion URI", "Who was called first: the mailbox that it is for. Repeatable: the latest diverter first."},
    {"--ready", "Not only alive, but ready for calls."},
    {"--format FORMAT", "sample or man."},
}};

constexpr std::array<Pair, 10> kStatuses{{
    {"0", "Done."},
    {"1", "Of health: not well; the reasons stand on standard output."},
    {"64", "The command line is wrong."},
    {"65", "What it names is wrong: no such item, a request that is none, a request that no mailbox takes."},
    {"69", "The gateway, a relay or who was called does not answer."},
    {"73", "A file or directory cannot be created or written."},
    {"74", "The disk failed."},
    {"75", "Try later: another process has the queue."},
    {"77", "Refused; of call and message: for good, as by 403 or 404."},
    {"78", "The configuration is wrong; each error stands on standard error with its file and line."},
}};

constexpr std::array<Pair, 2> kSignals{{
    {"SIGTERM, SIGINT",
     "Take no new calls (503), let those that run end, then stop. A second one cuts them; what was said is kept."},
    {"SIGHUP",
     "Read the configuration again, while calls and mail go on. A wrong one changes nothing; the log says what is "
     "wrong. "
     "What is read at the start only says so below CONFIGURATION."},
}};

constexpr std::array<Pair, 6> kFiles{{
    {"/config/sip2mail.conf, /etc/sip2mail.conf", "The configuration: the first that exists."},
    {"queue.directory/queue.db", "The queue. Back it up only while the gateway is down."},
    {"queue.directory/recordings/", "A WAV file for each voicemail."},
    {"queue.directory/lost/", "Recordings that no item knows; never deleted by the program."},
    {"queue.directory/control.sock", "By it commands speak to the gateway."},
    {"queue.directory/Maildir/", "Mail, while relay.url is not set."},
}};

constexpr std::array<Pair, 5> kEnvironment{{
    {"SIP2MAIL_SECTION_KEY", "An option, with - and . as _: SIP2MAIL_RELAY_URL."},
    {"SIP2MAIL_SECTION_KEY_FILE", "The file that holds a secret; one line end is dropped."},
    {"SIP2MAIL_MAILBOX_ID_KEY", "An option of [mailbox.ID]; the id DEFAULT is the catch-all [mailbox.*]."},
    {"SIP2MAIL_CONFIG_TEXT", "A whole configuration file; comes before the one on disk."},
    {"STATE_DIRECTORY", "Of systemd: the queue, while queue.directory is not set."},
}};

// As roff takes it: no escape, no request at the start of a line, only ASCII.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (text.substr(at).starts_with("…")) {
      out += "...";
      at += std::string_view{"…"}.size() - 1;
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (at == 0 && (c == '.' || c == '\'')) {
      out += std::string{"\\&"} + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string sentence(std::string_view words) {
  return std::string{words} + (words.ends_with('?') ? "" : ".");
}

class Page {
 public:
  void section(std::string_view name) { text_.append(".SH ").append(name).append("\n"); }
  void subsection(std::string_view name) { text_ += ".SS \"" + escaped(name) + "\"\n"; }
  void paragraph(std::string_view words) { text_ += ".PP\n" + escaped(words) + "\n"; }
  void words(std::string_view words) { text_ += escaped(words) + "\n"; }
  void entry(const std::string& bold, const std::string& plain, std::string_view meaning) {
    text_ += ".TP\n\\fB" + escaped(bold) + "\\fR" + (plain.empty() ? "" : " " + escaped(plain)) + "\n";
    words(meaning);
  }
  template <class Table>
  void entries(const Table& table) {
    for (const auto& [name, meaning] : table) entry(std::string{name}, "", meaning);
  }
  void example(std::string_view lines) { text_.append(".PP\n.EX\n").append(lines).append(".EE\n"); }
  void line(std::string_view roff) { text_.append(roff).append("\n"); }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

void write_options(Page& page) {
  std::string_view section;
  for (const Option& option : options()) {
    if (option.section != section) page.subsection("[" + std::string{section = option.section} + "]");
    std::string meaning = option.meaning_in_full();
    const std::string file = std::string{option.key} + std::string{kSecretFile};
    if (!secret_behind(option.section, file).empty()) meaning += "; or " + file + ", the file that holds it";
    page.entry(std::string{option.key}, "(" + std::string{option.form} + ")", sentence(meaning));
    if (!option.standard.empty()) page.words("Default: " + std::string{option.standard});
  }
}

}  // namespace

std::string manual_page() {
  Page page;
  page.line(".\\\" Made by: sip2mail config reference --format man");
  page.line(".TH SIP2MAIL 1 2026-11-24 \"sip2mail " SIP2MAIL_VERSION "\" \"User Commands\"");
  page.section("NAME");
  page.words("sip2mail - voicemail and SIP texts as email");
  page.section("SYNOPSIS");
  page.line(
      ".B sip2mail\n.I COMMAND\n[\\fB\\-\\-config\\fR \\fIFILE\\fR] [\\fB\\-\\-set\\fR \\fISECTION.KEY=VALUE\\fR]...");
  page.section("DESCRIPTION");
  page.words(
      "A PBX sends sip2mail the calls that nobody took. It answers, records, and mails the recording to whom it was "
      "meant for; a SIP MESSAGE becomes a mail too. What was accepted is never lost: it is committed to disk first, "
      "and stays there until the mail server has said that it took it.");
  page.section("COMMANDS");
  for (const Command& command : commands())
    page.entry(std::string{command.name}, std::string{command.arguments}, sentence(command.meaning));
  page.paragraph(
      "An ID may be any end of one that is unambiguous. - reads ids from standard input, the first word of each "
      "line or the id of a JSON object. Commands that read work while the gateway is down; those that change "
      "the queue then take its lock and write themselves. On a terminal tables are aligned, else separated by "
      "TABs; nothing at all is printed when there is nothing.");
  page.paragraph("explain reads a raw request as it came over the wire, or from a trace, and does not send anything.");
  page.section("OPTIONS");
  page.entries(kOptions);
  page.section("CONFIGURATION");
  page.words(
      "An INI file. Before it comes the environment, before that --set. Lists are comma separated; durations are "
      "written 500ms, 30s, 10m, 2h, 5d; sizes 64K, 20M, 1G. # and ; begin a comment at the start of a line or after "
      "white space; quotes protect them. A wrong key or value stops the start with file and line.");
  write_options(page);
  page.section("\"EXIT STATUS\"");
  page.entries(kStatuses);
  page.section("SIGNALS");
  page.entries(kSignals);
  page.section("ENVIRONMENT");
  page.entries(kEnvironment);
  page.section("FILES");
  page.entries(kFiles);
  page.section("EXAMPLES");
  page.example(
      "sip2mail config check\n"
      "sip2mail explain invite.txt\n"
      "sip2mail queue list \\-\\-state failed\n"
      "sip2mail queue retry \\-\\-to office@example.com 9Y2B6C1D0EF\n"
      "sip2mail queue list \\-\\-mailbox 2001 | sip2mail queue hold \\-\n");
  return std::move(page).text();
}

}  // namespace sip2mail
