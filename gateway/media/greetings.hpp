// gateway/media/greetings.hpp -- which sound answers a call: the files that the settings name, and the choice of them.
//
// Constant once made, any thread. Making it reads the files, so it belongs to the start and to a reload, never to a
// call; it throws what is wrong with which file.
#pragma once

#include <memory>
#include <string>

#include "gateway/config/settings.hpp"
#include "gateway/media/prompt_library.hpp"

namespace sip2mail {

struct Prompts {
  std::shared_ptr<const EncodedPrompt> greeting;
  std::shared_ptr<const EncodedPrompt> beep;
  std::shared_ptr<const EncodedPrompt> not_saved;
};

class Greetings {
 public:
  explicit Greetings(const Settings& settings);

  // The mailbox's own before the gateway's before the built-in one of the language. `mailbox` may be null, `reason` is
  // that of Resolution. A file that was not loaded, as a reload took it away, is passed over.
  [[nodiscard]] Prompts choose(const Settings& settings, const Mailbox* mailbox, const std::string& reason,
                               Codec codec) const;

 private:
  const PromptLibrary library_;
};

}  // namespace sip2mail
