// gateway/media/media_messages.hpp -- what main asks of the media threads, and what they tell it.
//
// Values that cross in a Channel; sockets and the recording's file move with them. A CallId that a media thread does
// not know (any more) is ignored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/base/files.hpp"
#include "src/base/ids.hpp"
#include "src/base/network.hpp"
#include "src/item.hpp"
#include "src/media/codec.hpp"

namespace sip2mail {

// One prompt in the frames of one codec, 20 ms each; shared by all calls that play it.
struct EncodedPrompt {
  std::vector<std::string> frames;
};

// What main decided when it answered: fixed for the call, except what MoveSession changes.
struct SessionPlan {
  Codec codec = Codec::pcmu;
  std::uint8_t payload_type = 0;
  std::optional<std::uint8_t> event_payload_type;  // telephone-event at the codec's clock
  Endpoint remote;            // RTP address of the offer; unspecified address: hold, nothing is sent
  Address signalling_peer;    // where the INVITE came from
  bool send_at_once = false;  // remote lies in media.networks or is the signalling peer: else only after it has sent
  bool receives = true;       // false while the peer said sendonly or inactive: we send nothing
  std::shared_ptr<const EncodedPrompt> greeting;
  std::shared_ptr<const EncodedPrompt> beep;       // null: none
  std::shared_ptr<const EncodedPrompt> not_saved;  // played when the disk fails during the recording
  Delay silence{0};                                // 0: never
  Delay timeout{0};
  std::string finish_keys;
};

// main -> media. Sent in this order for one call.
struct OpenSession {  // 200 is about to go: sockets are bound, nothing is sent yet; packets are drained,
                      // dropped
  CallId call{};
  SessionPlan plan;
  Fd rtp;
  Fd rtcp;
  ItemId item;
  Fd recording;  // empty file recordings/<id>.wav
};
struct PlayPrompts {  // the ACK came: greeting, beep, then the recording begins by itself
  CallId call{};
};
struct MoveSession {  // re-INVITE, UPDATE: new address, payload types or direction
  CallId call{};
  SessionPlan plan;  // prompts in it are ignored
};
struct PressKey {  // one that came by SIP INFO: the same as in RTP
  CallId call{};
  char key = '#';
};
struct SealSession {  // last drain, last block, header, fdatasync, close; answered by Sealed, always
  CallId call{};
  bool interrupted = false;  // ended by us against the caller's will (second SIGTERM): flag of the item
};
using MediaOrder = std::variant<OpenSession, PlayPrompts, MoveSession, PressKey, SealSession>;

// media -> main.
struct PromptDone {  // recording begins now
  CallId call{};
  Timestamp at;
};
struct FinishKey {
  CallId call{};
  char key = '#';
};
struct SilenceHeard {  // plan.silence without speech, while recording
  CallId call{};
};
struct NoRtp {  // plan.timeout without any packet, from PlayPrompts on
  CallId call{};
};
struct NotSaved {  // its file cannot be written: "could not be saved" was played; hang up and seal
  CallId call{};
};
struct Sealed {  // the file is closed and durable; duration 0 when nothing was recorded
  CallId call{};
  Heard heard;
};
using MediaReport = std::variant<PromptDone, FinishKey, SilenceHeard, NoRtp, NotSaved, Sealed>;

}  // namespace sip2mail
