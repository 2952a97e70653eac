#include "gateway/media/prompt_library.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <system_error>

#include "gateway/base/embedded.hpp"
#include "gateway/base/files.hpp"
#include "src/media/prompt.hpp"
#include "src/media/wav.hpp"

SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_en_greeting_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_en_greeting_busy_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_en_not_saved_wav)

namespace sip2mail {
namespace {

constexpr std::size_t kMostBytes = 10 * 1024 * 1024;  // five minutes at 16 kHz, and some chunks
constexpr std::array kCodecs{Codec::pcmu, Codec::pcma};

std::shared_ptr<const EncodedPrompt> encode(const WavSamples& wav, Codec codec) {
  return std::make_shared<const EncodedPrompt>(
      EncodedPrompt{encode_frames(resample(wav.samples, wav.rate, sample_rate(codec)), codec)});
}

}  // namespace

tl::expected<PromptLibrary, std::string> PromptLibrary::load(const std::vector<std::filesystem::path>& files) {
  PromptLibrary library;
  const std::array<std::pair<BuiltInPrompt, std::string_view>, 3> carried{
      {{BuiltInPrompt::greeting, SIP2MAIL_EMBEDDED(gateway_media_prompts_en_greeting_wav)},
       {BuiltInPrompt::greeting_busy, SIP2MAIL_EMBEDDED(gateway_media_prompts_en_greeting_busy_wav)},
       {BuiltInPrompt::not_saved, SIP2MAIL_EMBEDDED(gateway_media_prompts_en_not_saved_wav)}}};
  for (const auto& [prompt, bytes] : carried) {
    const auto wav = read_wav(bytes);
    assert(wav);
    for (const Codec codec : kCodecs) library.built_in_[{prompt, codec}] = encode(*wav, codec);
  }
  for (const Codec codec : kCodecs) {
    const int rate = sample_rate(codec);
    library.built_in_[{BuiltInPrompt::beep, codec}] = encode({rate, beep(rate)}, codec);
  }
  for (const std::filesystem::path& file : files) {
    if (file.empty() || library.files_.count({file, kCodecs[0]}) != 0) continue;
    try {
      const auto wav = read_wav(read_file(file, kMostBytes));
      if (!wav) return tl::unexpected<std::string>{file.string() + " " + wav.error()};
      for (const Codec codec : kCodecs) library.files_[{file, codec}] = encode(*wav, codec);
    } catch (const std::system_error& error) {
      return tl::unexpected<std::string>{error.what()};
    }
  }
  return library;
}

std::shared_ptr<const EncodedPrompt> PromptLibrary::find(const std::filesystem::path& file, BuiltInPrompt otherwise,
                                                         Codec codec) const {
  const auto found = files_.find({file, codec});
  return found == files_.end() ? built_in(otherwise, codec) : found->second;
}

std::shared_ptr<const EncodedPrompt> PromptLibrary::built_in(BuiltInPrompt prompt, Codec codec) const {
  return built_in_.at({prompt, codec});
}

}  // namespace sip2mail
