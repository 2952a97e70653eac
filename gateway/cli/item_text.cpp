#include "gateway/cli/item_text.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

std::string length_text(const std::optional<Delay>& duration) {
  if (!duration) return {};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*duration).count();
  std::string rest = std::to_string(seconds % 60);
  if (rest.size() < 2) rest.insert(rest.begin(), '0');
  return std::to_string(seconds / 60) + ":" + rest;
}

std::string caller_text(const Envelope& envelope) {
  return envelope.caller_name.empty() ? envelope.caller : envelope.caller_name + " (" + envelope.caller + ")";
}

// Whom the row speaks of: the first that did not get it yet.
const Recipient* first_open(const Item& item) {
  const auto open = std::find_if(item.recipients.begin(), item.recipients.end(), [](const Recipient& recipient) {
    return recipient.state != RecipientState::delivered;
  });
  if (open != item.recipients.end()) return &*open;
  return item.recipients.empty() ? nullptr : &item.recipients.front();
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

}  // namespace

Table item_table() {
  return Table{{"ID", "RECEIVED", "KIND", "STATE", "MAILBOX", "CALLER", "LENGTH", "TO", "TRIES", "NEXT TRY", "REPLY"}};
}

std::vector<std::string> item_row(const Item& item, bool terminal) {
  constexpr std::size_t longest_reply = 60;
  const Envelope& envelope = item.envelope;
  std::vector<std::string> row{envelope.id.text(),
                               local_time(envelope.received),
                               std::string{to_text(envelope.kind)},
                               std::string{to_text(item.state)},
                               envelope.mailbox,
                               caller_text(envelope),
                               length_text(item.duration)};
  const Recipient* recipient = first_open(item);
  if (recipient == nullptr) {
    row.insert(row.end(), {"", "", "", ""});
    return row;
  }
  const std::size_t others = item.recipients.size() - 1;
  row.push_back(recipient->address + (others == 0 ? "" : " +" + std::to_string(others)));
  row.push_back(std::to_string(recipient->tries));
  row.push_back(recipient->state == RecipientState::waiting ? local_time(recipient->not_before) : "");
  std::string reply = printable(recipient->reply);
  if (terminal && reply.size() > longest_reply) reply = std::string{truncate_utf8(reply, longest_reply - 3)} + "…";
  row.push_back(std::move(reply));
  return row;
}

std::string item_text(const Item& item, const std::vector<PastTry>& history) {
  const Envelope& envelope = item.envelope;
  std::ostringstream out;
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out << name << std::string(12 - name.size(), ' ') << printable(value) << '\n';
  };
  line("id", envelope.id.text());
  line("kind", std::string{to_text(envelope.kind)});
  line("state", std::string{to_text(item.state)} + (item.content ? "" : " (content erased)"));
  line("mailbox", envelope.mailbox);
  line("caller", caller_text(envelope));
  line("callee", envelope.callee);
  line("reason", envelope.reason);
  line("received", local_time(envelope.received));
  line("settled", local_time(item.settled));
  line("length", length_text(item.duration));
  line("size", std::to_string(item.size));
  line("flags", joined(to_texts(envelope.flags)));
  line("call-id", envelope.call_id);
  for (const Recipient& recipient : item.recipients) {
    out << '\n';
    line("to", recipient.address);
    line("state", std::string{to_text(recipient.state)});
    line("tries", std::to_string(recipient.tries));
    if (recipient.state == RecipientState::waiting) line("next try", local_time(recipient.not_before));
    line("reply", recipient.reply);
    line("relay", recipient.relay);
  }
  if (!history.empty()) out << "\nhistory\n";
  for (const PastTry& past : history) {
    out << local_time(past.at) << "  " << past.verdict << "  "
        << (past.address.empty() ? "-" : printable(past.address));
    if (!past.reply.empty()) out << "  " << printable(past.reply) << " (" << printable(past.relay) << ")";
    out << '\n';
  }
  return out.str();
}

}  // namespace sip2mail
