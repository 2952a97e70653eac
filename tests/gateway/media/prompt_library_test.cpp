#include "gateway/media/prompt_library.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "src/media/g711.hpp"
#include "src/media/sound_level.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {
namespace {

class PromptLibraryTest : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& bytes) const {
    const auto path = directory_ / "own.wav";
    write_all(open_file(path, O_CREAT | O_WRONLY).get(), bytes, path);
    return path;
  }
  TemporaryDirectory temporary_;
  const std::filesystem::path& directory_ = temporary_.path();
};

TEST_F(PromptLibraryTest, CarriesItsOwnPromptsInEachLanguage) {
  const auto library = PromptLibrary::load({});
  ASSERT_TRUE(library) << library.error();
  for (const std::string language : {"en", "ja"}) {
    for (const auto prompt : {BuiltInPrompt::greeting, BuiltInPrompt::greeting_busy, BuiltInPrompt::not_saved}) {
      for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
        const auto encoded = library->built_in(prompt, language, codec);
        EXPECT_GT(encoded->frames.size(), 3 * 50U);
        EXPECT_LT(encoded->frames.size(), 10 * 50U);
        SoundLevel level{8000};
        for (const std::string& frame : encoded->frames) {
          ASSERT_EQ(frame.size(), 160U);
          for (const char byte : frame) level.add({{g711_decode(codec, static_cast<std::uint8_t>(byte))}});
        }
        EXPECT_GT(level.loudest_dbfs(), -16) << language;
        EXPECT_TRUE(level.speech());
      }
    }
  }
  EXPECT_EQ(library->beep(Codec::pcmu)->frames.size(), 20U);
}

TEST_F(PromptLibraryTest, SpeaksEnglishWhereALanguageHasNoPrompts) {
  const auto library = PromptLibrary::load({});
  ASSERT_TRUE(library) << library.error();
  const auto english = library->built_in(BuiltInPrompt::greeting, "en", Codec::pcmu);
  EXPECT_EQ(library->built_in(BuiltInPrompt::greeting, "tlh", Codec::pcmu), english);
  EXPECT_NE(library->built_in(BuiltInPrompt::greeting, "ja", Codec::pcmu), english);
}

TEST_F(PromptLibraryTest, SharesOneEncodingAmongAllCalls) {
  const auto path = file(wav_header({16000, 640}) + std::string(640, '\x10'));
  const auto library = PromptLibrary::load({path, {}, path});
  ASSERT_TRUE(library) << library.error();
  const auto own = library->file(path, Codec::pcma);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->frames.size(), 1U);
  EXPECT_EQ(own, library->file(path, Codec::pcma));
  EXPECT_FALSE(library->file({}, Codec::pcma));
  EXPECT_FALSE(library->file(directory_ / "other.wav", Codec::pcma));
}

TEST_F(PromptLibraryTest, SaysWhichFileIsWrong) {
  const auto path = file("this is no sound");
  EXPECT_EQ(PromptLibrary::load({path}).error(), path.string() + " is no WAV file");
  EXPECT_NE(PromptLibrary::load({directory_ / "none.wav"}).error().find("none.wav"), std::string::npos);
}

}  // namespace
}  // namespace sip2mail
