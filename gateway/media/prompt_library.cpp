#include "gateway/media/prompt_library.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <system_error>

#include "gateway/base/embedded.hpp"
#include "gateway/base/files.hpp"
#include "src/audio/resampler.hpp"
#include "src/media/prompt.hpp"
#include "src/media/wav.hpp"

SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_en_greeting_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_en_greeting_busy_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_en_not_saved_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_ja_greeting_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_ja_greeting_busy_wav)
SIP2MAIL_DECLARE_EMBEDDED(gateway_media_prompts_ja_not_saved_wav)

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
  struct Carried {
    const char* language;
    BuiltInPrompt prompt;
    std::string_view bytes;
  };
  const std::array<Carried, 6> carried{
      {{"en", BuiltInPrompt::greeting, SIP2MAIL_EMBEDDED(gateway_media_prompts_en_greeting_wav)},
       {"en", BuiltInPrompt::greeting_busy, SIP2MAIL_EMBEDDED(gateway_media_prompts_en_greeting_busy_wav)},
       {"en", BuiltInPrompt::not_saved, SIP2MAIL_EMBEDDED(gateway_media_prompts_en_not_saved_wav)},
       {"ja", BuiltInPrompt::greeting, SIP2MAIL_EMBEDDED(gateway_media_prompts_ja_greeting_wav)},
       {"ja", BuiltInPrompt::greeting_busy, SIP2MAIL_EMBEDDED(gateway_media_prompts_ja_greeting_busy_wav)},
       {"ja", BuiltInPrompt::not_saved, SIP2MAIL_EMBEDDED(gateway_media_prompts_ja_not_saved_wav)}}};
  for (const auto& [language, prompt, bytes] : carried) {
    const auto wav = read_wav(bytes);
    assert(wav);
    for (const Codec codec : kCodecs) library.built_in_[{language, prompt, codec}] = encode(*wav, codec);
  }
  for (const Codec codec : kCodecs) {
    const int rate = sample_rate(codec);
    library.beeps_[codec] = encode({rate, sip2mail::beep(rate)}, codec);
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

std::shared_ptr<const EncodedPrompt> PromptLibrary::file(const std::filesystem::path& path, Codec codec) const {
  const auto found = files_.find({path, codec});
  return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<const EncodedPrompt> PromptLibrary::built_in(BuiltInPrompt prompt, const std::string& language,
                                                             Codec codec) const {
  const auto found = built_in_.find({language, prompt, codec});
  return found == built_in_.end() ? built_in_.at({"en", prompt, codec}) : found->second;
}

}  // namespace sip2mail
