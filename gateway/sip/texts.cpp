#include "gateway/sip/texts.hpp"

#include <algorithm>

#include "gateway/base/clock.hpp"
#include "gateway/sip/envelope.hpp"
#include "src/text/dedupe.hpp"
#include "src/text/message.hpp"

namespace sip2mail {
namespace {

Sentence refusal(const TextRefused& why) {
  static const std::string kAccept = "Accept: " + std::string{kAcceptedTexts};
  Sentence sentence{.status = why.status, .phrase = "Unsupported Media Type", .warning = why.why};
  if (why.status == 413) sentence.phrase = "Request Entity Too Large";
  if (why.status == 415) sentence.header = kAccept.c_str();
  return sentence;
}

// Of its transaction (RFC 3261 17.2.3).
std::string_view branch_of(const Arrival& arrival) {
  const sip_via_t* via = arrival.sip->sip_via;
  return via == nullptr || via->v_branch == nullptr ? std::string_view{} : via->v_branch;
}

}  // namespace

void Texts::receive(Arrival&& arrival, const Request& request, const Resolution& resolution) {
  const auto refuse = [&](const Sentence& sentence) {
    log_.warning("message.refused", {{"peer", arrival.source.text()},
                                     {"mailbox", resolution.mailbox},
                                     {"call", request.call_id},
                                     {"status", std::to_string(sentence.status)},
                                     {"reason", sentence.warning}});
    reply(std::move(arrival), sentence);
  };
  if (resolution.source != nullptr && !resolution.source->takes_texts)
    return refuse({.status = 404,
                   .phrase = "Not Found",
                   .warning = "mailbox " + resolution.mailbox + " takes no texts: text = no in its section"});
  TextResult read =
      read_text({request.content_type, request.content_encoding, request.body}, settings_->message.max_size);
  if (const auto* refused = std::get_if<TextRefused>(&read)) return refuse(refusal(*refused));
  if (std::holds_alternative<NotMail>(read)) return reply(std::move(arrival), {.status = 200, .phrase = "OK"});

  const DedupeKey key =
      dedupe_key({request.call_id, request.cseq, request.method, request.from_tag, resolution.mailbox, request.body});
  if (const auto known = tickets_.find(key); known != tickets_.end())
    return keep_copy(kept_.at(known->second), std::move(arrival));
  // The headers weigh too, and the message is held beside what was read of it.
  const std::size_t bytes = request.body.size() + msg_size(arrival.message.get());
  if (kept_.size() >= kMostKept || bytes_ + bytes > kMostBytes)
    return refuse(unavailable(10, "too many messages wait for the disk"));

  make_compact(arrival);
  const Timestamp time = utc_now();
  const Envelope envelope = make_envelope(Kind::text, request, resolution, *settings_, time);
  const std::uint64_t ticket = ++last_ticket_;
  tickets_.emplace(key, ticket);
  Kept& kept = kept_.emplace(ticket, Kept{{}, key, envelope.mailbox, envelope.call_id, bytes}).first->second;
  kept.arrivals.push_back(std::move(arrival));
  bytes_ += bytes;
  writer_.submit([envelope, parts = std::move(std::get<TextMessage>(read).parts), key,
                  time](Store& store) { return store.put(envelope, parts, key, time); },
                 [ticket, &reports = reports_](std::variant<Stored, Refused> result) {
                   reports.push(TextStored{ticket, std::move(result)});
                 });
}

void Texts::keep_copy(Kept& kept, Arrival&& arrival) {
  const bool repeated = std::any_of(kept.arrivals.begin(), kept.arrivals.end(), [&](const Arrival& other) {
    return other.source == arrival.source && branch_of(other) == branch_of(arrival);
  });
  if (repeated || kept.arrivals.size() > kMostCopies) return;  // the answer is on its way
  make_compact(arrival);
  const std::size_t bytes = msg_size(arrival.message.get());
  if (bytes_ + bytes > kMostBytes) return;
  kept.bytes += bytes;
  bytes_ += bytes;
  kept.arrivals.push_back(std::move(arrival));
}

void Texts::on(const TextStored& report) {
  auto node = kept_.extract(report.ticket);
  if (node.empty()) return;
  Kept kept = std::move(node.mapped());
  tickets_.erase(kept.key);
  bytes_ -= kept.bytes;
  const std::string peer = kept.arrivals.front().source.text();
  if (const auto* refused = std::get_if<Refused>(&report.result)) {
    log_.error("message.refused", {{"peer", peer},
                                   {"mailbox", kept.mailbox},
                                   {"call", kept.call_id},
                                   {"status", "503"},
                                   {"reason", refused->why}});
    for (Arrival& arrival : kept.arrivals)
      reply(std::move(arrival), unavailable(10, "the message could not be stored"));
    return;
  }
  const Stored& stored = std::get<Stored>(report.result);
  for (Arrival& arrival : kept.arrivals) reply(std::move(arrival), {.status = 202, .phrase = "Accepted"});
  log_.info(stored.again ? "message.duplicate" : "message.accepted",
            {{"item", stored.id.text()}, {"mailbox", kept.mailbox}, {"peer", peer}, {"call", kept.call_id}});
}

}  // namespace sip2mail
