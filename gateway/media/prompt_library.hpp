// gateway/media/prompt_library.hpp -- every prompt in the frames of every codec, made once and shared by all calls.
//
// Constant after load(): any thread. load() reads files, so it belongs to the start and to a reload, never to a call.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "gateway/media/media_messages.hpp"
#include "src/media/codec.hpp"

namespace sip2mail {

enum class BuiltInPrompt { greeting, greeting_busy, not_saved, beep };

class PromptLibrary {
 public:
  // The built-in prompts and these WAV files (empty paths are passed over); else which file is wrong, and how.
  [[nodiscard]] static tl::expected<PromptLibrary, std::string> load(const std::vector<std::filesystem::path>& files);

  // A file that was loaded; an empty path, or one that was not: the built-in one.
  [[nodiscard]] std::shared_ptr<const EncodedPrompt> find(const std::filesystem::path& file, BuiltInPrompt otherwise,
                                                          Codec codec) const;
  [[nodiscard]] std::shared_ptr<const EncodedPrompt> built_in(BuiltInPrompt prompt, Codec codec) const;

 private:
  std::map<std::pair<BuiltInPrompt, Codec>, std::shared_ptr<const EncodedPrompt>> built_in_;
  std::map<std::pair<std::filesystem::path, Codec>, std::shared_ptr<const EncodedPrompt>> files_;
};

}  // namespace sip2mail
