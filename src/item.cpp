#include "src/item.hpp"

#include <array>
#include <utility>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::array<std::string_view, 6> kKinds{"voicemail", "text", "missed", "transcript", "alert", "test"};
constexpr std::array<std::string_view, 5> kStates{"recording", "held", "ready", "failed", "delivered"};
constexpr std::array<std::string_view, 3> kRecipientStates{"waiting", "delivered", "failed"};
constexpr std::array<std::pair<std::string_view, bool Flags::*>, 4> kFlags{{{"interrupted", &Flags::interrupted},
                                                                            {"no-speech", &Flags::no_speech},
                                                                            {"poor-audio", &Flags::poor_audio},
                                                                            {"unverified", &Flags::unverified}}};

template <class Value, std::size_t N>
std::optional<Value> find(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Value>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view to_text(State state) {
  return kStates[static_cast<std::size_t>(state)];
}
std::string_view to_text(RecipientState state) {
  return kRecipientStates[static_cast<std::size_t>(state)];
}
std::optional<Kind> parse_kind(std::string_view text) {
  return find<Kind>(kKinds, text);
}
std::optional<State> parse_state(std::string_view text) {
  return find<State>(kStates, text);
}

std::vector<std::string> to_texts(const Flags& flags) {
  std::vector<std::string> texts;
  for (const auto& [name, flag] : kFlags) {
    if (flags.*flag) texts.emplace_back(name);
  }
  return texts;
}

Flags parse_flags(std::string_view comma_separated) {
  Flags flags;
  for (const std::string& text : split_list(comma_separated)) {
    for (const auto& [name, flag] : kFlags) {
      if (text == name) flags.*flag = true;
    }
  }
  return flags;
}

}  // namespace sip2mail
