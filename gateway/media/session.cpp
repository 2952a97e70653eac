#include "gateway/media/session.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "gateway/base/sockets.hpp"
#include "src/media/g711.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kBlock = 8 * 1024;
// A block that is not full goes after so long; with 100 ms between two drains and 100 ms in which packets may overtake
// each other, no sound is older than 500 ms when the recorder gets it.
constexpr Delay kOldestBlock{200};
constexpr unsigned kDrainsPerRtcp = 5;  // a sign of life that is half a second late is as good
constexpr Delay kWaitForTarget = 1s;
constexpr int kMostBatches = 8;  // of a flood, in one drain; the rest is the kernel's to drop

OwnMedia with_address_of(int socket, OwnMedia own) {
  try {
    own.addresses.push_back(local_endpoint(socket).address);
  } catch (const std::system_error&) {  // no socket: then nothing can be sent either
  }
  return own;
}

}  // namespace

Session::Session(OpenSession open, MediaContext& context, Channel<CallId>& failures, Instant now)
    : call_{open.call},
      plan_{std::move(open.plan)},
      prompt_codec_{plan_.codec},
      rtp_{std::move(open.rtp)},
      rtcp_{std::move(open.rtcp)},
      context_{context},
      source_{plan_.remote, plan_.signalling_peer, plan_.send_at_once, with_address_of(rtp_.get(), context.own)},
      timeline_{sample_rate(plan_.codec)},
      level_{sample_rate(plan_.codec)} {
  block_.reserve(kBlock);
  context_.recorder.begin(call_, std::move(open.recording), sample_rate(plan_.codec), failures, now);
}

void Session::play(Instant now) {
  if (phase_ != Phase::opened) return;  // a repeated ACK
  heard_ = now;
  send_anyway_ = now + kWaitForTarget;
  phase_ = Phase::waiting;
  if (disk_failed_) fail(now);
}

void Session::move(const SessionPlan& plan, Instant now) {
  source_.move(plan.remote, plan.signalling_peer, plan.send_at_once);
  plan_.codec = plan.codec;
  plan_.payload_type = plan.payload_type;
  plan_.event_payload_type = plan.event_payload_type;
  plan_.remote = plan.remote;
  plan_.signalling_peer = plan.signalling_peer;
  plan_.send_at_once = plan.send_at_once;
  plan_.receives = plan.receives;
  heard_ = std::max(heard_, now);
  silence_from_ = std::max(silence_from_, now);
}

void Session::fail(Instant now) {
  disk_failed_ = true;
  if (phase_ == Phase::opened || phase_ == Phase::apologizing || phase_ == Phase::over) return;
  phase_ = Phase::apologizing;
  player_.play({plan_.not_saved}, now);
}

void Session::tick(Instant now, Timestamp utc) {
  if (phase_ == Phase::waiting && ((plan_.receives && source_.target()) || now >= send_anyway_)) {
    phase_ = Phase::prompting;
    player_.play({plan_.greeting, plan_.beep}, now);
  }
  if (phase_ != Phase::prompting && phase_ != Phase::apologizing) return;
  if (const auto frame = player_.next(now)) send(*frame);
  if (!player_.done(now)) return;
  if (phase_ == Phase::prompting) {
    begin_recording(player_.end(), now, utc);
  } else {
    phase_ = Phase::over;
    report(NotSaved{call_});
  }
}

void Session::begin_recording(Instant start, Instant now, Timestamp utc) {
  phase_ = Phase::recording;
  timeline_.begin(start);
  silence_from_ = start;
  report(PromptDone{call_, utc - std::chrono::floor<Delay>(now - start)});
}

void Session::send(const Player::Frame& frame) {
  const auto target = plan_.receives ? source_.target() : std::nullopt;
  if (!target) return;
  RtpPacket packet = frame.packet;
  packet.payload_type = plan_.payload_type;
  auto header = rtp_header(packet);
  std::array<char, 320> payload{};
  const std::size_t length = frame.payload.copy(payload.data(), payload.size());
  if (plan_.codec != prompt_codec_) {  // a re-INVITE changed it
    for (char& byte : std::span{payload}.first(length))
      byte = static_cast<char>(g711_encode(plan_.codec, g711_decode(prompt_codec_, static_cast<std::uint8_t>(byte))));
  }
  SocketAddress to = to_sockaddr(*target);
  std::array<iovec, 2> pieces{{{header.data(), header.size()}, {payload.data(), length}}};
  msghdr message{};
  message.msg_name = &to.storage;
  message.msg_namelen = to.length;
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  // A full buffer or an unreachable peer loses a frame, as the network would.
  [[maybe_unused]] const auto sent = ::sendmsg(rtp_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Session::drain(Receiver& receiver, Instant now) {
  receive_all(receiver, now);
  keep(timeline_.settled(now), now);
  if (phase_ == Phase::recording) {
    if (!block_.empty() && now - block_began_ >= kOldestBlock) flush(now);
    judge_silence(now);
  }
  const bool listening = phase_ == Phase::waiting || phase_ == Phase::prompting || phase_ == Phase::recording;
  if (!plan_.receives) heard_ = now;  // a peer on hold need not send
  if (listening && plan_.timeout > 0s && now - heard_ >= plan_.timeout && !std::exchange(told_no_rtp_, true))
    report(NoRtp{call_});
}

void Session::receive_all(Receiver& receiver, Instant now) {
  for (int batch = 0; batch < kMostBatches; ++batch) {
    const auto received = receiver.receive(rtp_.get());
    for (const Datagram& datagram : received.datagrams) take(datagram, now);
    if (!received.more) break;
  }
  if (drains_++ % kDrainsPerRtcp != 0) return;
  for (const Datagram& datagram : receiver.receive(rtcp_.get()).datagrams) {
    if (source_.is_of_the_call(datagram.source.address)) heard_ = now;
  }
}

void Session::take(const Datagram& datagram, Instant now) {
  if (looks_like_rtcp(datagram.bytes)) {
    if (source_.is_of_the_call(datagram.source.address)) heard_ = now;
    return;
  }
  const auto packet = parse_rtp(datagram.bytes);
  if (!packet) return;
  if (!source_.accepts(datagram.source, now)) {
    context_.counters.foreign.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  heard_ = now;
  std::array<std::int16_t, 1600> samples;  // no datagram holds more; only what is decoded is read
  std::size_t length = 0;
  const std::uint8_t type = packet->payload_type;
  if (type == plan_.event_payload_type) {
    if (const auto key = events_.on(*packet)) press(*key, now);
  } else if (type == plan_.payload_type || type == 0 || type == 8) {
    // Some send their own favourite whatever was agreed on; the static types leave no doubt.
    const Codec codec = type == plan_.payload_type ? plan_.codec : type == 0 ? Codec::pcmu : Codec::pcma;
    length = packet->payload.size();
    g711_decode(codec, packet->payload, samples);
  }
  timeline_.add(*packet, std::span{samples}.first(length), now);
}

void Session::press(char key, Instant now) {
  if (plan_.finish_keys.find(key) == std::string::npos) return;
  if (phase_ == Phase::waiting || phase_ == Phase::prompting) {  // who knows the greeting need not hear it
    if (std::exchange(skipped_, true)) return;                   // else a key held down would hold the line for ever
    phase_ = Phase::prompting;
    player_.play({plan_.beep}, now);
  } else if (phase_ == Phase::recording && !std::exchange(told_key_, true)) {
    report(FinishKey{call_, key});
  }
}

void Session::keep(std::span<const std::int16_t> samples, Instant now) {
  level_.add(samples);
  if (disk_failed_) return;
  while (!samples.empty()) {
    if (block_.empty()) block_began_ = now;
    const auto part = samples.first(std::min(samples.size(), (kBlock - block_.size()) / 2));
    std::size_t at = block_.size();
    block_.resize(at + part.size() * 2);
    for (const std::int16_t sample : part) {  // WAV is little endian
      block_[at++] = static_cast<char>(sample & 0xFF);
      block_[at++] = static_cast<char>(sample >> 8);
    }
    if (block_.size() == kBlock) flush(now);
    samples = samples.subspan(part.size());
  }
}

void Session::flush(Instant now) {
  if (block_.empty()) return;
  context_.recorder.write(call_, std::exchange(block_, {}), now);
  block_.reserve(kBlock);
}

void Session::judge_silence(Instant now) {
  if (!plan_.receives) silence_from_ = now;  // on hold
  if (plan_.silence <= 0s || told_silence_) return;
  const auto quiet = std::min<Instant::duration>(level_.silent_for() + timeline_.waiting(now), now - silence_from_);
  if (quiet < plan_.silence) return;
  told_silence_ = true;
  report(SilenceHeard{call_});
}

void Session::seal(Receiver& receiver, bool interrupted, Instant now) {
  receive_all(receiver, now);
  keep(timeline_.finish(now), now);
  flush(now);
  const auto& counts = timeline_.counts();
  const auto add = [](std::atomic<std::uint64_t>& counter, std::int64_t n) {
    counter.fetch_add(static_cast<std::uint64_t>(n), std::memory_order_relaxed);
  };
  add(context_.counters.recorded, counts.recorded);
  add(context_.counters.late, counts.late);
  add(context_.counters.lost, counts.lost());
  Heard heard;
  heard.level_dbfs = level_.loudest_dbfs();
  heard.flags.interrupted = interrupted || disk_failed_;
  heard.flags.no_speech = !level_.speech();
  heard.flags.poor_audio = counts.expected >= 50 && (counts.lost() + counts.late) * 20 > counts.expected;
  context_.recorder.end(call_, heard, now);
}

}  // namespace sip2mail
