// gateway/media/prompt_library.hpp -- every prompt in the frames of every codec, made once and shared by all calls.
//
// Constant after load(): any thread. load() reads files, so it belongs to the start and to a reload, never to a call.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/media/media_messages.hpp"
#include "src/media/codec.hpp"

namespace sip2mail {

enum class BuiltInPrompt { greeting, greeting_busy, not_saved };

class PromptLibrary {
 public:
  // The built-in prompts and these WAV files (empty paths are passed over); else which file is wrong, and how.
  [[nodiscard]] static tl::expected<PromptLibrary, std::string> load(const std::vector<std::filesystem::path>& files);

  // A file that was loaded; nullptr for an empty path, or one that was not.
  [[nodiscard]] std::shared_ptr<const EncodedPrompt> file(const std::filesystem::path& path, Codec codec) const;
  // English when the language has none.
  [[nodiscard]] std::shared_ptr<const EncodedPrompt> built_in(BuiltInPrompt prompt, const std::string& language,
                                                              Codec codec) const;
  [[nodiscard]] std::shared_ptr<const EncodedPrompt> beep(Codec codec) const { return beeps_.at(codec); }

 private:
  std::map<std::tuple<std::string, BuiltInPrompt, Codec>, std::shared_ptr<const EncodedPrompt>> built_in_;
  std::map<Codec, std::shared_ptr<const EncodedPrompt>> beeps_;
  std::map<std::pair<std::filesystem::path, Codec>, std::shared_ptr<const EncodedPrompt>> files_;
};

}  // namespace sip2mail
